"""When something counts as unusual: the pure part."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhicheng.anomalies.rules import (
    Thresholds,
    far_above,
    is_night,
    night_hours,
    runs_over,
    tail,
    unlike_the_others,
)


def test_the_tail_is_the_binomial_one() -> None:
    # By counting: two or more sixes among three dice.
    assert tail(2, 3, 1 / 6) == pytest.approx(3 * 5 / 216 + 1 / 216)
    assert tail(0, 10, 0.5) == 1.0
    assert tail(3, 3, 0.1) == pytest.approx(0.001)


# The first floating number that hypothesis draws takes it a second on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_the_tail_falls_with_the_count_and_grows_with_the_share(
    total: int, least: int, share: float
) -> None:
    least = min(least, total)
    assert tail(least, total, share) >= tail(least + 1, total, share) - 1e-9
    assert tail(least, total, share) <= tail(least, total, min(1.0, share * 1.01)) + 1e-9


def test_a_unit_that_spoils_ten_times_as_much_stands_out_and_no_other() -> None:
    counts = dict.fromkeys(range(50), (2, 200)) | {99: (20, 200)}
    found = far_above(counts)
    assert set(found) == {99}
    assert found[99].share == 0.1 and found[99].times > 9


def test_chance_alone_lists_hardly_anybody() -> None:
    chance = random.Random(18)  # noqa: S311
    listed = 0
    for _city in range(40):
        counts = {
            unit: (sum(chance.random() < 0.03 for _ in range(total)), total)
            for unit in range(40)
            if (total := chance.randrange(5, 300))
        }
        listed += len(far_above(counts))
    assert listed <= 1  # one in a thousand for each of the forty cities


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
