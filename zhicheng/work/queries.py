"""Reads of long work, and whether anybody does it."""

from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from zhicheng.organizations.models import Account
from zhicheng.protection import reveal_bytes
from zhicheng.work.models import Work, WorkState

SILENT_AFTER = timedelta(seconds=45)


def own(account: Account) -> QuerySet[Work]:
    """What the account asked for; nobody else's (invariant 9)."""
    return Work.objects.filter(account=account).defer("payload", "product")


def ahead_of(work: Work) -> int:
    """How many pieces of work of anybody's stand before this one in the queue."""
    return Work.objects.filter(state=WorkState.WAITING, pk__lt=work.pk).count()


def worker_lives() -> bool:
    """Whether a worker has given a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > %s)",
            [timezone.now() - SILENT_AFTER],
        )
        return bool(cursor.fetchone()[0])


def settle(work: Work) -> None:
    """Notes that whoever asked has seen how it ended."""
    Work.objects.filter(pk=work.pk, seen_at=None).update(seen_at=timezone.now())


def product_of(work: Work) -> bytes | None:
    """The file that the work made; None when it made none or its day is over."""
    product = Work.objects.values_list("product", flat=True).get(pk=work.pk)
    return reveal_bytes(bytes(product)) if product is not None else None
