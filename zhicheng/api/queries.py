"""What the pages show of keys, subscriptions and deliveries."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from zhicheng.api.models import ApiKey, Delivery, DeliveryState, Subscription
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account

SOON = timedelta(days=14)


def keys(account: Account) -> QuerySet[ApiKey]:
    """The keys of the account's organisation; all for the office and the auditor."""
    found = ApiKey.objects.select_related("client__organization", "created_by").defer("digest")
    if sees_all(account):
        return found
    return found.filter(client__organization=account.organization_id)


def subscriptions(account: Account) -> QuerySet[Subscription]:
    """The subscriptions in the same way, with how many messages wait and were given up."""
    found = (
        Subscription.objects.select_related("organization")
        .defer("secret_cipher")
        .annotate(
            waiting_count=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
            dead_count=Count("deliveries", filter=Q(deliveries__state=DeliveryState.DEAD)),
        )
    )
    if sees_all(account):
        return found
    return found.filter(organization=account.organization_id)


def deliveries(account: Account) -> QuerySet[Delivery]:
    """The messages of those subscriptions."""
    return Delivery.objects.select_related("subscription__organization").filter(
        subscription__in=subscriptions(account).values("pk")
    )


def ending_soon(account: Account) -> list[ApiKey]:
    """Keys of the account's own organisation that end within two weeks and have no successor."""
    now = timezone.now()
    mine = ApiKey.objects.select_related("client").filter(
        client__organization=account.organization_id, revoked_at=None, expires_at__gt=now
    )
    last: dict[int, ApiKey] = {}
    for key in mine.order_by("expires_at"):
        last[key.client_id] = key
    return [key for key in last.values() if key.expires_at < now + SOON]


def given_up(account: Account) -> list[Delivery]:
    """Messages to the account's own organisation that were given up."""
    return list(
        Delivery.objects.select_related("subscription")
        .filter(
            subscription__organization=account.organization_id,
            subscription__ended_at=None,
            state=DeliveryState.DEAD,
        )
        .order_by("id")[:6]
    )
