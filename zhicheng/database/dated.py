"""Settings that hold from a day on and are only added: of several for one day the last counts."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet


def with_replaced(rows: QuerySet[Any], *among: str) -> QuerySet[Any]:
    """The rows, the latest day first; ``replaced`` where a later one was set for the same day.

    ``among`` are the columns within which they take each other's place: each kind has its own.
    """
    same = {name: OuterRef(name) for name in ("valid_from", *among)}
    later = rows.model._default_manager.filter(pk__gt=OuterRef("pk"), **same)
    return rows.annotate(replaced=Exists(later)).order_by("-valid_from", "-pk")
