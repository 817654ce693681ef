"""What is where and was where, through the pages (N1, N9, N18; invariants 1, 2 and 9)."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of, window
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks import actions, reordering
from zhicheng.blanks.models import Movement, ReorderPolicy
from zhicheng.blanks.queries import stock, supply
from zhicheng.blanks.waiting import blanks_waiting
from zhicheng.certificates.spoilage import spoil
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, parse_ranges

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(city: City) -> Register:
    """A register of twenty whose certificates are filled in; one blank was spoiled."""
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "filled")
    serial = register.certificates.order_by("blank_serial")[0].blank_serial
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial or 0],
        reason="misprint",
    )
    return register


def cells(answer: Any) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def at(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat()


def test_n18_a_custodian_now_and_at_any_moment(city: City, done: Register) -> None:
    office, health = window(city, "office", "clerk"), f"/blanks/holders/{city.health.pk}/"
    said = text_of(office.get(health))
    assert "0012002-0012021" in said  # twenty certificates, one of them on its spare
    assert "错制" not in said
    assert "废旧待交回" in said
    receipt = Movement.objects.filter(reason="receipt").order_by("moved_at")[0]
    before = text_of(office.get(health, {"at": at(receipt.moved_at - timedelta(microseconds=1))}))
    assert "0012001-0012021" in before
    assert "移交待签收" in before
    assert "已填制" not in before
    long_ago = text_of(office.get(health, {"at": "2020-01-01T08:00"}))
    assert "那一刻没有保管空白证书" in long_ago
    for wrong in ("2999-01-01T08:00", "2026-02-31T08:00", "昨天"):
        answer = text_of(office.get(health, {"at": wrong}))
        assert "下面是现在的情况" in answer, wrong
        assert "0012002-0012021" in answer


def test_n18_what_a_custodian_holds_is_exported_range_by_range(city: City, done: Register) -> None:
    answer = window(city, "health", "clerk").get(
        f"/blanks/holders/{city.health.pk}/", {"export": "xlsx"}
    )
    rows = cells(answer)
    assert ["中级", "已填制未发放", done.number, "0012002", "0012021", 20] in rows
    assert sum(row[5] for row in rows[1:]) == 21
    event = AuditEvent.objects.get(tag="any:list:export")
    assert event.data["filters"]["organization"] == city.health.name
    assert event.data["count"] == len(rows) - 1


def test_units_look_into_their_own_holdings_and_no_others(city: City, done: Register) -> None:
    pages = [
        f"/blanks/holders/{city.health.pk}/",
        f"/blanks/holders/{city.health.pk}/statement/?day_from=2026-01-01&day_to=2026-12-31",
    ]
    for who, status in (
        (("health", "clerk"), 200),
        (("health", "embosser"), 200),
        (("office", "auditor"), 200),
        (("office", "embosser"), 200),
        (("district", "officer"), 404),
        (("enterprise", "clerk"), 404),
        (("industry", "officer"), 404),
        (("hospital", "clerk"), 404),
    ):
        for path in pages:
            assert window(city, *who).get(path).status_code == status, (who, path)
    assert window(city, "office", "administrator").get(pages[0]).status_code == 403
    district = window(city, "district", "officer")
    assert city.health.name not in text_of(district.get("/blanks/spoilage/"))
    assert district.get("/blanks/reorder/").status_code == 403


def test_n18_a_statement_adds_up_like_a_bank_s(city: City, done: Register) -> None:
    today = timezone.localdate()
    path = f"/blanks/holders/{city.office.pk}/statement/"
    asked = {"day_from": today.isoformat(), "day_to": today.isoformat(), "state": "store"}
    office = window(city, "office", "officer")
    said = text_of(office.get(path, asked))
    assert "与收支相符" in office.get(path, asked).content.decode()
    for words in ("印制入库", "配发", "0012001-0012021", "+60", "−21"):
        assert words in said, words
    rows = cells(office.get(path, {**asked, "export": "xlsx"}))
    assert rows[1][8] == 0
    assert [row[6] or -row[7] for row in rows[2:-1]] == [60, -21]
    assert [row[8] for row in rows[2:]] == [60, 39, 39]
    # The unit's: what it handed on to itself (filled in) is no movement of the whole.
    answer = window(city, "health", "clerk").get(
        f"/blanks/holders/{city.health.pk}/statement/",
        {"day_from": today.isoformat(), "day_to": today.isoformat()},
    )
    unit = text_of(answer)
    assert "移交" in unit
    assert "第 1–1 条，共 1 条" in unit
    assert "与收支相符" in answer.content.decode()
    yesterday = (today - timedelta(days=1)).isoformat()
    empty = office.get(path, {"day_from": yesterday, "day_to": yesterday})
    assert "这段时间没有收支" in text_of(empty) or "没有符合条件的记录" in text_of(empty)
    without_days = office.get(path)
    assert without_days.status_code == 302
    assert "day_from=" in without_days.headers["Location"]


def test_n1_the_office_sees_how_long_the_store_lasts_and_is_warned(
    city: City, done: Register
) -> None:
    officer = window(city, "office", "officer")
    said = text_of(officer.get("/blanks/"))
    assert "够用多久" in said
    line = next(x for x in supply.supply(timezone.now()) if x.grade == "intermediate")
    assert (line.store, line.handed_out, line.pace) == (39, 21, 21)  # its first week on file
    assert line.weeks == pytest.approx(39 / 21)
    assert line.too_low  # less than the four weeks that hold while nothing is set
    later = supply.supply(timezone.now() + timedelta(weeks=13))
    assert next(x for x in later if x.grade == "intermediate").weeks is None
    tasks = blanks_waiting(city.who("office", "officer"))
    warning = next(group for group in tasks if group.title == "空白证书应补库的等级")
    assert warning.count == 1
    assert "应补库的等级" in text_of(officer.get("/tasks/"))
    titles = [group.title for group in blanks_waiting(city.who("office", "clerk"))]
    assert "空白证书应补库的等级" not in titles
    today = timezone.localdate()
    limit = {"grade": "intermediate", "valid_from": today.isoformat(), "weeks": 1, "stock": 39}
    assert "至少够用 1 周" in text_of(officer.post("/blanks/reorder/", limit, follow=True))
    assert ReorderPolicy.objects.get().set_by == city.who("office", "officer")
    assert AuditEvent.objects.get(tag="office:reorder_policy:set").data["stock"] == 39
    line = next(x for x in supply.supply(timezone.now()) if x.grade == "intermediate")
    assert not line.too_low
    past = {**limit, "valid_from": (today - timedelta(days=1)).isoformat()}
    assert officer.post("/blanks/reorder/", past).status_code == 422
    assert window(city, "office", "clerk").post("/blanks/reorder/", limit).status_code == 403


def test_n1_a_limit_holds_from_its_day(city: City) -> None:
    officer, today = city.who("office", "officer"), timezone.localdate()
    for days, weeks in ((0, 3), (10, 8)):
        reordering.set_reorder_policy(
            actor=officer,
            grade="senior",
            valid_from=today + timedelta(days=days),
            weeks=weeks,
            stock=0,
        )
    assert reordering.limits(today)["senior"].weeks == 3
    assert reordering.limits(today + timedelta(days=10))["senior"].weeks == 8
    assert reordering.limits(today)["junior"] == reordering.UNSET


def test_n9_the_office_compares_units_and_a_unit_sees_itself(city: City, done: Register) -> None:
    judged = supply.spoilage(*supply.a_year())
    assert [(item.use.unit, item.use.used, item.use.spoiled) for item in judged] == [
        (city.health.name, 21, 1)
    ]
    said = text_of(window(city, "office", "auditor").get("/blanks/spoilage/"))
    for words in (city.health.name, "4.76%", "中位数", "低于 0.1%", "不高于通常水平"):
        assert words in said, words
    assert city.health.name in text_of(window(city, "health", "clerk").get("/blanks/spoilage/"))
    rows = cells(window(city, "office", "officer").get("/blanks/spoilage/", {"export": "xlsx"}))
    assert rows[1][:4] == [city.health.name, 21, 1, 4.76]


def test_n1_the_stock_is_exported_for_the_city_and_for_a_unit(city: City, done: Register) -> None:
    rows = cells(window(city, "office", "clerk").get("/blanks/", {"export": "xlsx"}))
    middle = dict(zip(rows[0], next(row for row in rows if row[0] == "中级"), strict=True))
    assert (middle["印制"], middle["市库存"], middle["合计"]) == (60, 39, 60)
    rows = cells(window(city, "health", "clerk").get("/blanks/", {"export": "xlsx"}))
    middle = dict(zip(rows[0], next(row for row in rows if row[0] == "中级"), strict=True))
    assert (middle["领取"], middle["已填制未发放"], middle["合计"]) == (21, 20, 21)
    rows = cells(
        window(city, "office", "clerk").get(
            "/blanks/holders/", {"export": "xlsx", "grade": "intermediate"}
        )
    )
    assert [row[0] for row in rows[1:]] == [city.health.name]
    seniors = window(city, "office", "clerk").get("/blanks/holders/", {"grade": "senior"})
    assert city.health.name not in text_of(seniors)


def test_a_blank_s_life_names_every_station_with_its_papers(city: City, done: Register) -> None:
    page = window(city, "office", "officer").get("/blanks/serials/0012001/")
    said = text_of(page)
    for words in ("印制", "印制入库", "配发", "移交", "签收", "填制", "错制作废", "现在"):
        assert words in said, words
    assert said.index("错制作废") < said.index("印制入库")
    assert f"/blanks/allotments/{done.pk}/" in page.content.decode()


def test_every_chart_has_its_table_and_needs_no_inline_script(city: City, done: Register) -> None:
    for who, path in (
        (("office", "officer"), "/blanks/"),
        (("office", "officer"), "/blanks/spoilage/"),
        (("office", "officer"), f"/blanks/holders/{city.health.pk}/"),
        (("health", "clerk"), "/blanks/"),
    ):
        text = window(city, *who).get(path).content.decode()
        charts = text.count("data-chart=")
        assert charts, path
        for table in {part.split('"')[0] for part in text.split('data-table="')[1:]}:
            assert f'id="{table}"' in text, (path, table)
        assert text.count("data-series") >= charts
        assert text.count("data-category") >= charts
        assert 'role="img"' in text


def test_the_queries_of_the_views_do_not_grow(city: City) -> None:
    paths = (
        "/blanks/",
        "/blanks/holders/",
        f"/blanks/holders/{city.health.pk}/",
        f"/blanks/holders/{city.health.pk}/?at=2026-01-02T08:00",
        f"/blanks/holders/{city.office.pk}/statement/?day_from=2026-01-01&day_to=2036-12-31",
        "/blanks/spoilage/",
        "/blanks/reorder/",
        "/blanks/serials/12001/",
    )
    numbers: dict[str, list[int]] = {path: [] for path in paths}
    client = window(city, "office", "officer")
    for people in (3, 30):
        for _register in range(1 if people == 3 else 4):
            register = accepted_register(city, people)
            deliver(city, 3 * people)
            carry(city, register, "issued")
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200, path
            numbers[path].append(len(queries))
    grown = {path: few_many for path, few_many in numbers.items() if len(set(few_many)) > 1}
    assert not grown
    with CaptureQueriesContext(connection) as queries:
        stock.unit_stock(city.health)
    assert len(queries) == 3


def test_n1_what_a_delivery_lacked_stays_in_the_sum_with_the_printer(city: City) -> None:
    officer = city.who("office", "officer")
    order = actions.place_order(
        actor=officer,
        grade="senior",
        serials=SerialRange(30001, 30010),
        quantity=10,
        ordered_on=timezone.localdate(),
        printer="市印刷厂",
    )
    actions.count_in(
        actor=officer,
        order_id=order.pk,
        good=parse_ranges("30001-30007"),
        damaged=parse_ranges("30008"),
        missing=parse_ranges("30009-30010"),
        delivered_on=timezone.localdate(),
    )
    lines = stock.city_stock()
    assert (lines[0].total, lines[0].added) == (10, 10)
    assert all(line.adds_up for line in lines)
    office = window(city, "office", "officer")
    assert "与来源不符" not in office.get("/blanks/").content.decode()
    proven = office.post("/blanks/reconcile/").content.decode()
    assert "对账通过" in proven
    assert "与来源不符" not in proven
    rows = cells(office.get("/blanks/", {"export": "xlsx"}))
    assert rows[1][rows[0].index("印刷厂")] == 2
    assert rows[1][1] == rows[1][-1] == 10


def test_sections_stand_in_groups_and_only_what_one_may_enter(city: City) -> None:
    def sections(organization: str, role: str, path: str) -> str:
        page = window(city, organization, role).get(path).content.decode()
        return page[page.index("zc-sections") : page.index("</nav>", page.index("zc-sections"))]

    shown = sections("office", "officer", "/blanks/exchange/")
    for path in ("/blanks/", "/blanks/orders/", "/blanks/allotments/", "/blanks/stocktakes/"):
        assert f'href="{path}"' in shown, path
    assert '<a href="/blanks/spoiled/" aria-current="true">' in shown  # the group
    assert '<a href="/blanks/exchange/" aria-current="page">' in shown
    assert "/blanks/destructions/" in shown
    assert "/blanks/reconcile/" not in shown  # another group's
    unit = sections("health", "clerk", "/blanks/exchange/")
    assert "/blanks/orders/" not in unit
    assert "/blanks/destructions/" not in unit
    assert "/blanks/cases/" not in unit
    assert 'href="/blanks/stocktakes/"' in unit


def test_n9_what_waits_for_exchange_is_exported(city: City, done: Register) -> None:
    rows = cells(window(city, "office", "officer").get("/blanks/exchange/", {"export": "xlsx"}))
    assert rows[1][:8] == [done.number, city.health.name, "中级", 0, 0, "", 1, "0012001"]
    stranger = cells(
        window(city, "district", "officer").get("/blanks/exchange/", {"export": "xlsx"})
    )
    assert len(stranger) == 1


def test_states_of_an_allotment_speak_the_reader_s_language(city: City, done: Register) -> None:
    officer = window(city, "office", "officer")
    assert "已签收" in text_of(officer.get("/blanks/allotments/"))
    officer.cookies["django_language"] = "en"
    assert "已签收" not in text_of(officer.get("/blanks/allotments/"))


def test_n1_what_was_allotted_by_mistake_and_corrected_is_no_use(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "allotted")
    movement = Movement.objects.get(reason="allotment")
    actions.correct(
        actor=city.who("office", "officer2"), movement_id=movement.pk, reason="配发错了登记表"
    )
    line = next(x for x in supply.supply(timezone.now()) if x.grade == "intermediate")
    assert (line.store, line.handed_out) == (60, 0)
    carry(city, register, "allotted")
    line = next(x for x in supply.supply(timezone.now()) if x.grade == "intermediate")
    assert (line.store, line.handed_out) == (39, 21)


def test_n9_what_arrived_damaged_is_not_the_units_spoilage(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "handed_over")
    actions.receive(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        damaged=parse_ranges("0012005"),
    )
    assert supply.spoilage(*supply.a_year()) == []
