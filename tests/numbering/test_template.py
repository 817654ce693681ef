"""附件1 as a workbook: the notice's form to the letter, with help where people type (A1)."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.numbering.conftest import set_rule
from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.formulas import ExcelError, evaluate
from tests.support.pages import text_of, workbook
from tests.support.working import worked
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.audit.models import AuditEvent
from zhicheng.registers.models import GivenNumber, Register
from zhicheng.registers.prefilling import qualification_names
from zhicheng.registers.template_book import ID_NUMBER_CHECK, template_book
from zhicheng.values.id_number import check_digit, problems
from zhicheng.web.clauses import CLAUSES

PAGE = "/registers/template/prefilled/"


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def validations(sheet: Any) -> dict[str, Any]:
    """Data validations by the column letter."""
    return {str(item.sqref)[0]: item for item in sheet.data_validations.dataValidation}


def document_of(filing: Filing) -> ApprovalDocument:
    return ApprovalDocument.objects.latest("pk")


def test_a1_the_form_is_the_notices_to_the_letter(log_in: LogIn) -> None:
    assert CLAUSES["A1"]
    book = opened(log_in("hospital", "clerk").get("/registers/template/").content)
    sheet = book["登记表"]
    assert sheet["A1"].value == "附件1"
    assert sheet["A2"].value == (
        f"（山城第一人民医院）{timezone.localdate().year}年度职称证书领取、办理登记表"
    )
    line = [sheet[cell].value for cell in ("A3", "E3", "H3", "J3")]
    assert line == [
        "填报单位（签章） 山城第一人民医院",
        "区县、主管部门（签章） 市卫生健康委",
        "填报人：",
        "联系电话：",
    ]
    assert [cell.value for cell in sheet[4]] == (
        "序号 证书编号 工作单位 主管部门 姓名 性别 身份证号码 专业名称 资格名称 批准时间 批准文号"
    ).split()
    assert sheet["A105"].value == (
        "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，"
        "须经主管部门签章后报送。3.此表须同时报送纸质件、excle格式电子件。"
    )
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$4:$4" and sheet.freeze_panes == "A5"
    # Whatever Excel would spoil is text: numbers keep their digits and leading zeros.
    assert {sheet.cell(5, column).number_format for column in range(1, 12)} == {"@"}


def test_drop_downs_lie_on_a_hidden_sheet(filing: Filing, log_in: LogIn) -> None:
    filing.lines(2)
    filing.self_review(filing.city.enterprise)
    filing.lines(1, mode="自主评审", department=filing.city.enterprise.name, number=77)
    book = opened(log_in("hospital", "clerk").get("/registers/template/").content)
    lists = book["选项"]
    assert lists.sheet_state == "hidden"
    found = validations(book["登记表"])
    assert found["F"].formula1 == '"男,女"'
    names = qualification_names()
    assert found["I"].formula1 == f"选项!$A$1:$A${len(names)}"
    assert [cell.value for cell in lists["A"]] == names and "主治医师" in names
    documents = [cell.value for cell in lists["B"] if cell.value]
    assert document_of(filing).number not in documents  # self-managed: no unified certificates
    assert documents == [ApprovalDocument.objects.earliest("pk").number]
    assert found["I"].errorStyle == "warning" and found["G"].errorStyle in (None, "stop")
    assert "校验码" in found["G"].error


def accepted(number: str) -> bool:
    """Whether the template's formula takes the number; Excel takes an error for a no."""
    formula = ID_NUMBER_CHECK.format(cell="G5", rows="选项!$A$1:$A$17")
    try:
        return bool(evaluate(formula, {"G5": number}))
    except ExcelError:
        return False


def test_the_formula_of_the_file_is_the_one_that_is_tried_here_and_short_enough() -> None:
    sheet = opened(template_book(unit="甲", department="", year=2026))["登记表"]
    formula = validations(sheet)["G"].formula1
    assert "=" + formula == ID_NUMBER_CHECK.format(cell="G5", rows="选项!$A$1:$A$17")
    assert len(formula) <= 255  # Excel's limit for a validation
    assert "{" not in formula  # it allows no array constants there either


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("500103198502141014", True),
        ("50010319850214109X", True),
        ("50010319850214109x", True),
        ("810000199001010019", check_digit("81000019900101001") == "9"),
        ("E12345678", True),
        ("CHN110000123456", True),
        ("500103198502141015", False),
        ("500130198502141014", False),
        ("50010319850214101", False),
        ("5001031985021410144", False),
        ("50010319850230101" + check_digit("50010319850230101"), False),
        ("5001031985O2141014", False),
        ("500103850214101", False),
        ("张三", False),
        ("", False),
    ],
)
def test_the_id_number_formula_takes_good_numbers_and_no_others(number: str, good: bool) -> None:
    assert accepted(number) == good


@given(
    st.dates(min_value=date(1930, 1, 1)).filter(lambda d: d.year < 2010),
    st.integers(0, 999),
    st.integers(0, 17),
    st.integers(1, 9),
)
@settings(max_examples=150, deadline=None)
def test_formula_and_check_agree_on_every_single_error(
    born: Any, order: int, at: int, by: int
) -> None:
    first17 = f"500103{born:%Y%m%d}{order:03d}"
    number = first17 + check_digit(first17)
    today = date(2026, 6, 1)
    assert accepted(number) and not problems(number, today)
    if number[at].isdigit():
        wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
        assert not accepted(wrong) and problems(wrong, today)


def test_a_prefilled_template_uploaded_again_has_no_finding(filing: Filing, log_in: LogIn) -> None:
    """Choose the document, get everything, send it: nothing to correct."""
    set_rule(filing.city)
    lines = filing.lines(3)
    clerk = log_in("hospital", "clerk")
    page = text_of(clerk.get(PAGE))
    document = document_of(filing)
    assert document.number in page and "下载空白模板" in page
    answer = clerk.post(
        PAGE,
        {
            "document": document.pk,
            "year": 2026,
            "id_numbers": "on",
            "reason": "填报2026年度登记表",
            "numbers": "on",
        },
    )
    sheet = opened(answer.content)["登记表"]
    assert [sheet.cell(5, column).value for column in (1, 2, 5, 7)] == [
        "1",
        "W2026Z00001",
        lines[0].listed.person.name,
        lines[0].listed.person.id_number,
    ]
    assert sheet["H3"].value == "填报人：hospital.clerk"
    events = {event.tag: event for event in AuditEvent.objects.order_by("-sequence")[:3]}
    unmasked = events["any:person:unmask"]
    assert unmasked.data == {
        "purpose": "template",
        "reason": "填报2026年度登记表",
        "count": 3,
    }
    assert len(unmasked.row_ids) == 3
    assert events["any:list:export"].data["documents"] == [document.number]
    assert events["unit:certificate_number:assign"].data["count"] == 3
    assert set(GivenNumber.objects.values_list("settled", "purpose")) == {(True, "template")}

    sent = {"file": workbook(answer.content), "year": 2026}
    answer = worked(clerk, clerk.post("/registers/new/", sent))
    assert "已读入 3 人，没有错误" in text_of(answer)
    register = Register.objects.get()
    assert not register.findings.exists()
    assert register.filler == "hospital.clerk"


def test_without_a_reason_no_whole_number_leaves_the_house(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    clerk = log_in("hospital", "clerk")
    asked = {"document": document_of(filing).pk, "year": 2026}
    refused = clerk.post(PAGE, {**asked, "id_numbers": "on", "reason": " "})
    assert refused.status_code == 422 and "须写明用途" in text_of(refused)
    content = clerk.post(PAGE, asked).content
    sheet = opened(content)["登记表"]
    assert sheet["E5"].value == lines[0].listed.person.name and sheet["G5"].value is None
    tags = set(AuditEvent.objects.values_list("tag", flat=True))
    assert "any:person:unmask" not in tags and "any:list:export" in tags
    # Filled in by hand it is the only thing that was missing; the certificate numbers too.
    sent = {"file": workbook(content), "year": 2026}
    worked(clerk, clerk.post("/registers/new/", sent))
    codes = set(Register.objects.get().findings.values_list("code", "column"))
    assert codes == {("required", "身份证号码"), ("required", "证书编号")}


def test_people_on_a_register_are_not_filled_in_again(filing: Filing, log_in: LogIn) -> None:
    filing.upload(filing.lines(1))
    answer = log_in("hospital", "clerk").post(
        PAGE, {"document": document_of(filing).pk, "year": 2026}
    )
    assert answer.status_code == 422
    assert "没有本单位尚未登记的人员" in text_of(answer)


@pytest.mark.parametrize(
    "who", [("hospital", "officer"), ("office", "clerk"), ("office", "auditor")]
)
def test_only_the_clerk_of_a_unit_prefills(
    filing: Filing, log_in: LogIn, who: tuple[str, str]
) -> None:
    filing.lines(1)
    client = log_in(*who)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"document": document_of(filing).pk, "year": 2026}).status_code == 403
