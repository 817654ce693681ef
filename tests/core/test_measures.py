"""How long the store lasts and who spoils too much: the rules on their own."""

import random
from fractions import Fraction
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.blanks.measures import (
    CHANCE,
    PACE_WEEKS,
    Limit,
    Use,
    chance_of,
    coverage,
    judge,
    pace,
    short_by,
    too_low,
    usual_rate,
)


def test_n1_the_pace_counts_twelve_weeks_or_the_weeks_on_file() -> None:
    assert pace(1200) == 100
    assert pace(1200, 400) == 1200 / PACE_WEEKS
    assert pace(120, 4) == 30
    assert pace(5, 0.1) == 5  # the first days count as a week
    with pytest.raises(ValueError, match="less than nothing"):
        pace(-1)


def test_n1_the_store_lasts_for_ever_when_nothing_is_needed() -> None:
    assert coverage(400, 100) == 4
    assert coverage(0, 0) == inf
    assert not too_low(0, 0, Limit(4, 0))
    assert too_low(399, 100, Limit(4, 0))
    assert not too_low(400, 100, Limit(4, 0))
    assert too_low(499, 0, Limit(4, 500))


@given(st.integers(0, 5000), st.floats(0, 500), st.integers(0, 60), st.integers(0, 3000))
def test_n1_what_is_short_is_exactly_what_ends_the_warning(
    store: int, weekly: float, weeks: int, least: int
) -> None:
    limit = Limit(weeks, least)
    missing = short_by(store, weekly, limit)
    if too_low(store, weekly, limit):
        assert missing > 0
        # Weeks are divided and multiplied back: the last blank may be one of rounding.
        assert not too_low(store + missing + 1, weekly, limit)
    else:
        assert missing <= 1


@given(st.integers(1, 60), st.data())
def test_n9_the_chance_is_the_binomial_tail(used: int, data: st.DataObject) -> None:
    spoiled = data.draw(st.integers(0, used))
    rate = data.draw(st.fractions(0, 1, max_denominator=200))
    exact = sum(
        comb(used, number) * rate**number * (1 - rate) ** (used - number)
        for number in range(spoiled, used + 1)
    )
    assert chance_of(spoiled, used, float(rate)) == pytest.approx(float(Fraction(exact)), abs=1e-9)


def test_n9_the_chance_holds_for_large_units() -> None:
    assert chance_of(500, 25_000, 0.02) == pytest.approx(0.51, abs=0.02)
    assert chance_of(700, 25_000, 0.02) < 1e-15
    assert chance_of(25_000, 25_000, 1.0) == 1
    assert chance_of(1, 25_000, 0.0) == 0


def test_n9_a_small_unit_is_not_marked_by_chance_and_a_large_one_is() -> None:
    uses = [Use(number, f"单位{number}", 1000, 20) for number in range(9)]
    small, large = Use(10, "小", 5, 1), Use(11, "大", 1000, 60)
    judged = {item.use.unit: item for item in judge([*uses, small, large])}
    assert not judged["小"].outlier  # 20 %, but one of five
    assert judged["小"].chance > CHANCE
    assert judged["大"].outlier  # 6 %, sixty of a thousand
    assert not any(judged[use.unit].outlier for use in uses)


def test_n9_a_few_spoiled_blanks_or_a_little_more_than_usual_stand_out_nowhere() -> None:
    uses = [Use(number, str(number), 1000, 20) for number in range(9)]
    few, little = Use(10, "few", 4, 4), Use(11, "little", 100_000, 2_600)
    judged = {item.use.unit: item for item in judge([*uses, few, little])}
    assert judged["few"].chance < CHANCE / 11 and not judged["few"].outlier
    assert judged["little"].chance < CHANCE / 11 and not judged["little"].outlier


def test_n9_chance_alone_marks_hardly_anybody() -> None:
    chance = random.Random(18)  # noqa: S311
    marked = 0
    for _city in range(40):
        used = [chance.randrange(5, 300) for _unit in range(40)]
        uses = [
            Use(unit, str(unit), total, sum(chance.random() < 0.03 for _ in range(total)))
            for unit, total in enumerate(used)
        ]
        marked += sum(item.outlier for item in judge(uses))
    assert marked <= 1  # one in a thousand for each of the forty cities


def test_n9_where_half_the_units_spoil_nothing_the_whole_city_is_the_measure() -> None:
    uses = [Use(number, str(number), 100, 0) for number in range(5)] + [Use(9, "9", 100, 6)]
    assert usual_rate(uses) == 6 / 600
    assert usual_rate([]) == 0
    assert usual_rate([Use(1, "1", 0, 0)]) == 0
