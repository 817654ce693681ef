"""Working days: weekends and moved days."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhicheng.values.working_days import between, due_on, is_working

THURSDAY = date(2026, 11, 26)
BEGIN = date(2026, 1, 1)
OFFSETS = st.integers(0, 200)
MOVED = st.dictionaries(OFFSETS, st.booleans(), max_size=12)


def test_a_weekend_lies_between() -> None:
    assert due_on(THURSDAY, 1) == date(2026, 11, 27)
    assert due_on(THURSDAY, 2) == date(2026, 11, 30)
    assert due_on(THURSDAY, 1, {date(2026, 11, 27): False}) == date(2026, 11, 30)
    assert due_on(THURSDAY, 2, {date(2026, 11, 28): True}) == date(2026, 11, 28)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(OFFSETS, st.integers(1, 60), MOVED)
def test_due_is_a_working_day_and_so_many_of_them_away(
    start: int, days: int, offsets: dict[int, bool]
) -> None:
    since = BEGIN + timedelta(days=start)
    moved = {BEGIN + timedelta(days=offset): works for offset, works in offsets.items()}
    due = due_on(since, days, moved)
    assert is_working(due, moved) and between(since, due, moved) == days
    assert between(due, since, moved) == -days
    counted = [since + timedelta(days=n) for n in range(1, (due - since).days + 1)]
    assert sum(is_working(day, moved) for day in counted) == days
