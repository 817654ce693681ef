"""The yearly report says its period and its figures in words, with last year's beside them."""

from datetime import UTC, date, datetime

import pytest

from tests.statistics.outside import area
from tests.support.city import City
from tests.support.counted_papers import YEARS
from zhicheng.documents.yearly_report import CHARTED, ReportTable, drawn, undrawn
from zhicheng.statistics import queries, report_views, report_words
from zhicheng.statistics.definitions import Dimension, Measure, fixed_labels
from zhicheng.statistics.models import Head
from zhicheng.statistics.report_views import compose
from zhicheng.statistics.tables import Question, build


def test_an_unfinished_year_ends_with_the_day_up_to_which_is_counted() -> None:
    assert report_words.period(2025, date(2026, 1, 1)) == "2025年1月1日至12月31日"
    told = report_words.period(2026, date(2026, 11, 27))
    assert told.startswith("2026年1月1日至11月27日") and "尚未结束" in told


def test_the_picture_draws_the_largest_and_says_what_it_leaves_out() -> None:
    items = [(f"区{n}", n) for n in range(1, 20)] + [("市级及未定", 500)]
    shown = drawn(items)
    assert shown[0] == ("市级及未定", 500) and len(shown) == CHARTED
    assert "另有 4 项（共 10）" in undrawn(items)
    assert drawn(items[:CHARTED]) == items[:CHARTED] and undrawn(items[:CHARTED]) == ""


def test_the_opening_and_the_tables_tell_the_counted_figures_and_last_years(few: City) -> None:
    account = few.who("office", "officer")
    told = compose(account, area(few, "office", "officer"), 2024, queries.years())
    (words,) = told.opening

    def n(measure: Measure, year: int) -> int:
        return queries.counts(measure, [], {Dimension.YEAR: year}).get((), 0)

    now, before = n(Measure.PASSED, 2024), n(Measure.PASSED, 2023)
    assert now and before and now != before
    change = f"{'增加' if now > before else '减少'} {100 * abs(now - before) / before:.1f}%"
    assert f"评审通过 {now} 人次，比上年{change}" in words
    assert f"补办 {n(Measure.REPLACEMENT, 2024)} 本、换发 {n(Measure.RENEWAL, 2024)} 本" in words
    tables = {table.title: table for table in told.tables}
    for title in ("各核准部门评审通过人次", "评审通过的资格名称"):
        assert tables[title].rows[-1][:3] == ["合计", str(now), str(before)]
    assert not any("_" in text for _name, text in told.definitions)


def test_what_is_not_among_the_largest_stands_together(
    few: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = few.who("office", "officer")
    whole = area(few, "office", "officer")
    full = {item.title: item for item in compose(account, whole, 2024, queries.years()).tables}
    rows = full["各填报单位首次核发证书"].rows
    monkeypatch.setattr(report_views, "LARGEST", 2)
    cut = {item.title: item for item in compose(account, whole, 2024, queries.years()).tables}
    told = cut["各填报单位首次核发证书"].rows
    assert told[:2] == rows[:2] and told[-1] == rows[-1] and len(told) == 4
    assert told[2][:2] == [f"其余 {len(rows) - 3} 项", str(sum(int(row[1]) for row in rows[2:-1]))]


def test_an_unfinished_year_has_no_change_beside_the_whole_one_before(
    few: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, whole = few.who("office", "officer"), area(few, "office", "officer")
    monkeypatch.setattr(report_views, "LARGEST", 2)
    titles = {
        title for _measure, _dimension, title in (*report_views._WHOLE, *report_views._LARGEST)
    }

    def beside(year: int) -> list[ReportTable]:
        tables = compose(account, whole, year, queries.years()).tables
        return [table for table in tables if table.title in titles]

    now = YEARS[-1]
    Head.objects.update(as_of=datetime(now, 11, 27, tzinfo=UTC))
    unfinished, finished = beside(now), beside(2024)
    assert len(unfinished) == len(finished) == len(titles)
    for table in unfinished:
        assert any(row[0] == "合计" and row[1] != "0" != row[2] for row in table.rows)
        assert {tuple(row[3:]) for row in table.rows} == {("—", "—")}
        assert "本年尚未结束，不计算增减。" in table.note
    assert any(row[0].startswith("其余") for table in unfinished for row in table.rows)
    for table in finished:
        assert table.rows[-1][3:] != ["—", "—"] and "尚未结束" not in table.note


LISTED_WHOLE = {
    "评审通过人员的级别": Dimension.LEVEL,
    "评审通过人员的系列": Dimension.SERIES,
    "评审通过人员的年龄段": Dimension.AGE,
}


@pytest.mark.parametrize(("title", "dimension"), LISTED_WHOLE.items())
def test_level_series_and_age_have_last_years_number_beside(
    few: City, title: str, dimension: Dimension
) -> None:
    """Every group of either year, as counted; the picture draws the year's own numbers."""
    account = few.who("office", "officer")
    told = compose(account, area(few, "office", "officer"), 2024, queries.years())
    (table,) = [item for item in told.tables if item.title == title]
    assert table.heads[1:] == ["2024 年", "2023 年", "增减", "增减（%）"]
    now, before = (
        queries.counts(Measure.PASSED, [dimension], {Dimension.YEAR: year}) for year in (2024, 2023)
    )
    codes = sorted({code for (code,) in {*now, *before}})
    names = queries.names_of(dimension, codes) | dict(fixed_labels(dimension) or {})
    expected = {
        str(names[code]): [str(now.get((code,), 0)), str(before.get((code,), 0))] for code in codes
    }
    *rows, total = table.rows
    assert {row[0]: row[1:3] for row in rows} == expected
    assert total[:3] == ["合计", str(sum(now.values())), str(sum(before.values()))]
    for row in table.rows:
        assert int(row[3]) == int(row[1]) - int(row[2])
    assert table.bars == [(row[0], int(row[1])) for row in rows]


def test_n19_outside_the_office_two_years_beside_each_other_tell_no_more_than_each_alone(
    few: City,
) -> None:
    """Each year is hidden and in fives as in its own table; no change of what isn't shown."""
    hidden = sum(
        _told_as_alone(few, who, year)
        for who in ("enterprise", "district", "health", "hospital")
        for year in queries.years()
    )
    assert hidden


def _told_as_alone(city: City, who: str, year: int) -> int:
    """How many lines have a hidden number."""
    mine, hidden = area(city, who, "officer"), 0
    told = compose(city.who(who, "officer"), mine, year, queries.years())
    for table in told.tables:
        if table.title not in LISTED_WHOLE:
            continue
        dimension = LISTED_WHOLE[table.title]
        groups = [row for row in table.rows if row[0] != "合计"]
        for place, shown in ((1, year), (2, year - 1)):
            counted = build(mine, Question(Measure.PASSED, dimension, None, shown))
            alone = {line.label: line.cells[0].n for line in counted.lines}
            for row in groups:
                n = alone.get(row[0], None if counted.left_out else 0)
                assert row[place] == ("*" if n is None else str(n))
                assert n is None or n % 5 == 0
        for row in groups:
            if "*" in row[1:3]:
                hidden += 1
                assert list(row[3:]) == ["—", "—"]
        if any(row[1] == "*" for row in groups):
            assert not table.bars
    return hidden


def test_n19_outside_the_office_the_opening_tells_no_small_number(few: City) -> None:
    mine = area(few, "enterprise", "officer")
    for year in queries.years():
        told = compose(few.who("enterprise", "officer"), mine, year, queries.years())
        issued = queries.counts(Measure.ISSUED, [], {**mine.where, Dimension.YEAR: year}).get((), 0)
        (words,) = told.opening
        if 0 < issued < 5:
            assert "首次核发证书不足 5 本" in words
        else:
            assert f"首次核发证书 {issued} 本" in words
        # Nothing that the office alone sees.
        assert "作废证书" not in words and "撤销" not in words
