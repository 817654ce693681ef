"""Forgets what public questions left behind once its time is over, and prepares next months."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.verification.models import AddressKey, AskingCount, Lookup, UsedChallenge

LEAST_MONTHS = 7  # the database keeps every lookup for 180 days
KEYS_KEPT = timedelta(days=7)
COUNTS_KEPT = timedelta(hours=3)
_PARTITION = "verification_lookup_y"


def forget_counts(now: datetime | None = None) -> None:
    """Counts of hours ago and challenges that have run out."""
    now = now or timezone.now()
    AskingCount.objects.filter(began__lt=now - COUNTS_KEPT).delete()
    UsedChallenge.objects.filter(expires_at__lt=now).delete()


def prepare_months(today: date | None = None) -> None:
    """Makes the partitions of this month and the next three."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT make_lookup_month((%s::date + make_interval(months => m))::date)"
            " FROM generate_series(0, 3) AS m",
            [today or timezone.localdate()],
        )


def forget_lookups(*, actor: Actor, now: datetime | None = None) -> list[str]:
    """Drops the months beyond the setting and the keys of addresses of a week ago."""
    require(actor, Action.LOOKUP_FORGET)
    now = now or timezone.now()
    AddressKey.objects.filter(day__lt=timezone.localdate(now) - KEYS_KEPT).delete()
    months = max(LEAST_MONTHS, int(getattr(settings, "ZHICHENG_LOOKUPS_KEPT_MONTHS", 24)))
    first = _months_before(now.date(), months)
    with transaction.atomic():
        gone = [name for name in _partitions() if name < f"{_PARTITION}{first:%Ym%m}"]
        with connection.cursor() as cursor:
            for name in gone:
                cursor.execute(f'DROP TABLE "{name}"')
        rest, _each = Lookup.objects.filter(at__date__lt=first).delete()
        if gone or rest:
            with recorded(actor, Action.LOOKUP_FORGET) as record:
                record(data={"months": gone, "others": rest, "before": first.isoformat()})
    return gone


def _months_before(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def _partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'verification_lookup'::regclass AND c.relname LIKE %s"
            " ORDER BY c.relname",
            [f"{_PARTITION}%"],
        )
        return [name for (name,) in cursor.fetchall()]
