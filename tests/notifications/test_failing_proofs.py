"""A proof that fails is told when it begins or changes, and once a day while it stays (N18)."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.city import City
from zhicheng.notifications import making
from zhicheng.notifications.models import Notification
from zhicheng.proofs.models import Proof, Subject


def ran(hours: float, *kinds: str, subject: Subject = Subject.AUDIT) -> None:
    """A run so many hours ago, with these kinds of fault."""
    at = timezone.now() - timedelta(hours=hours)
    faults = [{"kind": kind, "message": f"at {hours}"} for kind in kinds]
    Proof.objects.create(
        subject=subject,
        started_at=at,
        finished_at=at,
        passed=not kinds,
        report={"faults": faults},
    )


def told(city: City, role: str = "auditor") -> int:
    making.make()
    account = city.who("office", role)
    return Notification.objects.filter(account=account, kind="proof").count()


def test_a_failed_proof_is_told_to_auditors_and_administrators_once(city: City) -> None:
    ran(1, "event.changed")
    for role in ("auditor", "administrator"):
        assert told(city, role) == told(city, role) == 1
    assert told(city, "officer") == 0


def test_a_fault_that_stays_is_told_once_a_day(city: City) -> None:
    for hours in (40, 39, 38, 20, 17):
        ran(hours, "event.changed")
    assert told(city) == 1
    ran(15, "event.changed")  # a day and an hour after it began
    assert told(city) == 2
    ran(14, "event.changed")
    assert told(city) == 2


def test_a_fault_that_changes_or_begins_anew_is_told_at_once(city: City) -> None:
    ran(10, "event.changed")
    assert told(city) == 1
    ran(9, "event.changed", "event.missing")
    assert told(city) == 2
    ran(8, "event.missing", "event.changed")
    assert told(city) == 2
    ran(7)
    ran(6, "event.changed", "event.missing")
    assert told(city) == 3
    ran(5, "event.changed", "event.missing", subject=Subject.LEDGER)
    assert told(city) == 4


def test_a_fault_older_than_what_is_looked_at_keeps_its_beginning(city: City) -> None:
    for hours in (100, 99, 30, 29, 5):
        ran(hours, "event.changed")
    assert told(city) == 2  # two days on, and three
    Proof.objects.filter(started_at__lt=timezone.now() - timedelta(hours=29.5)).exclude(
        pk=Proof.objects.earliest("started_at").pk
    ).delete()
    assert told(city) == 2


def test_the_statements_do_not_grow_with_the_proofs(city: City) -> None:
    def counted() -> int:
        Notification.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            making.make_of_proofs()
        return len(queries)

    ran(20, "event.changed")
    before = counted()
    for hours in range(1, 10):
        ran(hours, *["event.changed"] * hours)
    assert counted() == before
