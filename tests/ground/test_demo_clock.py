"""The demo's clock: forward only, in Python and in PostgreSQL, and gone when the past is told."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from zhicheng.demo.clock import Days, at, past, run


def moment(name: str) -> timedelta:
    """How far the database's function is behind the real time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_catalog.clock_timestamp() - {name}()")
        ((behind,),) = cursor.fetchall()
    assert isinstance(behind, timedelta)
    return behind


@pytest.mark.django_db
def test_python_and_the_database_are_in_the_same_past() -> None:
    day = timezone.localdate() - timedelta(days=200)
    with past(at(day, 10)) as clock:
        assert timezone.localdate() == day
        assert moment("clock_timestamp").days == moment("now").days == clock.behind.days
        clock.go(at(day + timedelta(days=3), 9))
        assert timezone.localdate() == day + timedelta(days=3)
        assert moment("clock_timestamp").days == clock.behind.days
        clock.go(at(day, 12))
        assert timezone.localdate() == day + timedelta(days=3)
        clock.go(timezone.now() + timedelta(days=400))
        assert clock.behind == timedelta(0)
    assert timezone.localdate() > day
    assert moment("clock_timestamp") < timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'demo_clock'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_past_that_fails_leaves_no_trace() -> None:
    begin = timezone.now() - timedelta(days=90)
    with pytest.raises(ZeroDivisionError), past(begin):
        raise ZeroDivisionError
    assert moment("clock_timestamp") < timedelta(days=1)
    assert timezone.now() - begin >= timedelta(days=90)


@pytest.mark.django_db
def test_courses_take_turns_in_the_order_of_their_moments() -> None:
    day, told = timezone.localdate() - timedelta(days=30), []

    def course(name: str, *days: int):  # type: ignore[no-untyped-def]
        for ago in days:
            yield at(day + timedelta(days=ago), 9)
            told.append((name, (timezone.localdate() - day).days))

    with past(at(day, 8)) as clock:
        run(clock, [course("a", 1, 4, 9), course("b", 2, 3), course("c")])
    assert told == [("a", 1), ("b", 2), ("b", 3), ("a", 4), ("a", 9)]


def test_the_story_lies_in_the_past_on_working_days_whatever_the_day() -> None:
    for number in range(800):
        today = date(2026, 1, 1) + timedelta(days=number)
        days = Days(today)
        begun, last = days.ago(Days.STORY), days.ago(1)
        assert days.ago(0).date() == today
        assert last.date() < today
        assert {day.weekday() for day in (begun, last)} <= set(range(5))
        # The lists are in before the first register.
        assert days.on(6, 17) < begun
        assert days.year in (today.year, today.year - 1)
