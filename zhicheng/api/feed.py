"""Reads the feed: everything after a number, in order, nothing skipped, nothing twice."""

from dataclasses import dataclass

from django.db import connection, transaction

from zhicheng.api.models import FeedHead
from zhicheng.api.records import ROW, TABLES, seen_by, with_id_number
from zhicheng.organizations.models import Account

AT_ONCE = 5_000
MOST = 1_000


@dataclass(frozen=True)
class Page:
    """Changes as JSON texts; ``position`` is where to go on, ``more`` whether there is more."""

    changes: list[bytes]
    position: int
    more: bool


def number_changes() -> int:
    """Numbers everything that is committed and has no number yet; gives how many."""
    total = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT EXISTS (SELECT FROM api_pendingchange)")
            if cursor.fetchone() == (False,):
                return total
            # A transaction of its own: the head's lock is held for one batch alone.
            with transaction.atomic():
                cursor.execute("SELECT api_number_changes(%s)", [AT_ONCE])
                (moved,) = cursor.fetchone()
            total += moved
            if moved == 0:
                return total


def head() -> int:
    """The last number given. Everything up to it can be seen by any later statement."""
    found = FeedHead.objects.values_list("sequence", flat=True).first()
    return found or 0


def changes(account: Account, *, after: int, limit: int, whole: bool = False) -> Page:
    """The changes after a number that the account may see, each with the record as it is now."""
    number_changes()
    last = head()
    condition, parameters = seen_by(account)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT f.sequence, f.kind, to_json(f.happened_at)::text, row_to_json(r)::text,
                c.id_number_cipher
            FROM api_certificatechange f
            JOIN ({TABLES}) ON c.id = f.certificate_id {ROW}
            WHERE f.sequence > %s AND f.sequence <= %s AND {condition}
            ORDER BY f.sequence LIMIT %s
            """,
            [after, last, *parameters, limit],
        )
        rows = cursor.fetchall()
    found = [
        b'{"sequence":%d,"kind":"%s","happened_at":%s,"certificate":%s}'
        % (
            sequence,
            kind.encode(),
            happened_at.encode(),
            with_id_number(record.encode(), bytes(cipher)) if whole else record.encode(),
        )
        for sequence, kind, happened_at, record, cipher in rows
    ]
    more = len(rows) == limit and rows[-1][0] < last
    # What lies between the last that was seen and the head is for others: no need to ask again.
    position = rows[-1][0] if more else max(after, last)
    return Page(found, position, more)
