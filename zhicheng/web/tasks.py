"""What waits for an account: each folder says it for its own objects, the first page shows all."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from zhicheng.organizations.models import Account
from zhicheng.values.working_days import between
from zhicheng.web.deadlines import NAMED, Deadlines, deadlines_on, in_use

SLOW, LATE = 3, 7  # days, where no deadline is set
SOON = 1  # working days before the deadline

Item = tuple[str, str, datetime | None]


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

    ``items`` are (label, address, waiting since); among them are those due first, which isn't the
    oldest once a deadline was shortened (``web/deadlines.py``). ``order`` sorts what is due on one
    day: the nearer to the certificate in the holder's hand, the higher. ``kind`` names the deadline
    and, where several can be done at once, the queue. ``dues`` are the days on which the ``items``
    have to be done, where that isn't by kind and in working days. ``others`` marks what waits for
    somebody else and is shown to be followed up.
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
    dues: tuple[date | None, ...] = ()
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

    @cached_property
    def _dated(self) -> list[tuple[Item, date | None]]:
        """The items and when each is due, those due first before the others."""
        dues = self.dues or [self.deadlines.due(self.kind, since) for _, _, since in self.items]
        dated = list(zip(self.items, dues, strict=True))
        return sorted(dated, key=lambda pair: pair[1] or date.max)

    @cached_property
    def due(self) -> date | None:
        """The day on which the first of them has to be done; None where nothing is set."""
        dues = [self.deadlines.due(self.kind, self.oldest), *(due for _, due in self._dated)]
        return min((due for due in dues if due is not None), default=None)

    @property
    def overdue(self) -> bool:
        """Whether something should have been done before today."""
        return self.due is not None and self.due < self.today

    @property
    def soon(self) -> bool:
        """Whether the first is due today or on the next working day."""
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
        """The few that are due first, each with its waiting and whether it is late."""
        found: dict[tuple[str, str], Line] = {}
        for (label, url, since), due in self._dated:
            late = due is not None and due < self.today
            # What waits since several days is named once.
            found.setdefault((label, url), Line(label, url, since, _days(since), late))
        return list(found.values())[:NAMED]

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
_providers: list[Provider] = []
_suggesters: list[Suggester] = []
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


def has_queue(kind: str, url: str) -> None:
    """Says that things of this kind can be done several at once, and on which page."""
    _queues[kind] = url


def tasks_of(account: Account, today: date | None = None) -> list[TaskGroup]:
    """Everything that waits, without empty groups.

    Overdue first, then by the day when they are due; of one day the nearer to the holder's hand.
    """
    today = today or timezone.localdate()
    deadlines = deadlines_on(today)
    with in_use(deadlines):
        given = [group for provider in _providers for group in provider(account) if group.count]
    found = [
        replace(
            group,
            deadlines=deadlines,
            today=today,
            queue=_queues.get(group.kind, "") if group.count > 1 and not group.others else "",
        )
        for group in given
    ]
    return sorted(
        found,
        key=lambda group: (not group.overdue, group.due or date.max, group.order, -group.days),
    )


def next_steps_of(account: Account) -> list[NextStep]:
    """What the account can begin with."""
    found = [step for suggester in _suggesters for step in suggester(account)]
    return sorted(found, key=lambda step: step.order)
