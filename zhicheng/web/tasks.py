"""What waits for an account: each folder says it for its own objects, the first page shows all.

How many working days a kind may wait is a dated setting (``notifications/deadlines.py``); whoever
keeps it registers itself here, so that this folder knows none of the others.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from zhicheng.organizations.models import Account
from zhicheng.values.working_days import NOTHING_MOVED, between, due_on

SLOW, LATE = 3, 7  # days, where no deadline is set
SOON = 1  # working days before the deadline

Item = tuple[str, str, datetime | None]


@dataclass(frozen=True)
class Deadlines:
    """Working days by kind, and the days on which people work or don't in spite of the weekday.

    ``steps`` are (from which day on, working days) of each kind, the earliest first.
    """

    steps: Mapping[str, Sequence[tuple[date, int]]] = field(default_factory=dict)
    moved: Mapping[date, bool] = field(default_factory=lambda: NOTHING_MOVED)

    def allowed(self, kind: str, since: date) -> int | None:
        """The figure in force on the day when it began to wait; None where nothing is set."""
        steps = self.steps.get(kind, ())
        number = bisect_right(steps, since, key=lambda step: step[0])
        return steps[number - 1][1] if number else None


@dataclass(frozen=True)
class Line:
    """One thing of a group as the page shows it."""

    label: str
    url: str
    since: datetime | None
    days: int
    late: bool


@dataclass(frozen=True)
class TaskGroup:
    """Things of one kind that wait: how many, since when, and where to do them.

    ``items`` are (label, address, waiting since) of the oldest few. ``order`` sorts groups: the
    nearer to the certificate in the holder's hand, the higher. ``kind`` names the deadline and,
    where several can be done at once, the queue. ``calendar`` is the dated setting of a
    step whose days are counted so. ``others`` marks what waits for somebody else and is shown to be
    followed up.
    """

    title: str
    count: int
    url: str
    oldest: datetime | None = None
    items: tuple[Item, ...] = ()
    clause: str = ""
    order: int = 50
    kind: str = ""
    others: bool = False
    calendar: Sequence[tuple[date, int]] = ()
    queue: str = ""
    deadlines: Deadlines = field(default_factory=Deadlines)
    today: date = field(default_factory=timezone.localdate)

    @property
    def tone(self) -> str:
        """How the waiting looks: by its deadline, else bad after a week (ageing, N18)."""
        if self.due is None:
            return "bad" if self.days >= LATE else "wait" if self.days >= SLOW else ""
        return "bad" if self.overdue else "wait" if self.soon else ""

    @property
    def days(self) -> int:
        """How many days the oldest has waited."""
        return _days(self.oldest)

    def _due(self, since: datetime | None) -> date | None:
        if since is None:
            return None
        began = timezone.localdate(since)
        if self.calendar:
            days = Deadlines({"": self.calendar}).allowed("", began)
            return None if days is None else timezone.localdate(since + timedelta(days=days))
        allowed = self.deadlines.allowed(self.kind, began)
        return None if allowed is None else due_on(began, allowed, self.deadlines.moved)

    @property
    def due(self) -> date | None:
        """The day on which the oldest has to be done; None where nothing is set."""
        return self._due(self.oldest)

    @property
    def overdue(self) -> bool:
        """Whether the oldest should have been done before today."""
        return self.due is not None and self.due < self.today

    @property
    def soon(self) -> bool:
        """Whether the oldest is due today or on the next working day."""
        if self.due is None or self.overdue:
            return False
        return between(self.today, self.due, self.deadlines.moved) <= SOON

    @property
    def days_over(self) -> int:
        """Working days since the deadline passed; at least one once it has."""
        if self.due is None or not self.overdue:
            return 0
        return max(1, between(self.due, self.today, self.deadlines.moved))

    @property
    def lines(self) -> list[Line]:
        """The oldest few, each with its waiting and whether it is late."""
        found = []
        for label, url, since in self.items:
            due = self._due(since)
            late = due is not None and due < self.today
            found.append(Line(label, url, since, _days(since), late))
        return found

    @property
    def first_url(self) -> str:
        """Straight to the thing where there is only one of it; else to the list."""
        return self.items[0][1] if self.count == 1 and len(self.items) == 1 else self.url


def _days(since: datetime | None) -> int:
    return (timezone.now() - since).days if since else 0


@dataclass(frozen=True)
class NextStep:
    """What somebody does who has nothing yet: on the first day, or when all is done."""

    title: str
    text: str
    url: str
    label: str
    order: int = 50


Provider = Callable[[Account], list[TaskGroup]]
Suggester = Callable[[Account], list[NextStep]]
Keeper = Callable[[date], Deadlines]
_providers: list[Provider] = []
_suggesters: list[Suggester] = []
_keepers: list[Keeper] = []
_queues: dict[str, str] = {}


def provides_tasks(provider: Provider) -> Provider:
    """Registers a provider; call it from an app's ``ready``."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def suggests_next_steps(suggester: Suggester) -> Suggester:
    """Registers what somebody does who has nothing yet; call it from an app's ``ready``."""
    if suggester not in _suggesters:
        _suggesters.append(suggester)
    return suggester


def keeps_deadlines(keeper: Keeper) -> Keeper:
    """Registers whoever knows the deadlines of a day; the last one counts."""
    _keepers[:] = [keeper]
    return keeper


def has_queue(kind: str, url: str) -> None:
    """Says that things of this kind can be done several at once, and on which page."""
    _queues[kind] = url


def deadlines_on(day: date) -> Deadlines:
    """All deadlines that were in force up to ``day``; none before somebody keeps them."""
    return _keepers[0](day) if _keepers else Deadlines()


def tasks_of(account: Account, today: date | None = None) -> list[TaskGroup]:
    """Everything that waits, without empty groups: overdue first, then nearest to the holder."""
    today = today or timezone.localdate()
    deadlines = deadlines_on(today)
    found = [
        replace(
            group,
            deadlines=deadlines,
            today=today,
            queue=_queues.get(group.kind, "") if group.count > 1 and not group.others else "",
        )
        for provider in _providers
        for group in provider(account)
        if group.count
    ]
    return sorted(found, key=lambda group: (not group.overdue, group.order, -group.days))


def next_steps_of(account: Account) -> list[NextStep]:
    """What the account can begin with."""
    found = [step for suggester in _suggesters for step in suggester(account)]
    return sorted(found, key=lambda step: step.order)
