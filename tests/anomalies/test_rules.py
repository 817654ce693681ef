"""When something counts as unusual: the pure part."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhicheng.anomalies.rules import (
    Thresholds,
    is_night,
    night_hours,
    reach,
    runs_over,
    unlike_the_others,
)


# The first draw that hypothesis makes takes it a second on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.integers(), st.integers(0, 500), max_size=12), st.integers(1, 50))
def test_who_is_listed_reached_the_least_and_exceeds_what_is_usual(
    counts: dict[int, int], least: int
) -> None:
    for key, usual in unlike_the_others(counts, least).items():
        assert counts[key] >= least and counts[key] > usual


def test_one_among_like_ones_stands_out_and_all_alike_do_not() -> None:
    assert set(unlike_the_others({1: 40, 2: 3, 3: 5, 4: 0}, 30)) == {1}
    assert unlike_the_others({1: 40, 2: 41, 3: 39, 4: 44}, 30) == {}
    assert set(unlike_the_others({1: 40}, 30)) == {1}


def test_the_night_goes_over_midnight() -> None:
    usual = Thresholds()
    assert [hour for hour in range(24) if is_night(hour, usual)] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert list(night_hours(Thresholds(night_from=1, night_to=4))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("stem", "usual", "gap", "over"),
    [
        ("20260", "20261", 1, True),  # 2026099998 … 2026100005
        ("渝", "渝1", 3, True),  # 渝99999 … 渝100000
        ("渝2025", "渝2026", 99_900, False),
        ("X", "渝2026", 5, False),
    ],
)
def test_numbers_that_run_over_a_full_hundred_thousand_are_of_one_kind(
    stem: str, usual: str, gap: int, over: bool
) -> None:
    assert runs_over(stem, usual, gap) is over and runs_over(usual, stem, gap) is over


@pytest.mark.parametrize(
    ("used", "up_to", "odd"),
    [
        ([30, 29, 28], 30, 0),
        ([90_000, 30, 29, 28], 30, 1),
        ([90_001, 90_000, 30, 29, 28], 30, 2),
        ([90_002, 90_001, 90_000, 30], 90_002, 0),  # a range of its own, lower ones are late
        ([900_000, 90_000, 30, 29, 28], 30, 2),  # typed wrong twice
        ([5002, 5001, 3000, 2999, 100, 99, 98], 5002, 0),  # blocks of the unit
        ([30_001, 20_001, 10_001, 30, 29, 28], 30_001, 0),
        ([1000, 30, 29, 28], 1000, 0),  # near enough to run on
        ([5], 5, 0),
        ([90_000, 5], 5, 1),
    ],
)
def test_few_numbers_far_above_do_not_say_up_to_where_a_unit_is(
    used: list[int], up_to: int, odd: int
) -> None:
    assert reach(used) == (up_to, odd)
