"""Asks the database and gives rows as dictionaries."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

MONTH = timedelta(days=30)
SHOWN = 200  # objects that an evidence names; the figures tell how many there are
EARLIER = 40  # so many did evidence name that an earlier version of this wrote


def ask(statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, by column names.

    It may use ``%(zone)s``, for a day is a day here and not in Greenwich, and ``%(shown)s``.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"zone": settings.TIME_ZONE, "shown": SHOWN, **parameters})
        assert cursor.description is not None
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def objects(kind: str, ids: list[int], labels: list[str]) -> tuple[tuple[str, int, str], ...]:
    """The first few as evidence names them."""
    return tuple((kind, pk, label) for pk, label in zip(ids[:SHOWN], labels[:SHOWN], strict=True))
