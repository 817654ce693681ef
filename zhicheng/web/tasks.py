"""What waits for an account: each folder says it for its own objects, the first page shows all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from zhicheng.organizations.models import Account

SLOW, LATE = 3, 7  # days


@dataclass(frozen=True)
class TaskGroup:
    """Things of one kind that wait: how many, since when, and where to do them.

    ``items`` are (label, address, waiting since) of the oldest few. ``order`` sorts groups: the
    nearer to the certificate in the holder's hand, the higher.
    """

    title: str
    count: int
    url: str
    oldest: datetime | None = None
    items: tuple[tuple[str, str, datetime | None], ...] = ()
    clause: str = ""
    order: int = 50

    @property
    def tone(self) -> str:
        """How the waiting looks: bad after a week, wait after three days (ageing, N18)."""
        return "bad" if self.days >= LATE else "wait" if self.days >= SLOW else ""

    @property
    def days(self) -> int:
        """How many days the oldest has waited."""
        return (timezone.now() - self.oldest).days if self.oldest else 0


Provider = Callable[[Account], list[TaskGroup]]
_providers: list[Provider] = []


def provides_tasks(provider: Provider) -> Provider:
    """Registers a provider; call it from an app's ``ready``."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def tasks_of(account: Account) -> list[TaskGroup]:
    """Everything that waits for the account, most urgent first, without empty groups."""
    found = [group for provider in _providers for group in provider(account) if group.count]
    return sorted(found, key=lambda group: (group.order, -group.days))
