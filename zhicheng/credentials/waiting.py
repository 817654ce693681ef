"""What the municipal office must know of its keys: that there is none, or that it's an old one."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.credentials.models import SigningKey
from zhicheng.credentials.queries import active_key
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.tasks import TaskGroup

OLD = timedelta(days=2 * 365)


def key_missing(account: Account) -> list[TaskGroup]:
    """A task while nothing can be signed, and one when the key has signed for two years."""
    if not may(account, Action.SIGNING_KEY_GENERATE):
        return []
    url = reverse("credentials:keys")
    key = active_key()
    if key is None:
        last = SigningKey.objects.exclude(valid_to=None).order_by("-valid_to").first()
        since = (
            timezone.make_aware(datetime.combine(last.valid_to, time()))
            if last and last.valid_to
            else None
        )
        title = _("没有使用中的签名密钥，证书无法打印")
        return [TaskGroup(title=title, count=1, url=url, oldest=since, clause="N18", order=5)]
    due = key.valid_from + OLD
    if due > timezone.localdate():
        return []
    since = timezone.make_aware(datetime.combine(due, time()))
    title = _("签名密钥已使用两年，请更换")
    return [TaskGroup(title=title, count=1, url=url, oldest=since, clause="N18", order=60)]
