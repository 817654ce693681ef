"""Until when what waits has to be done, and which of it is due first.

How many working days a kind may wait is a dated setting (``notifications/deadlines.py``); whoever
keeps it registers itself here, so that this folder knows none of the others.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhicheng.values.dated_days import Steps, allowed, shortened
from zhicheng.values.working_days import NOTHING_MOVED, due_on

NAMED = 5  # of a kind on the first page
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Deadlines:
    """Working days by kind, and the days on which people work or don't in spite of the weekday."""

    steps: Mapping[str, Steps] = field(default_factory=dict)
    moved: Mapping[date, bool] = field(default_factory=lambda: NOTHING_MOVED)

    def due(self, kind: str, since: datetime | None) -> date | None:
        """The last day in time of what waits since then; None where nothing is set."""
        steps = self.steps.get(kind)
        if not steps or since is None:
            return None
        began = timezone.localdate(since)
        return due_on(began, allowed(steps, began), self.moved)


Keeper = Callable[[date], Deadlines]
_keepers: list[Keeper] = []
_in_use: ContextVar[Deadlines | None] = ContextVar("deadlines_in_use", default=None)


def keeps_deadlines(keeper: Keeper) -> Keeper:
    """Registers whoever knows the deadlines of a day; the last one counts."""
    _keepers[:] = [keeper]
    return keeper


def deadlines_on(day: date) -> Deadlines:
    """All deadlines that were in force up to ``day``; none before somebody keeps them."""
    return _keepers[0](day) if _keepers else Deadlines()


@contextmanager
def in_use(deadlines: Deadlines) -> Iterator[None]:
    """By which ``first_due`` chooses: read once for all groups of a page."""
    token = _in_use.set(deadlines)
    try:
        yield
    finally:
        _in_use.reset(token)


def first_due(
    rows: QuerySet[Any], since: str, kind: str, *, sort: str = "", most: int = NAMED
) -> list[Any]:
    """Rows among which are the few that are due first and the oldest one; oldest first.

    Between two days on which the deadline was shortened the older is due first: of each such
    stretch it takes the oldest few, in one statement. ``rows`` come sorted by ``sort``, which is
    ``since`` unless that is summed up.
    """
    turns = _turns(kind)
    if not turns or rows.query.is_empty():
        return list(rows[:most])
    stretches = pairwise([None, *turns, None])
    first, *others = [rows.filter(_began(since, *stretch))[:most] for stretch in stretches]
    return list(first.union(*others, all=True).order_by(sort or since))


def first_due_of(
    things: Iterable[Thing],
    since: Callable[[Thing], datetime | None],
    kind: str,
    most: int = NAMED,
) -> list[Thing]:
    """As ``first_due``, of what was read already: the few that are worth naming, oldest first."""
    turns = _turns(kind)
    now = timezone.now()
    oldest = sorted(things, key=lambda thing: (since(thing) is None, since(thing) or now))
    kept: Counter[int] = Counter()
    found = []
    for thing in oldest:
        began = since(thing)
        stretch = bisect_right(turns, began) if began else len(turns)
        kept[stretch] += 1
        if kept[stretch] <= most:
            found.append(thing)
    return found


def _turns(kind: str) -> list[datetime]:
    deadlines = _in_use.get()
    days = shortened(deadlines.steps.get(kind, ())) if deadlines else []
    return [timezone.make_aware(datetime.combine(day, time.min)) for day in days]


def _began(since: str, first: datetime | None, end: datetime | None) -> Q:
    """From ``first`` on and before ``end``; what has no beginning counts to the last stretch."""
    began = Q()
    if first is not None:
        began &= Q((f"{since}__gte", first))
    if end is not None:
        return began & Q((f"{since}__lt", end))
    return began | Q((f"{since}__isnull", True))
