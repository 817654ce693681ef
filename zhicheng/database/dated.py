"""Settings that hold from a day on and are only added: of several for one day the last counts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from zhicheng.values.dated_days import Steps


def with_replaced(rows: QuerySet[Any], *among: str) -> QuerySet[Any]:
    """The rows, the latest day first; ``replaced`` where a later one was set for the same day.

    ``among`` are the columns within which they take each other's place: each kind has its own.
    """
    same = {name: OuterRef(name) for name in ("valid_from", *among)}
    later = rows.model._default_manager.filter(pk__gt=OuterRef("pk"), **same)
    return rows.annotate(replaced=Exists(later)).order_by("-valid_from", "-pk")


def history(model: type[Model], kind: str, most: int) -> list[tuple[Any, bool]]:
    """What was set of each ``kind``, the latest day first, and whether it was replaced."""
    rows = with_replaced(model._default_manager.select_related("set_by"), kind)
    return [(item, item.replaced) for item in rows[:most]]


def steps_upto(
    model: type[Model], kind: str, unset: Mapping[str, int], day: date
) -> dict[str, Steps]:
    """Of every kind from which day on how many days, the earliest first, up to ``day``.

    One statement. ``unset`` are the days of each kind before anything was set.
    """
    found = {str(each): {date.min: days} for each, days in unset.items()}
    settings = model._default_manager.filter(valid_from__lte=day).order_by("valid_from", "id")
    for each, valid_from, days in settings.values_list(kind, "valid_from", "days"):
        if each in found:
            found[each][valid_from] = days
    return {each: list(dated.items()) for each, dated in found.items()}
