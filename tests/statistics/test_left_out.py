"""Groups of which no number is shown have no line, and the words beside say just that (N19)."""

import io

import openpyxl
import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.statistics.outside import NAMES, area, as_, count, recount
from tests.support.city import City
from zhicheng.statistics import comparing, queries
from zhicheng.statistics.definitions import Dimension, Measure, fixed_labels
from zhicheng.statistics.models import PersonFact, Term
from zhicheng.statistics.notes import note_on
from zhicheng.statistics.report_views import UNFINISHED, compose
from zhicheng.statistics.tables import Question, Table, build
from zhicheng.statistics.workbook import Sheet, sheet_of

NONE_LISTED = "各组人数过少，分组不予列出，只列合计。"


def _explained(sheet: Sheet) -> str:
    """What the Excel file says of its groups."""
    return dict(sheet.definitions).get("分组", "")


def _totals(table: Table) -> list[int | None]:
    return [cell.n for cell in table.totals or ()]


SINGLE = ([1] * 5, [1] * 6, [1] * 4, [4, 2, 1], [1, 30])


@pytest.mark.parametrize("numbers", SINGLE)
def test_n19_groups_of_one_each_have_no_lines_that_could_be_counted(
    city: City, numbers: list[int]
) -> None:
    """Five lines under a sum of five are one each; four under a hidden sum are, too."""
    mine = area(city, "enterprise")
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES][: len(numbers)]
    count(mine, terms, 2025, numbers)
    total = sum(numbers) if sum(numbers) >= 5 else None
    own = build(mine, Question(Measure.ISSUED, Dimension.SERIES, None, 2025))
    assert own.left_out and own.hidden and not own.empty
    assert not own.lines and _totals(own) == [total]
    sheet = sheet_of(own)
    assert not sheet.rows and not sheet.charted_rows
    assert sheet.last == ["合计", "*" if total is None else total]
    assert note_on(own) == _explained(sheet) == NONE_LISTED
    # A table of years would tell of the only year's groups, and so would a comparison.
    by_year = build(mine, Question(Measure.ISSUED, Dimension.SERIES, Dimension.YEAR))
    assert by_year.left_out and not by_year.lines and _totals(by_year) == [total]
    turned = build(mine, Question(Measure.ISSUED, Dimension.YEAR, Dimension.SERIES))
    assert turned.left_out and not turned.heads
    assert [(line.code, line.total and line.total.n) for line in turned.lines] == [(2025, total)]
    assert note_on(by_year) == note_on(turned) == NONE_LISTED
    compared = comparing.compare(mine, Measure.ISSUED, Dimension.SERIES, 2024, 2025)
    assert compared.left_out
    assert [(line.label, line.b.n) for line in compared.lines] == [("合计", total)]
    assert not comparing.sheet(compared).rows
    assert compared.note == _explained(comparing.sheet(compared)) == NONE_LISTED


def test_n19_a_year_of_single_people_beside_another_year_tells_of_nobody(city: City) -> None:
    """The other year's groups have lines; who is in the first year's can't be said of any."""
    mine = area(city, "enterprise")
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES]
    count(mine, terms[1:], 2024, [1] * 5)
    count(mine, terms[:2], 2025, [30, 20])
    shown = {terms[0].pk: 30, terms[1].pk: 20}
    every = build(mine, Question(Measure.ISSUED, Dimension.SERIES, Dimension.YEAR))
    assert {line.code: [cell.n for cell in line.cells] for line in every.lines} == {
        code: [None, n] for code, n in shown.items()
    }
    assert _totals(every) == [5, 50]
    turned = build(mine, Question(Measure.ISSUED, Dimension.YEAR, Dimension.SERIES))
    assert {code for code, _label in turned.heads} == set(shown)
    assert [cell.n for cell in turned.lines[0].cells] == [None, None]
    compared = comparing.compare(mine, Measure.ISSUED, Dimension.SERIES, 2024, 2025)
    assert {(line.label, line.a.n, line.b.n) for line in compared.lines} == {
        (NAMES[0], None, 30),
        (NAMES[1], None, 20),
        ("合计", 5, 50),
    }
    # Groups are listed, so it's said of that year alone that it shows none.
    words = "2024 年各组人数过少，都以 * 代替。"
    for table in (every, turned):
        assert table.hidden and not table.left_out
        assert note_on(table) == _explained(sheet_of(table)) == words
    assert not compared.left_out
    assert compared.note == _explained(comparing.sheet(compared)) == words
    # A year more that shows some of its groups has an asterisk, and isn't named.
    count(mine, terms[:4], 2023, [10, 10, 10, 2])
    both = build(mine, Question(Measure.ISSUED, Dimension.SERIES, Dimension.YEAR))
    assert None in [line.cells[0].n for line in both.lines] and note_on(both) == words
    count(mine, terms[:1], 2023, [3])
    both = build(mine, Question(Measure.ISSUED, Dimension.SERIES, Dimension.YEAR))
    assert note_on(both) == "2023、2024 年各组人数过少，都以 * 代替。"


def test_n19_a_year_is_named_where_each_listed_group_stands_as_an_asterisk_and_only_there(
    city: City,
) -> None:
    """So the words tell nothing that the numbers don't."""
    mine = area(city, "enterprise")
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES]
    seen = {"named": 0, "some shown": 0, "nothing listed": 0}

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(*[st.lists(st.sampled_from([0, 1, 4, 5, 9]), min_size=6, max_size=6)] * 2)
    @example([0, 1, 1, 1, 1, 1], [9, 9, 0, 0, 0, 0])  # a year of single people beside another
    @example([1] * 6, [1] * 6)  # nobody may be listed at all
    def check(before: list[int], now: list[int]) -> None:
        count(mine, terms, 2024, before)
        count(mine, terms, 2025, now)
        for rows, columns in (
            (Dimension.SERIES, Dimension.YEAR),
            (Dimension.YEAR, Dimension.SERIES),
        ):
            table = build(mine, Question(Measure.ISSUED, rows, columns))
            by_year = rows is Dimension.YEAR
            years = [line.code for line in table.lines] if by_year else [c for c, _l in table.heads]
            for place, year in enumerate(years):
                cells = (
                    table.lines[place].cells
                    if by_year
                    else [line.cells[place] for line in table.lines]
                )
                starred = bool(cells) and all(cell.n is None for cell in cells)
                assert (year in table.silent) == starred
                seen["named" if starred else "some shown" if cells else "nothing listed"] += 1
        compared = comparing.compare(mine, Measure.ISSUED, Dimension.SERIES, 2024, 2025)
        groups = [line for line in compared.lines if not line.total]
        for year, key in ((2024, "a"), (2025, "b")):
            starred = bool(groups) and all(getattr(line, key).n is None for line in groups)
            assert (year in compared.silent) == starred

    check()
    assert all(seen.values()), seen


def test_n19_pages_file_and_report_of_single_people_list_no_group(few: City) -> None:
    """The page, a saved view's address, the file, the overview and the yearly report."""
    year = queries.years()[-1]
    facts = PersonFact.objects.filter(department_id=few.health.pk)
    series = list(Term.objects.filter(kind="series").values_list("pk", "text"))
    series += [(Term.objects.create(kind="series", text=name).pk, name) for name in NAMES]
    facts.update(passed_year=year - 30)
    ids = list(facts.order_by("pk").values_list("pk", flat=True)[: len(NAMES)])
    for pk, (term, _name), level in zip(
        ids, series[-len(NAMES) :], (1, 2, 3, 4, 5, 6), strict=True
    ):
        facts.filter(pk=pk).update(passed_year=year, series_id=term, level=level)
    recount(Measure.PASSED)
    client = as_(few, "health")
    words = "各组人数过少"
    for query in ("rows=series", "rows=series&columns=sex", "rows=sex&columns=series"):
        address = f"/statistics/table/?m=passed&{query}&year={year}"
        page = client.get(address)
        text = page.content.decode()
        assert words in text and not any(f">{name}<" in text for name in NAMES)
        assert page.context["table"].total is None or page.context["table"].total.n == len(NAMES)
        answer = client.get(address + "&export=xlsx")
        book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
        cells = [cell.value for row in book["统计表"].iter_rows() for cell in row]
        assert len(NAMES) in cells and not set(NAMES) & set(cells)
    page = client.get(f"/statistics/overview/?year={year}").content.decode()
    assert words in page and not any(f">{name}<" in page for name in NAMES)
    told = compose(few.who("health", "officer"), area(few, "health"), year, queries.years())
    tables = {table.title: table for table in told.tables}
    # Beside the year before, in which nobody passed.
    assert tables["评审通过人员的系列"].rows == [["合计", str(len(NAMES)), "0", "—", "—"]]
    assert not tables["评审通过人员的系列"].bars
    assert [row[0] for row in tables["级别与性别"].rows] == ["合计"]


def _book(client: Client, address: str) -> dict[str, str]:
    """The definitions of a page's Excel file."""
    answer = client.get(address + "&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    return {row[0].value: row[1].value for row in book["口径说明"].iter_rows()}


def _levels() -> list[str]:
    words = fixed_labels(Dimension.LEVEL)
    assert words is not None
    return [words[code] for code in range(1, 6)]


def test_n19_page_and_file_name_the_year_that_shows_no_group(few: City) -> None:
    year = queries.years()[-1]
    facts = PersonFact.objects.filter(department_id=few.health.pk)
    ids = list(facts.order_by("pk").values_list("pk", flat=True))
    assert len(ids) > 20
    facts.update(passed_year=year, level=1)
    for level, pk in enumerate(ids[:5], start=1):
        facts.filter(pk=pk).update(passed_year=year - 1, level=level)
    recount(Measure.PASSED)
    words = f"{year - 1} 年各组人数过少，都以 * 代替。"
    addresses = (
        "table/?m=passed&rows=level&columns=year",
        "table/?m=passed&rows=year&columns=level",
        f"compare/?m=passed&rows=level&a={year - 1}&b={year}",
    )
    listed, *others = _levels()
    for address in addresses:
        text = as_(few, "health").get(f"/statistics/{address}").content.decode()
        assert words in text and "只列合计" not in text, address
        assert f">{listed}<" in text and not any(f">{name}<" in text for name in others), address
        told = _book(as_(few, "health"), f"/statistics/{address}")
        assert told["分组"] == words and "只列合计" not in told
        # Where every number is shown nothing is to be said.
        assert "人数过少" not in as_(few, "office").get(f"/statistics/{address}").content.decode()
        assert "分组" not in _book(as_(few, "office"), f"/statistics/{address}")


def test_n19_where_one_dimensions_groups_are_listed_the_words_name_the_other(few: City) -> None:
    """Three of each level under eight and seven of each sex."""
    year = queries.years()[-1]
    facts = PersonFact.objects.filter(department_id=few.health.pk)
    ids = list(facts.order_by("pk").values_list("pk", flat=True)[:15])
    assert len(ids) == 15
    facts.update(passed_year=year - 30)
    for place, pk in enumerate(ids):
        facts.filter(pk=pk).update(passed_year=year, level=1 + place % 5, sex=1 + place // 8)
    recount(Measure.PASSED)
    client = as_(few, "health")
    words = "“级别”各组人数过少，不予列出，只列合计。"
    for query in ("rows=level&columns=sex", "rows=sex&columns=level"):
        address = f"/statistics/table/?m=passed&{query}&year={year}"
        page = client.get(address)
        text = page.content.decode()
        assert words in text and NONE_LISTED not in text
        assert ">女<" in text and not any(f">{name}<" in text for name in _levels())
        assert not page.context["table"].left_out
        assert _book(client, address)["分组"] == words
    overview = client.get(f"/statistics/overview/?year={year}")
    levels = overview.context["overview"].levels
    assert not levels.lines and _totals(levels) == [10, 5]
    text = overview.content.decode()
    assert words in text and text.count('<tfoot><tr><th scope="row">合计</th>') > 1
    told = compose(few.who("health", "officer"), area(few, "health"), year, queries.years())
    tables = {table.title: table for table in told.tables}
    assert tables["级别与性别"].note == words
    assert tables["级别与性别"].rows == [["合计", "10", "5", "15"]]
    assert tables["评审通过人员的级别"].note == UNFINISHED + NONE_LISTED
