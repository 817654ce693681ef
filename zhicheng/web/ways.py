"""The ids of a list of millions whose rows are seen in one of several ways.

"Issued by us, or approved by us, or of a register of ours" is no condition that an index answers;
each part of it is. A list that is read part by part costs what its rows cost, not what lies
between them.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet


def first_ids(parts: Sequence[QuerySet[Any]], most: int) -> list[Any]:
    """Up to ``most`` different ids of the parts; later parts aren't asked once there are enough."""
    found: dict[Any, None] = {}
    for part in parts:
        found.update(dict.fromkeys(part.order_by().values_list("pk", flat=True)[:most]))
        if len(found) >= most:
            break
    return list(found)[:most]


def longer_than(parts: Sequence[QuerySet[Any]], most: int) -> bool:
    """Whether the parts together have more different rows than that."""
    if any(part.order_by().values("pk")[: most + 1].count() > most for part in parts):
        return True
    return len(parts) > 1 and len(first_ids(parts, most + 1)) > most


def newest_ids(parts: Sequence[QuerySet[Any]], page: slice) -> list[Any]:
    """The ids of one page of all parts, newest first."""
    found: list[Any] = []
    for part in parts:
        # Once there are enough, another part matters only where it has newer ones: a part that
        # has few or none isn't looked for among millions.
        newer = part.filter(pk__gt=found[-1]) if len(found) == page.stop else part
        ids = newer.order_by("-pk").values_list("pk", flat=True)[: page.stop]
        found = sorted({*found, *ids}, reverse=True)[: page.stop]
    return found[page]
