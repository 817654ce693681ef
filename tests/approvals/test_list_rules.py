"""The list of approval documents: a finding for every fault, and nothing of a faulty row taken."""

from datetime import date
from typing import Any

import pytest

from zhicheng.approvals.reading import COLUMNS, ListRow
from zhicheng.approvals.rules import ListResult, check_list
from zhicheng.reference.catalog import load_catalog

TODAY = date(2026, 11, 24)
GOOD: dict[str, Any] = {
    "document_number": "渝卫职改〔2026〕1号",
    "department": "市卫生健康委",
    "review_mode": "委员会评审",
    "channel": "线下",
    "approval_date": "2026-03-18",
    "name": "张三",
    "sex": "女",
    "id_number": "11010519491231002X",
    "work_unit": "山城医院",
    "qualification": "主治医师",
    "specialty": "内科学",
    "series": "卫生技术人员",
    "level": "中级",
    "issued_on": "2026-04-02",
    "review_unit": "",
}
OTHER_ID = "440524188001010014"[:6] + "19800101001" + "0"


def rows(*changes: dict[str, Any]) -> list[ListRow]:
    return [
        ListRow(number, [{**GOOD, **change}[column.key] for column in COLUMNS])
        for number, change in enumerate(changes, start=2)
    ]


def check(*changes: dict[str, Any]) -> ListResult:
    return check_list(rows(*changes), catalog=load_catalog(), today=TODAY)


def codes(result: ListResult) -> list[tuple[int | None, str, str]]:
    return [(found.row, found.column, found.code) for found in result.findings]


def test_a_good_row() -> None:
    result = check({})
    assert result.findings == []
    (person,) = result.people
    assert (person.level, person.grade, person.id_kind) == (
        "intermediate",
        "intermediate",
        "resident",
    )
    assert person.approval_date == date(2026, 3, 18)
    document = result.documents["渝卫职改〔2026〕1号"]
    assert (document.review_mode, document.channel) == ("committee", "paper")
    assert document.issued_on == date(2026, 4, 2)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"name": None}, "姓名", "required"),
        ({"specialty": ""}, "申报资格专业方向", "required"),
        ({"department": None}, "核准部门", "required"),
        ({"name": "张?"}, "姓名", "name.malformed"),
        ({"sex": "未知"}, "性别", "sex.malformed"),
        ({"sex": "男"}, "性别", "sex.mismatch_id_number"),
        ({"id_number": "110105194912310021"}, "身份证号码", "id_number.checksum"),
        ({"id_number": 11010519491231002.0}, "身份证号码", "id_number.precision_lost"),
        ({"id_number": "1101"}, "身份证号码", "id_number.malformed"),
        ({"document_number": "渝卫2026"}, "批准文号", "document_number.malformed"),
        ({"approval_date": "2026年3月"}, "批准时间", "date.malformed"),
        ({"approval_date": "2027-01-01"}, "批准时间", "date.malformed"),
        ({"issued_on": "不详"}, "发文日期", "date.malformed"),
        ({"review_mode": "会议评审"}, "评审方式", "review_mode.unknown"),
        ({"channel": "网上"}, "申报渠道", "channel.unknown"),
        ({"level": "超高级"}, "级别", "level.unknown"),
        ({"level": "副高级"}, "级别", "level.contradicts_name"),
        ({"qualification": "首席医疗师", "level": None}, "资格名称", "qualification.unknown"),
        ({"qualification": "高级教师", "series": None, "level": None}, "级别", "level.ambiguous"),
        ({"work_unit": "长" * 201}, "工作单位", "text.too_long"),
    ],
)
def test_one_fault_one_finding_and_the_row_is_not_taken(
    change: dict[str, Any], column: str, code: str
) -> None:
    result = check(change)
    assert codes(result) == [(2, column, code)]
    assert result.errors == 1
    assert result.people == []


@pytest.mark.parametrize(
    ("change", "level", "grade"),
    [
        ({"qualification": "一级演员", "series": None, "level": None}, "senior_full", "senior"),
        ({"qualification": "一级翻译", "series": None, "level": None}, "senior_deputy", "senior"),
        (
            {"qualification": "高级工程师", "series": None, "level": "高级"},
            "senior_deputy",
            "senior",
        ),
        (
            {"qualification": "高级教师", "series": "中小学教师", "level": None},
            "senior_deputy",
            "senior",
        ),
        (
            {"qualification": "高级教师", "series": "小学教师", "level": None},
            "intermediate",
            "intermediate",
        ),
        ({"qualification": "医士", "series": None, "level": "初级"}, "technician", "junior"),
    ],
)
def test_level_and_grade_are_certain(change: dict[str, Any], level: str, grade: str) -> None:
    (person,) = check(change).people
    assert (person.level, person.grade) == (level, grade)


def test_an_unknown_title_with_a_stated_level_is_taken_with_a_warning() -> None:
    result = check({"qualification": "首席医疗师", "level": "正高级"})
    assert [(found.code, found.severity) for found in result.findings] == [
        ("qualification.unknown", "warning")
    ]
    assert result.people[0].grade == "senior"


def test_rows_of_a_document_agree_on_it() -> None:
    result = check({}, {"id_number": "440524198001010012", "sex": "男", "channel": "线上"})
    assert (3, "申报渠道", "document.inconsistent") in codes(result)
    assert "第2行" in result.findings[-1].message


def test_nobody_is_listed_twice_for_the_same_title() -> None:
    result = check({}, {})
    assert codes(result) == [(3, "身份证号码", "person.duplicate")]
    assert check({}, {"specialty": "外科学"}).errors == 0


def test_passports_are_taken_and_tell_no_sex() -> None:
    (person,) = check({"id_number": "E12345678", "sex": "男"}).people
    assert person.id_kind == "passport"


def test_tidying_is_told() -> None:
    result = check({"name": "张 三", "document_number": "渝卫职改[2026]第1号"})
    assert codes(result) == [(2, "批准文号", "tidied.brackets"), (2, "姓名", "tidied.spaces")]
    assert result.people[0].name == "张三"


def test_no_finding_shows_an_id_number() -> None:
    for number in ("110105194912310021", "11010519491331002X", "1101051949123100"):
        for finding in check({"id_number": number, "name": number}).findings:
            text = f"{finding.value}{finding.suggestion}{finding.message}"
            assert number not in text
