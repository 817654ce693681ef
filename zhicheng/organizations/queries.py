"""Reads of organisations and accounts."""

from dataclasses import dataclass
from datetime import date, datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from zhicheng.organizations.guesses import is_stopped, stopped
from zhicheng.organizations.models import Account, Kind, Organization


def organizations(day: date | None = None) -> QuerySet[Organization]:
    """Organisations in force on ``day`` (today), with the number of active accounts."""
    return _counted(Organization.objects.in_force(day or timezone.localdate()))


def _ended() -> QuerySet[Organization]:
    return _counted(Organization.objects.filter(valid_to__lt=timezone.localdate()))


def _counted(found: QuerySet[Organization]) -> QuerySet[Organization]:
    return found.select_related("supervisor", "region").annotate(
        account_count=Count("accounts", filter=Q(accounts__is_active=True))
    )


def known_to(account: Account) -> QuerySet[Organization]:
    """The organisations, of any day, that the account may know of: an employer none but its own."""
    if account.organization.kind == Kind.EMPLOYER:
        return Organization.objects.filter(pk=account.organization_id)
    return Organization.objects.all()


def visible(account: Account, *, ended: bool = False) -> QuerySet[Organization]:
    """The organisations in force, or those that have ended, that the account may look up."""
    found = _ended() if ended else organizations()
    return found.filter(pk__in=known_to(account).values("pk"))


def accounts() -> QuerySet[Account]:
    """All accounts with their organisations."""
    return Account.objects.select_related("organization")


@dataclass(frozen=True)
class Locked:
    """An account that too many wrong passwords or codes lock out, for a while."""

    account: Account
    since: datetime


def _locking() -> QuerySet[AccessAttempt]:
    return AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME,
    )


def is_locked(account: Account) -> bool:
    """Whether too many wrong passwords or codes lock the account out now."""
    return _locking().filter(username=account.username).exists() or is_stopped(account)


def locked_accounts() -> list[Locked]:
    """The accounts locked out now, the longest first; names that are nobody's are left out."""
    attempts = _locking().order_by().values("username").annotate(at=Max("attempt_time"))
    since: dict[str, datetime] = {item["username"]: item["at"] for item in attempts}
    for username, at in stopped().values_list("account__username", "wrong_since"):
        if at is not None:
            since[username] = min(at, since.get(username, at))
    found = [Locked(item, since[item.username]) for item in accounts().filter(username__in=since)]
    return sorted(found, key=lambda item: item.since)
