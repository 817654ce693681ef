"""The worker's part: numbering the feed, making and sending messages, forgetting old answers."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zhicheng.api import feed, rules, webhooks
from zhicheng.api.models import Delivery, DeliveryState, IdempotentCall, RequestCount

AT_ONCE = 500
ROUND_SECONDS = 60.0
DELIVERIES_KEPT = timedelta(days=30)


@app.periodic(cron="* * * * * */10")
@app.task(name="zhicheng.api.messages", queueing_lock="api messages", lock="api messages")
async def send_messages(timestamp: int) -> None:
    """Every ten seconds: what happened since is numbered, made into messages and sent."""
    await sync_to_async(_send)()


def _send() -> None:
    close_old_connections()
    try:
        feed.number_changes()
        webhooks.spread()
        webhooks.deliver(AT_ONCE, ROUND_SECONDS)
    finally:
        close_old_connections()


@app.periodic(cron="41 * * * *")
@app.task(name="zhicheng.api.forget", queueing_lock="api forgetting")
async def forget(timestamp: int) -> None:
    """Every hour: kept answers of a day ago, counters, messages of a month ago."""
    await sync_to_async(_forget)()


def _forget() -> None:
    now = timezone.now()
    IdempotentCall.objects.filter(called_at__lt=now - rules.IDEMPOTENCY_KEPT).delete()
    RequestCount.objects.filter(minute__lt=now - timedelta(hours=1)).delete()
    old = Delivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT)
    old.exclude(state=DeliveryState.WAITING).delete()
