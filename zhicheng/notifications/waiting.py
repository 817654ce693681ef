"""On first pages: mail and messages that were given up."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.notifications.models import Mail, MailState, MessengerMessage
from zhicheng.notifications.models_messengers import MessageState
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.tasks import TaskGroup

LATELY = timedelta(days=3)


def waiting(account: Account) -> list[TaskGroup]:
    """Mail for whoever looks after the server; messages for whoever connected the robot."""
    groups = []
    since = timezone.now() - LATELY
    if may(account, Action.ACCOUNT_CHANGE):
        dead = Mail.objects.filter(state=MailState.DEAD, made_at__gt=since)
        groups.append(
            TaskGroup(
                title=_("没有发出的邮件"),
                count=dead.count(),
                url=reverse("audit:system"),
                order=60,
                clause="N18",
            )
        )
    if might(account, Action.MESSENGER_CONNECT):
        lost = MessengerMessage.objects.filter(
            state=MessageState.DEAD,
            created_at__gt=since,
            messenger__organization=account.organization_id,
            messenger__ended_at=None,
        )
        groups.append(
            TaskGroup(
                title=_("机器人消息没有送达"),
                count=lost.count(),
                url=reverse("notifications:messengers"),
                order=61,
                clause="N18",
            )
        )
    return groups
