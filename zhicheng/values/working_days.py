"""Working days: Monday to Friday, but for the days that the State Council moves each year."""

from collections.abc import Mapping
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SATURDAY = 5
NOTHING_MOVED: Mapping[date, bool] = {}


def is_working(day: date, moved: Mapping[date, bool] = NOTHING_MOVED) -> bool:
    """Whether people work on ``day``; ``moved`` names holidays (False) and worked weekends."""
    return moved.get(day, day.weekday() < SATURDAY)


def due_on(since: date, days: int, moved: Mapping[date, bool] = NOTHING_MOVED) -> date:
    """The last day in time: the ``days``-th working day after ``since``."""
    day, left = since, days
    while left > 0:
        day += ONE_DAY
        if is_working(day, moved):
            left -= 1
    return day


def between(first: date, last: date, moved: Mapping[date, bool] = NOTHING_MOVED) -> int:
    """How many working days lie after ``first`` up to and with ``last``; negative backwards."""
    if last < first:
        return -between(last, first, moved)
    count, day = 0, first
    while day < last:
        day += ONE_DAY
        count += is_working(day, moved)
    return count
