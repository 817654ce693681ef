"""The made-up city's clock: its past is told in the past, and time only ever goes forward.

Everything here happens through the product's own actions, which take the time from
``django.utils.timezone`` and, in triggers, from PostgreSQL. Within :func:`past` both tell the
same earlier moment, whose distance to the present only ever shrinks: so every constraint on the
order of things holds as it does in a real city, and what is recorded first happened first.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from zhicheng.values.working_days import ONE_DAY, is_working

# What a part of the story does; it yields the moment at which it goes on.
Course = Generator[datetime, None, Any]

_BEGIN = """
CREATE SCHEMA demo_clock;
CREATE FUNCTION demo_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() - pg_catalog.current_setting(''demo.behind'')::interval';
CREATE FUNCTION demo_clock.now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT demo_clock.clock_timestamp()';
SET LOCAL search_path = demo_clock, pg_catalog, "$user", public;
"""
# The schema has to be empty: a table that came to lie in it would be the product's own.
_END = """
DROP FUNCTION demo_clock.now();
DROP FUNCTION demo_clock.clock_timestamp();
DROP SCHEMA demo_clock RESTRICT;
"""


class Clock:
    """How far behind the present it is."""

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind
        self._set(behind)

    @property
    def behind(self) -> timedelta:
        """What the present is ahead."""
        return self._behind

    def go(self, moment: datetime) -> None:
        """On to ``moment``; never back, never beyond the present."""
        behind = datetime.now(timezone.get_default_timezone()) - moment
        self._set(max(timedelta(0), min(self._behind, behind)))

    def _set(self, behind: timedelta) -> None:
        self._behind = behind
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('demo.behind', %s, true)", [f"{behind.total_seconds():f} s"]
            )


@contextmanager
def past(begin: datetime) -> Iterator[Clock]:
    """Within, in one transaction, it is ``begin`` and later, by the clock that it gives.

    PostgreSQL's part is a schema before all others, which is gone before the transaction ends.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            ((searched,),) = cursor.fetchall()
            cursor.execute(_BEGIN)
        clock = Clock(timezone.now() - begin)
        with _python(clock):
            yield clock
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', %s, true)", [searched])
            cursor.execute(_END)


@contextmanager
def _python(clock: Clock) -> Iterator[None]:
    """``timezone.now`` itself stays: many a model's default has taken hold of it."""

    class _Any(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime)

    class Behind(datetime, metaclass=_Any):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - clock.behind

    real = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = Behind  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = real  # type: ignore[attr-defined]


class Days:
    """The days of the story, counted from the day on which it is told."""

    STORY = 80  # working days
    BEFORE = 7  # years

    def __init__(self, today: date) -> None:
        self._working = [today]
        day = today
        while len(self._working) <= self.STORY:
            day -= ONE_DAY
            if is_working(day):
                self._working.append(day)
        # What was approved in spring is certified from summer on.
        begun = self._working[-1]
        self.year = begun.year if begun >= date(begun.year, 6, 25) else begun.year - 1
        self.first_year = self.year - self.BEFORE

    @property
    def earlier(self) -> range:
        """The years before the story's."""
        return range(self.first_year, self.year)

    def ago(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """So many working days before today; today itself for 0."""
        return at(self._working[days], hour, minute)

    def on(self, month: int, day: int, *, year: int = 0) -> datetime:
        """In the morning of a day of the story's year, or of another."""
        found = date(year or self.year, month, day)
        while not is_working(found):
            found += ONE_DAY
        return at(found, 9, 30)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day here."""
    return timezone.make_aware(
        datetime.combine(day, time(hour, minute)), timezone.get_default_timezone()
    )


def run(clock: Clock, courses: Iterable[Course]) -> None:
    """All courses to their ends, whoever's turn is earliest first."""
    waiting: list[tuple[datetime, int, Course]] = []
    for order, course in enumerate(courses):
        if (moment := next(course, None)) is not None:
            heappush(waiting, (moment, order, course))
    while waiting:
        moment, order, course = heappop(waiting)
        clock.go(moment)
        if (following := next(course, None)) is not None:
            heappush(waiting, (max(following, moment), order, course))
