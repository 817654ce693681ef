"""Days for kinds of thing, as dated settings: which are in force when, and what was set."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, Model, OuterRef

from zhicheng.values.dated_days import Steps


def steps_upto(
    model: type[Model], kind: str, unset: Mapping[str, int], day: date
) -> dict[str, Steps]:
    """Of every kind from which day on how many days, the earliest first, up to ``day``.

    One statement. ``unset`` are the days of each kind before anything was set; of what was set for
    the same day the last counts.
    """
    found = {str(each): {date.min: days} for each, days in unset.items()}
    settings = model._default_manager.filter(valid_from__lte=day).order_by("valid_from", "id")
    for each, valid_from, days in settings.values_list(kind, "valid_from", "days"):
        if each in found:
            found[each][valid_from] = days
    return {each: list(dated.items()) for each, dated in found.items()}


def history(model: type[Model], kind: str, most: int) -> list[tuple[Any, bool]]:
    """What was set, the latest day first, and whether a later setting took its place."""
    later = model._default_manager.filter(
        **{kind: OuterRef(kind)}, valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk")
    )
    rows = (
        model._default_manager.select_related("set_by")
        .annotate(replaced=Exists(later))
        .order_by("-valid_from", "-pk")
    )
    return [(item, item.replaced) for item in rows[:most]]
