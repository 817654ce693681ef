"""Comparison and units' work: files with chart and definitions, numbers with people (N19)."""

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from django.test import Client

from tests.statistics.outside import NAMES, area, count
from tests.support.city import City
from tests.support.counted import fill
from zhicheng.audit.models import AuditEvent
from zhicheng.statistics import queries, refreshing
from zhicheng.statistics.areas import area_of
from zhicheng.statistics.definitions import MEASURES, Dimension, Measure
from zhicheng.statistics.models import Term
from zhicheng.statistics.overview import YEARS, Overview
from zhicheng.statistics.report_views import LONGEST, compose
from zhicheng.statistics.tables import Question, build
from zhicheng.statistics.workbook import sheet_of, write


@pytest.fixture
def counted(city: City) -> City:
    fill(city, 300)
    refreshing.rebuild()
    return city


def as_(city: City, organization: str, role: str = "officer") -> Client:
    client = Client()
    client.force_login(city.who(organization, role))
    return client


def _file(client: Client, address: str) -> tuple[Any, str]:
    answer = client.get(address)
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    return openpyxl.load_workbook(io.BytesIO(content)), chart


def _words(sheet: Any) -> str:
    return " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_the_comparisons_file_has_both_years_a_chart_and_the_definition(counted: City) -> None:
    client = as_(counted, "office")
    address = "/statistics/compare/?m=issued&rows=level&a=2023&b=2024&f=sex&v=1"
    lines = client.get(address).context["lines"]
    book, chart = _file(client, address + "&export=xlsx")
    rows = [
        [cell.value for cell in row] for row in book["年度对比"].iter_rows(min_row=5, max_col=5)
    ]
    assert rows[0] == ["级别", "2023", "2024", "增减", "增减（%）"]
    for row, line in zip(rows[1:], lines, strict=False):
        assert row[:4] == [line.label, line.a.n, line.b.n, line.b.n - line.a.n]
    assert rows[len(lines)][0] == "合计"
    assert chart.count("<c:ser>") == 2
    assert f"$B$6:$B${5 + len(lines) - 1}" in chart, "the sum is no bar"
    assert str(MEASURES[Measure.ISSUED].text) in _words(book["口径说明"])
    # What the page doesn't ask stands in no event either.
    event = AuditEvent.objects.latest("sequence")
    assert event.data["filters"]["query"] == "m=issued&rows=level&a=2023&b=2024"
    whole = queries.counts(Measure.ISSUED, [], {Dimension.YEAR: 2024})[()]
    assert lines[-1].total and lines[-1].b.n == whole


def test_the_works_file_has_a_chart_of_days_and_the_definitions(counted: City) -> None:
    client = as_(counted, "office")
    book, chart = _file(client, "/statistics/process/?year=2024&export=xlsx")
    sheet = book["办理情况"]
    heads = [cell.value for cell in sheet[5]]
    assert chart.count("<c:ser>") == 2
    for head in heads:
        if head.startswith("受理到发放（全程）"):
            assert f"${chr(65 + heads.index(head))}$5" in chart
    units = client.get("/statistics/process/?year=2024").context["units"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
    assert [row[1] for row in rows] == [unit.issued for unit in units]
    # All of them together are no bar beside each.
    assert rows[0][0] == "全部单位" and "$A$7:" in chart
    words = _words(book["口径说明"])
    assert "退回率 = 该年被退回的登记表" in words and "以日历日计" in words
    assert AuditEvent.objects.latest("sequence").data["list"] == "办理情况"


def test_the_offices_numbers_lead_to_just_their_people(counted: City) -> None:
    client = as_(counted, "office")

    def people(link: str) -> int:
        return int(client.get(f"/statistics/people/?{link}").context["page"].count)

    page = client.get("/statistics/compare/?m=reissued&rows=sex&a=2023&b=2024")
    cells = [cell for line in page.context["lines"] if not line.total for cell in (line.a, line.b)]
    assert any(cell.n for cell in cells)
    for cell in cells:
        assert bool(cell.link) is bool(cell.n)
        assert not cell.link or people(cell.link) == cell.n
        assert not cell.link or cell.link.replace("&", "&amp;") in page.content.decode()
    page = client.get("/statistics/process/?year=2024")
    followed = 0
    for unit in page.context["units"]:
        for name, link in unit.links.items():
            assert people(link) == getattr(unit, name), (unit.name, name)
            assert link.replace("&", "&amp;") in page.content.decode()
            followed += 1
    assert followed >= 6
    page = client.get("/statistics/overview/?year=2024")
    tiles = [tile for tile in page.context["overview"].tiles if tile.n]
    assert tiles
    for tile in tiles:
        assert people(tile.link) == tile.n
        assert tile.link.replace("&", "&amp;") in page.content.decode()
    overview = page.context["overview"]
    for line in overview.by_year:
        for name, link in line["links"].items():
            assert people(link) == line[name], (line["year"], name)
            if name in ("PASSED", "ISSUED", "REISSUED", "VOIDED", "IN_FORCE"):
                assert link.replace("&", "&amp;") in page.content.decode()
    for headline in overview.headlines:
        assert bool(headline.link) is bool(headline.n)
        assert not headline.link or people(headline.link) == headline.n


def test_outside_the_office_no_number_leads_to_people(counted: City) -> None:
    for organization in ("health", "district", "enterprise"):
        client = as_(counted, organization)
        for name in ("overview", "compare", "process", "table"):
            page = client.get(f"/statistics/{name}/?year=2024").content.decode()
            assert "/statistics/people/" not in page, (organization, name)


def test_an_older_year_shows_its_own_figures(city: City) -> None:
    fill(city, 300)
    refreshing.rebuild()
    area = area_of(city.who("office", "officer"))
    # As if figures went on for many years: the year asked for lies far before the last one.
    years = list(range(2010, 2041))
    for year in (2022, 2023):
        found = Overview(area, year, years)
        assert [line["year"] for line in found.by_year] == list(range(year - YEARS + 1, year + 1))
        for headline in found.headlines:
            measure = next(key for key, item in MEASURES.items() if item is headline.definition)
            true = [
                queries.counts(measure, [Dimension.YEAR]).get((each,), 0)
                for each in (year, year - 1)
            ]
            assert [headline.n, headline.before] == true, headline.definition.key
        assert found.headlines[0].n and found.headlines[0].before
        account = city.who("office", "officer")
        told = compose(account, area, year, years)
        assert told.figures[0][1:3] == (str(found.headlines[0].n), str(found.headlines[0].before))
        assert told.tables[0].rows[-1][:2] == [str(year), str(found.headlines[0].n)]


def test_the_report_says_what_it_leaves_out(city: City) -> None:
    from zhicheng.approvals.models import ApprovedPerson

    fill(city, 200)
    people = list(ApprovedPerson.objects.filter(approval_date__year=2024).order_by("pk"))
    assert len(people) < LONGEST
    refreshing.rebuild()
    account = city.who("office", "officer")
    area = area_of(account)

    def series() -> Any:
        told = compose(account, area, 2024, queries.years())
        return next(table for table in told.tables if table.title == "评审通过人员的系列")

    assert not any(row[0].startswith("其余") for row in series().rows)
    many = list(ApprovedPerson.objects.order_by("pk")[: LONGEST + 3])
    for place, person in enumerate(many):
        ApprovedPerson.objects.filter(pk=person.pk).update(
            approval_date="2024-06-01", series=f"系列{place:02d}"
        )
    refreshing.rebuild()
    table = series()
    codes = queries.counts(Measure.PASSED, [Dimension.SERIES], {Dimension.YEAR: 2024})
    # The year before has no group that this one hasn't.
    assert len(codes) > LONGEST and len(table.rows) == LONGEST + 2
    assert table.rows[-2][0] == f"其余 {len(codes) - LONGEST} 项"
    assert sum(int(row[1]) for row in table.rows[:-1]) == sum(codes.values())
    assert table.rows[-1][:2] == ["合计", str(sum(codes.values()))]
    assert sum(n for _label, n in table.bars) == sum(codes.values())


def test_n19_the_files_chart_draws_no_bar_for_a_hidden_number(city: City) -> None:
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES]
    count(area(city, "enterprise"), terms, 2025, [30, 20, 3, 4, 0, 0])
    own = build(area(city, "enterprise"), Question(Measure.ISSUED, Dimension.SERIES, None, 2025))
    assert None in [line.cells[0].n for line in own.lines]
    content = write(sheet_of(own), None, "试").getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    book = openpyxl.load_workbook(io.BytesIO(content))
    drawn = book["图表数据"]
    assert drawn.sheet_state == "hidden" and f"图表数据!$B$2:$B${len(own.lines) + 1}" in chart
    rows = [tuple(cell.value for cell in row) for row in drawn.iter_rows(min_row=2, max_col=2)]
    # A text would be drawn as nought; an empty cell isn't drawn.
    assert rows == [(line.label, line.cells[0].n) for line in own.lines]
    seen = [cell.value for cell in book["统计表"]["B"][5:]]
    assert seen[: len(rows)] == ["*" if n is None else n for _label, n in rows]


def test_a_picture_says_how_many_groups_it_draws(city: City) -> None:
    from zhicheng.approvals.models import ApprovedPerson

    fill(city, 60)
    for place, person in enumerate(ApprovedPerson.objects.order_by("pk")[:30]):
        ApprovedPerson.objects.filter(pk=person.pk).update(
            approval_date="2024-06-01", series=f"系列{place:02d}"
        )
    refreshing.rebuild()
    client, words = as_(city, "office"), "图中只画前 25 组，其余见表。"
    for address in (
        "/statistics/table/?m=passed&rows=series&year=2024",
        "/statistics/compare/?m=passed&rows=series&a=2023&b=2024",
    ):
        page = client.get(address).content.decode()
        assert words in page and page.count("data-category=") == 25
        _book, chart = _file(client, address + "&export=xlsx")
        assert words in chart
    assert words in client.get("/statistics/overview/?year=2024").content.decode()
    for few in (
        "table/?m=passed&rows=level",
        "compare/?m=passed&rows=level",
        "overview/?year=2023",
    ):
        assert "图中只画" not in client.get(f"/statistics/{few}").content.decode()
    _book, chart = _file(client, "/statistics/process/?year=2024&export=xlsx")
    assert "图中只画" not in chart, "all of them together are no group that is left out"


def test_pictures_of_units_name_each_and_leave_out_all_together(city: City) -> None:
    fill(city, 60)
    refreshing.rebuild()
    page = as_(city, "office").get("/statistics/process/?year=2024").content.decode()
    drawn = re.findall('data-category="(.*?)"', page)
    assert "全部单位" in page and drawn, "the sum stands in the table"
    assert all(drawn), "its bar would stand there without a name"
