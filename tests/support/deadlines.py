"""What was set or moved long ago: written past the rule that its day must come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from zhicheng.notifications.models import MovedDay, TaskDeadline
from zhicheng.reissues.models import StepDeadline


@contextmanager
def triggers_at_rest() -> Iterator[None]:
    """What the database refuses to be written today, a test writes as if it had been then."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def had_deadline(kind: str, valid_from: date, days: int) -> TaskDeadline:
    """The kind had so many working days from a day on, past or not."""
    with triggers_at_rest():
        return TaskDeadline.objects.create(
            kind=kind, valid_from=valid_from, days=days, set_at=_morning(valid_from)
        )


def step_had_deadline(step: str, valid_from: date, days: int) -> StepDeadline:
    """The step of an application had so many calendar days from a day on, past or not."""
    with triggers_at_rest():
        return StepDeadline.objects.create(
            step=step, valid_from=valid_from, days=days, set_at=_morning(valid_from)
        )


def were_moved(first: date, last: date, *, works: bool) -> None:
    """The weekend days between were worked, or the weekdays were off."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    with triggers_at_rest():
        MovedDay.objects.bulk_create(
            MovedDay(day=day, works=works) for day in days if (day.isoweekday() >= 6) == works
        )


def was_set_for(setting: Model, day: date) -> None:
    """The setting began on a day that is past now."""
    with triggers_at_rest():
        type(setting)._default_manager.filter(pk=setting.pk).update(valid_from=day)


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(8)))
