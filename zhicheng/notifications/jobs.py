"""The worker's part: making notifications, sending messages and mail, forgetting old ones."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zhicheng.notifications import mailing, making, messengers
from zhicheng.notifications.models import (
    Mail,
    MailState,
    MessengerMessage,
    Notification,
    SkippedEvent,
)

READ_KEPT = timedelta(days=90)
KEPT = timedelta(days=365)
SENT_KEPT = timedelta(days=30)
AT_ONCE = 200
ROUND_SECONDS = 60.0


@app.periodic(cron="* * * * * */15")
@app.task(name="zhicheng.notifications.make", queueing_lock="notify", lock="notify")
async def make_notifications(timestamp: int) -> None:
    """Every quarter of a minute: what happened since is told, and robots hear of it."""
    await sync_to_async(_make)()


def _make() -> None:
    close_old_connections()
    try:
        try:
            making.make()
        finally:
            messengers.QUEUE.deliver(AT_ONCE, ROUND_SECONDS)
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="zhicheng.notifications.mail", queueing_lock="mail", lock="mail")
async def send_mail(timestamp: int) -> None:
    """Every minute: digests whose hour has come, codes, and what is tried again."""
    await sync_to_async(_mail)()


def _mail() -> None:
    close_old_connections()
    try:
        mailing.deliver()  # codes first: somebody waits for theirs
        mailing.prepare(timezone.now())
        mailing.deliver()
    finally:
        close_old_connections()


@app.periodic(cron="17 3 * * *")
@app.task(name="zhicheng.notifications.forget", queueing_lock="forget notifications")
async def forget(timestamp: int) -> None:
    """Every night: what was read a quarter of a year ago, everything of a year ago."""
    await sync_to_async(_forget)()


def _forget() -> None:
    now = timezone.now()
    Notification.objects.filter(read_at__lt=now - READ_KEPT).delete()
    Notification.objects.filter(created_at__lt=now - KEPT).delete()
    done = [MailState.SENT, MailState.DROPPED, MailState.DEAD, MailState.UNKNOWN]
    Mail.objects.filter(state__in=done, made_at__lt=now - SENT_KEPT).delete()
    SkippedEvent.objects.filter(skipped_at__lt=now - SENT_KEPT).delete()
    old = MessengerMessage.objects.filter(created_at__lt=now - SENT_KEPT)
    old.exclude(state="waiting").delete()
