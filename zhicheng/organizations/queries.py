"""Reads of organisations and accounts."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from zhicheng.organizations.models import Account, Kind, Organization


def organizations(day: date | None = None) -> QuerySet[Organization]:
    """Organisations in force on ``day`` (today), with the number of active accounts."""
    return (
        Organization.objects.in_force(day or timezone.localdate())
        .select_related("supervisor", "region")
        .annotate(account_count=Count("accounts", filter=Q(accounts__is_active=True)))
    )


def visible(account: Account) -> QuerySet[Organization]:
    """The organisations that the account may look up: an employer none but its own."""
    found = organizations()
    if account.organization.kind == Kind.EMPLOYER:
        return found.filter(pk=account.organization_id)
    return found


def accounts() -> QuerySet[Account]:
    """All accounts with their organisations."""
    return Account.objects.select_related("organization")
