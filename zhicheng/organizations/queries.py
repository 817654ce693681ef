"""Reads of organisations and accounts."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from zhicheng.organizations.models import Account, Organization


def organizations(day: date | None = None) -> QuerySet[Organization]:
    """Organisations in force on ``day`` (today), with the number of active accounts."""
    return (
        Organization.objects.in_force(day or timezone.localdate())
        .select_related("supervisor", "region")
        .annotate(account_count=Count("accounts", filter=Q(accounts__is_active=True)))
    )


def accounts() -> QuerySet[Account]:
    """All accounts with their organisations."""
    return Account.objects.select_related("organization")
