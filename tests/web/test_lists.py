"""One class makes every list: sorting, filters, paging, export, and what may not be searched."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pytest_django.fixtures import DjangoAssertNumQueries

from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role
from zhicheng.organizations.views import OrganizationList
from zhicheng.web.excel import harmless, workbook
from zhicheng.web.lists import Column

pytestmark = pytest.mark.django_db
LogIn = Callable[[Role], Client]


def found(count: int, start: int = 0) -> None:
    Organization.objects.bulk_create(
        Organization(
            name=f"单位{number:03}",
            short_name=f"单{number:03}",
            kind=Kind.LARGE_ENTERPRISE,
            has_authority=True,
            is_approving_department=number % 2 == 0,
        )
        for number in range(start, start + count)
    )


def names(page: str) -> list[str]:
    return re.findall(r">(单位\d{3})<", page.split("<tbody>")[1])


def exported(client: Client, address: str, query: dict[str, str]) -> list[tuple[object, ...]]:
    answer = client.get(address, {**query, "export": "xlsx"})
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]


def test_the_state_of_a_list_is_in_its_address(log_in: LogIn) -> None:
    found(120)
    client = log_in(Role.OFFICER)
    query = {"kind": "large_enterprise", "approving": "1", "sort": "-name"}
    first = client.get("/organizations/", query).content.decode()
    assert names(first)[:2] == ["单位118", "单位116"]
    assert len(names(first)) == 50
    assert "第 1–50 条，共 60 条" in first
    last = client.get("/organizations/", {**query, "page": "2"}).content.decode()
    assert names(last)[-1] == "单位000"
    assert "kind=large_enterprise" in first.split('rel="next"')[0]


def test_pages_of_equal_rows_neither_repeat_nor_lose_one(log_in: LogIn) -> None:
    found(120)
    client = log_in(Role.OFFICER)
    query = {"kind": "large_enterprise", "sort": "has_authority"}
    seen: list[str] = []
    for page in ("1", "2", "3"):
        seen += names(client.get("/organizations/", {**query, "page": page}).content.decode())
    assert sorted(seen) == [f"单位{number:03}" for number in range(120)]


def test_an_odd_address_shows_the_nearest_page(log_in: LogIn) -> None:
    found(60)
    client = log_in(Role.OFFICER)
    for page, shown in (("99999999", 10), ("0", 50), ("-3", 50), ("x", 50), ("9" * 14, 50)):
        query = {"page": page, "sort": "nothing; drop", "unknown": "x", "q": "单"}
        answer = client.get("/organizations/", query)
        assert answer.status_code == 200
        assert len(names(answer.content.decode())) == shown, page


def test_a_choice_that_is_not_offered_finds_nothing_and_its_box_says_so(log_in: LogIn) -> None:
    found(3)
    client = log_in(Role.OFFICER)
    shown = client.get("/organizations/", {"kind": '"><b>'}).content.decode()
    assert "单位001" not in shown
    assert '<option value="&quot;&gt;&lt;b&gt;" selected>没有这一项</option>' in shown
    assert [row[0] for row in exported(client, "/organizations/", {"kind": "unknown"})] == ["名称"]
    assert "没有这一项" not in client.get("/organizations/").content.decode()


def test_a_longer_list_takes_no_more_statements(
    log_in: LogIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found(3)
    client = log_in(Role.OFFICER)
    with CaptureQueriesContext(connection) as few:
        client.get("/organizations/")
    found(100, start=3)
    with django_assert_num_queries(len(few)):
        client.get("/organizations/")


def test_days_that_are_still_open_come_last_either_way(log_in: LogIn) -> None:
    client = log_in(Role.AUDITOR)
    office = Organization.objects.get()
    for number, day in enumerate((None, 1, 2)):
        Account.objects.create_account(
            f"user{number}",
            "correct-horse-9",
            display_name="甲",
            organization=office,
            role=Role.CLERK,
        )
        Account.objects.filter(username=f"user{number}").update(
            last_login=datetime(2026, 1, day, tzinfo=UTC) if day else None
        )
    for sort, order in (("last_login", "120"), ("-last_login", "210")):
        page = client.get("/organizations/accounts/", {"sort": sort, "q": "user"}).content.decode()
        assert re.findall(r">user(\d)<", page) == list(order), sort


def test_an_empty_list_says_whether_it_is_empty_or_narrowed(log_in: LogIn) -> None:
    client = log_in(Role.OFFICER)
    narrowed = client.get("/organizations/", {"q": "没有这样的单位"}).content.decode()
    assert "没有符合条件的记录" in narrowed
    sorted_only = client.get("/registers/", {"sort": "number"}).content.decode()
    assert "还没有登记表" in sorted_only
    assert "没有符合条件的记录" not in sorted_only
    assert "export=xlsx" not in sorted_only


def test_the_export_is_the_filtered_list_and_is_recorded(log_in: LogIn) -> None:
    found(120)
    Organization.objects.create(
        name="=HYPERLINK(1)",
        short_name="x",
        kind=Kind.LARGE_ENTERPRISE,
        has_authority=True,
        is_approving_department=True,
    )
    client = log_in(Role.OFFICER)
    client.cookies["django_language"] = "en"  # the chain is in one language
    query = {"approving": "1", "kind": "large_enterprise", "sort": "-name"}
    title, *rows = exported(client, "/organizations/", query)
    assert title[:2] == ("Name", "Kind")
    assert [row[0] for row in rows][:2] == ["单位118", "单位116"]
    assert "'=HYPERLINK(1)" in [row[0] for row in rows]
    assert len(rows) == 61
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.tag == "any:list:export"
    assert event.data["count"] == 61 and event.data["list"] == "机构"
    assert event.data["filters"] == {"kind": "large_enterprise", "approving": "1"}
    assert len(event.data["sha256"]) == 64


def test_a_searched_text_stays_out_of_the_audit_event(log_in: LogIn) -> None:
    found(3)
    client = log_in(Role.OFFICER)
    exported(client, "/organizations/", {"q": "单位001"})
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.data["searched"] is True
    assert "单位001" not in str(event.data)


@pytest.mark.parametrize("name", ["q", "kind", "page", "anything"])
@pytest.mark.parametrize(
    "number", ["50010319850214123X", "500103 19850214 1234", "500103850214123"]
)
def test_no_parameter_of_an_address_may_be_an_id_number(
    log_in: LogIn, name: str, number: str
) -> None:
    client = log_in(Role.OFFICER)
    page = client.get("/organizations/", {name: number})
    assert page.status_code == 422
    assert number not in page.content.decode()
    assert number.replace(" ", "") not in page.content.decode()


def test_long_digits_stay_digits_in_excel() -> None:
    columns = (
        Column("证书编号", "number", kind="code"),
        Column("批准时间", "day", kind="date"),
        Column("本数", "count", kind="number"),
        Column("启用", "on", kind="bool"),
        Column("时间", "at", kind="time"),
    )
    at = datetime(2026, 3, 18, 16, 30, tzinfo=UTC)
    stream = workbook(columns, [["202612000001234567", date(2026, 3, 18), 42, True, at]])
    sheet = load_workbook(stream).active
    assert [cell.value for cell in sheet[1]] == ["证书编号", "批准时间", "本数", "启用", "时间"]
    number, day, count, on, time = (cell.value for cell in sheet[2])
    assert number == "202612000001234567"
    assert (day.date(), count, on) == (date(2026, 3, 18), 42, "是")
    assert time == (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_nothing_in_a_cell_is_run(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["罗汉果", "2026-03-18", "", "a=b"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.fixture
def long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of organisations as if more than fifty were too many to look at each."""
    monkeypatch.setattr(OrganizationList, "counted", 50)
    monkeypatch.setattr(OrganizationList, "searched_whole", 50)
    monkeypatch.setattr(OrganizationList, "search_beginnings", ("name", "short_name"))
    monkeypatch.setattr(OrganizationList, "quick_sorts", ("name", "-name"))
    found(60)


def test_a_long_list_is_searched_by_beginnings_and_by_any_part_once_it_is_narrow(
    log_in: LogIn, long_list: None
) -> None:
    client = log_in(Role.OFFICER)

    def ask(**query: str) -> str:
        return client.get("/organizations/", query).content.decode()

    assert len(names(ask(q="单位01"))) == 10
    assert len(names(ask(q="单01"))) == 10
    by_part = ask(q="位01")
    assert "没有符合条件的记录" in by_part and "按开头查找" in by_part
    narrow = ask(q="位01", approving="1")
    assert len(names(narrow)) == 5 and "按开头查找" not in narrow


def test_a_search_that_does_not_follow_every_beginning_says_so_and_is_no_export(
    log_in: LogIn, long_list: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhicheng.web.lists.BEGINNINGS", 5)
    client = log_in(Role.OFFICER)
    page = client.get("/organizations/", {"q": "单位"}).content.decode()
    assert "只找了其中一部分" in page and len(names(page)) == 5
    answer = client.get("/organizations/", {"q": "单位", "export": "xlsx"})
    assert answer.status_code == 422
    whole = client.get("/organizations/", {"q": "单位003"}).content.decode()
    assert "只找了其中一部分" not in whole


def test_a_column_that_cannot_be_sorted_in_a_long_list_comes_with_the_reason(
    log_in: LogIn, long_list: None
) -> None:
    client = log_in(Role.OFFICER)
    long = client.get("/organizations/", {"sort": "kind"}).content.decode()
    assert 'id="sort-name"' in long and 'id="sort-kind"' not in long
    assert "只能按带箭头的列排序" in long
    narrow = client.get("/organizations/", {"approving": "1"}).content.decode()
    assert 'id="sort-kind"' in narrow and "只能按带箭头的列排序" not in narrow


def test_what_hangs_on_a_row_is_not_worked_out_to_count(log_in: LogIn) -> None:
    found(3)
    client = log_in(Role.OFFICER)
    with CaptureQueriesContext(connection) as asked:
        client.get("/organizations/")
    (counting,) = [
        one["sql"]
        for one in asked.captured_queries
        if one["sql"].startswith("SELECT COUNT(*) FROM (SELECT") and "organization" in one["sql"]
    ]
    assert "account_count" not in counting


@pytest.mark.parametrize("query", [{}, {"approving": "1"}, {"q": "单位01"}])
def test_a_page_is_the_same_however_its_rows_are_found(
    log_in: LogIn, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]
) -> None:
    """Counted only; by ids that serve for count and page; walked along an index."""
    found(130)
    client = log_in(Role.OFFICER)
    every = tuple(
        f"{sign}{item.sort}" for item in OrganizationList.columns if item.sort for sign in ("", "-")
    )

    def page_of(sort: str, number: int) -> list[str]:
        answer = client.get("/organizations/", {**query, "sort": sort, "page": str(number)})
        return names(answer.content.decode())

    def pages() -> list[list[str]]:
        return [page_of(sort, number) for sort in every for number in (1, 2)]

    plain = pages()
    assert len({tuple(page) for page in plain}) > 3
    monkeypatch.setattr(OrganizationList, "quick_sorts", every)
    monkeypatch.setattr(OrganizationList, "counted", 20_000)
    assert pages() == plain
    monkeypatch.setattr(OrganizationList, "counted", 120)
    assert pages() == plain
    monkeypatch.setattr(OrganizationList, "quick_sorts", None)
    monkeypatch.setattr(OrganizationList, "ids_first", True)
    assert pages() == plain
