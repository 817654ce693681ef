"""Deadlines and moved days as they were set long ago: written past the rule that days must come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from zhicheng.notifications.models import MovedDay, TaskDeadline


@contextmanager
def triggers_at_rest() -> Iterator[None]:
    """What the database refuses to be written today, a test writes as if it had been then."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def had_deadline(kind: str, valid_from: date, days: int) -> TaskDeadline:
    """The kind had so many working days from a day on, past or not."""
    set_at = timezone.make_aware(datetime.combine(valid_from, time(8)))
    with triggers_at_rest():
        return TaskDeadline.objects.create(
            kind=kind, valid_from=valid_from, days=days, set_at=set_at
        )


def were_moved(first: date, last: date, *, works: bool) -> None:
    """The weekend days between were worked, or the weekdays were off."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    with triggers_at_rest():
        MovedDay.objects.bulk_create(
            MovedDay(day=day, works=works) for day in days if (day.isoweekday() >= 6) == works
        )
