"""Dates: all usual forms mean their one day; what could mean two is never completed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.values.dates import read_date
from zhicheng.values.text import DATE

DAY = date(2018, 10, 15)


@pytest.mark.parametrize(
    "cell",
    [
        "2018年10月15日",
        "2018.10.15",
        "2018/10/15",
        "2018－10－15",
        "２０１８．１０．１５",
        " 2018 年 10 月 15 日 ",
        "20181015",
        "2018-10-15 00:00:00",
        "二〇一八年十月十五日",
        "2018、10、15",
        "2018 10 15",
        "2018/10/15 8:30",
        "2018年10月15日（星期一）",
        "二○一八年十月十五日",
        20181015.0,
        43388.0,
    ],
)
def test_usual_forms_are_tidied(cell: str | float) -> None:
    read = read_date(cell)
    assert (read.value, read.text, read.codes) == (DAY, "2018-10-15", (DATE,))


@pytest.mark.parametrize("cell", ["2018-10-15", DAY, datetime(2018, 10, 15, 8, 30, tzinfo=UTC)])
def test_proper_dates_need_no_tidying(cell: str | date) -> None:
    read = read_date(cell)
    assert (read.value, read.text, read.codes) == (DAY, "2018-10-15", ())


def test_short_months_and_days() -> None:
    assert read_date("2018年1月5日").value == date(2018, 1, 5)
    assert read_date("二〇一九年一月三十一日").value == date(2019, 1, 31)


def test_serial_numbers_of_the_1904_system() -> None:
    assert read_date(41926.0, date_1904=True).value == DAY


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2018年10月", (2018, 10)),
        ("2018.10", (2018, 10)),
        ("201810", (2018, 10)),
        (201810.0, (2018, 10)),
        # As a number 2018.10 is 2018.1: January or October, nobody knows.
        (2018.1, None),
        (2018.3, (2018, 3)),
        (2018.12, (2018, 12)),
        ("2018.3", (2018, 3)),
        ("二〇一八年十月", (2018, 10)),
    ],
)
def test_year_and_month_alone_are_never_completed(
    cell: str | float, month: tuple[int, int] | None
) -> None:
    read = read_date(cell)
    assert (read.value, read.month) == (None, month)


def test_a_number_that_may_be_january_or_october_says_so() -> None:
    assert read_date(2018.1).ambiguous
    assert not read_date(2018.2).ambiguous
    assert not read_date("2018.10").ambiguous


def test_a_time_of_day_never_becomes_a_part_of_the_day() -> None:
    assert read_date("2018/12/1 10:00").value == date(2018, 12, 1)
    assert read_date("2018-12-01 10:00:00").value == date(2018, 12, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2018-02-30",
        "2018 1 2-5",
        "12/5/2018",
        "二〇一八年十十月十日",
        "18.10.15",
        "去年",
        "43388",
        "2018-13-01",
        "",
        None,
        3.0,
        True,
        "0018-1-1",
    ],
)
def test_nothing_is_guessed(cell: str | float | None) -> None:
    assert read_date(cell).value is None


@given(
    st.dates(min_value=date(1980, 1, 1), max_value=date(2079, 12, 31)),
    st.sampled_from(
        [
            "{0.year}年{0.month}月{0.day}日",
            "{0.year}.{0.month}.{0.day}",
            "{0:%Y%m%d}",
            "{0:%Y/%m/%d}",
            "{0}",
        ]
    ),
)
def test_every_day_in_every_form(day: date, form: str) -> None:
    assert read_date(form.format(day)).value == day


@given(st.text(max_size=30))
def test_no_text_makes_it_stumble(text: str) -> None:
    read = read_date(text)
    assert read.value is None or read_date(read.text).value == read.value
