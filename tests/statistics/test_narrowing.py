"""Narrowing a table to one value: what the boxes show is what is counted (N19)."""

import io
import re
from html import unescape

import openpyxl
import pytest
from django.test import Client

from tests.support.city import City
from tests.support.counted import fill
from zhicheng.statistics import queries, refreshing
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, Measure
from zhicheng.statistics.models import SavedView

OFFERED = [item for item in DIMENSIONS if item is not Dimension.YEAR]


@pytest.fixture
def office(city: City) -> Client:
    fill(city, 120)
    refreshing.rebuild()
    client = Client()
    client.force_login(city.who("office", "officer"))
    return client


def _box(page: str, name: str) -> tuple[str, list[str]]:
    """What a box shows, as a browser does: the selected option, else the first; and all it has."""
    found = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    assert found, name
    options = re.findall(r'<option value="([^"]*)"( selected)?>', found[0])
    values = [value for value, _chosen in options]
    return next((value for value, chosen in options if chosen), values[0]), values


def _press(client: Client, page: str, **changed: str) -> tuple[str, str]:
    """The form as a browser sends it, with some boxes changed: the address and its page."""
    form = re.search(r'<form class="zc-filters".*?</form>', page, re.DOTALL)
    assert form
    sent = {name: _box(form[0], name)[0] for name in re.findall(r'<select name="(\w+)"', form[0])}
    sent |= dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    address = "/statistics/table/?" + "&".join(f"{k}={v}" for k, v in {**sent, **changed}.items())
    return address, client.get(address).content.decode()


def test_each_dimension_offers_its_values_and_narrows_once_one_is_chosen(office: Client) -> None:
    for item in OFFERED:
        _offers_and_narrows(office, item)


def _offers_and_narrows(office: Client, narrowed: Dimension) -> None:
    key = DIMENSIONS[narrowed].key
    rows = "level" if narrowed is not Dimension.LEVEL else "sex"
    start = office.get(f"/statistics/table/?m=passed&rows={rows}").content.decode()
    address, page = _press(office, start, f=key)
    whole = queries.counts(Measure.PASSED, [])[()]
    assert office.get(address).context["table"].total is None
    assert office.get(address).context["table"].totals[0].n == whole
    assert office.get(address).context["question"].narrowed is None
    assert _box(page, "f")[0] == key
    assert _box(page, "v")[0] == "", "no value is shown as chosen"
    counted = queries.counts(Measure.PASSED, [narrowed])
    assert set(_box(page, "v")[1]) == {"", *(str(code) for (code,) in counted)}
    for (code,), n in list(counted.items())[:3]:
        address, chosen = _press(office, page, v=str(code))
        assert _box(chosen, "v")[0] == str(code)
        table = office.get(address).context["table"]
        assert table.totals[0].n == n
        words = queries.labels(narrowed, [code])[code]
        assert table.scope[-1] == f"{DIMENSIONS[narrowed].label}：{words}"
        assert table.scope[-1] in unescape(chosen)
        # Pressed once more without a change it stays as it is.
        assert _press(office, chosen)[0] == address


def test_a_value_chosen_of_one_dimension_says_nothing_of_another(office: Client) -> None:
    start = office.get("/statistics/table/?m=passed&rows=level&f=sex&v=1").content.decode()
    assert _box(start, "v")[0] == "1"
    address, page = _press(office, start, f="mode")
    assert _box(page, "f")[0] == "mode" and _box(page, "v")[0] == ""
    assert office.get(address).context["table"].totals[0].n == queries.counts(Measure.PASSED)[()]


def test_a_chosen_value_stays_in_its_box_where_nobody_is_in_it(office: Client) -> None:
    page = office.get("/statistics/table/?m=passed&rows=level&f=age&v=999")
    assert _box(page.content.decode(), "v")[0] == "999"
    assert "这个条件下没有数字" in page.content.decode()


def test_what_nobody_stated_is_a_value_that_view_file_and_people_keep(
    office: Client, city: City
) -> None:
    n = queries.counts(Measure.REISSUED, [], {Dimension.MODE: 0})[()]
    assert n > 0
    page = office.get("/statistics/table/?m=reissued&rows=level&f=mode&v=0")
    assert page.context["table"].totals[0].n == n
    assert page.context["table"].scope[-1] == "评审方式：未注明"
    for line in page.context["table"].lines:
        people = office.get(f"/statistics/people/?{line.cells[0].link}").context["page"]
        assert people.count == line.cells[0].n
    office.post(
        "/statistics/views/",
        {"name": "无评审方式", "path": "table", "query": page.context["save_query"]},
    )
    kept = office.get(f"/statistics/table/?{SavedView.objects.get().query}")
    assert kept.context["table"].totals[0].n == n
    assert _box(kept.content.decode(), "v")[0] == "0"
    address = "/statistics/table/?m=reissued&rows=level&f=mode&v=0&of=mode&export=xlsx"
    content = b"".join(office.get(address).streaming_content)  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(io.BytesIO(content))["统计表"]
    assert "评审方式：未注明" in str(sheet["A2"].value)
    assert [row[1].value for row in sheet.iter_rows(min_row=6) if row[0].value == "合计"] == [n]


def test_without_a_value_the_file_and_the_kept_view_hold_everybody(office: Client) -> None:
    whole = queries.counts(Measure.PASSED)[()]
    for query in ("f=mode", "f=mode&v=", "f=mode&v=&of=mode", "f=sex&of=mode&v=1"):
        address = f"/statistics/table/?m=passed&rows=level&{query}"
        assert "f=" not in office.get(address).context["save_query"]
        answer = office.get(address + "&export=xlsx")
        content = b"".join(answer.streaming_content)  # type: ignore[arg-type]
        sheet = openpyxl.load_workbook(io.BytesIO(content))["统计表"]
        sums = [row[1].value for row in sheet.iter_rows(min_row=6) if row[0].value == "合计"]
        assert sums == [whole], query


def test_by_years_the_box_of_years_shows_all_of_them(office: Client, city: City) -> None:
    for client in (office, _as_clerk(city)):
        page = client.get(
            f"/statistics/table/?m={MEASURES[Measure.ISSUED].key}&rows=year&year=2024"
        )
        assert page.context["question"].year is None
        assert _box(page.content.decode(), "year")[0] == ""


def _as_clerk(city: City) -> Client:
    client = Client()
    client.force_login(city.who("enterprise", "clerk"))
    return client
