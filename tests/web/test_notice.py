"""The notice stands in the product word for word, and every clause is found in it."""

from collections.abc import Callable

import pytest
from django.test import Client

from zhicheng.organizations.permissions import Role
from zhicheng.registers.columns import COLUMNS
from zhicheng.web.clauses import CLAUSES
from zhicheng.web.notice import notice, notice_text, without_spaces

LogIn = Callable[[Role], Client]


def test_every_clause_is_the_notices_own_words() -> None:
    words = without_spaces(notice_text())
    assert list(CLAUSES) == [*(f"N{number}" for number in range(1, 21)), "A1", "A2"]
    for name, clause in CLAUSES.items():
        assert clause.parts
        for part in clause.parts:
            assert without_spaces(part) in words, name


def test_the_page_shows_the_notice_whole_and_an_anchor_for_each_clause(client: Client) -> None:
    page = client.get("/notice/").content.decode()
    for name in CLAUSES:
        assert f'id="{name}"' in page
    shown = notice()
    body = "".join(paragraph.text for paragraph in shown.body)
    whole = "".join((shown.number, shown.issuer, shown.title, shown.addressees, body))
    assert without_spaces(notice_text()).startswith(without_spaces(whole))
    for paragraph in shown.body:
        assert paragraph.text in page


def test_every_clause_is_quoted_at_its_place() -> None:
    quoted = {name for paragraph in notice().body for name in paragraph.clauses}
    assert quoted == {name for name in CLAUSES if name.startswith("N")}


def test_a1_and_a2_are_shown_with_their_columns_and_fields() -> None:
    shown = notice()
    assert shown.register_columns == ("序号", *(column.title for column in COLUMNS))
    assert shown.register_title == "(区县、部门、单位） 年度职称证书领取、办理登记表"
    assert "须经主管部门签章后报送" in shown.register_notes
    assert shown.application_fields == (
        "姓名",
        "性别",
        "出生年月",
        "身份证号码",
        "联系电话",
        "补办（换发）理由",
        "□补办□换发",
        "遗失登报报纸名称及时间",
        "原证书编号",
        "新证书编号",
        "专业名称",
        "资格名称",
        "批准时间",
        "批准文号",
        "申请人签字",
        "工作单位意见",
        "区县人才机构或区县主管部门意见",
        "区县职改办或市级主管部门意见",
        "资格核准部门意见",
    )


@pytest.mark.django_db
def test_staff_see_the_notice_within_their_pages(log_in: LogIn) -> None:
    page = log_in(Role.CLERK).get("/notice/").content.decode()
    assert 'aria-current="page"' in page
