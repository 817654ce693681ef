"""On an officer's first page: keys that end soon, messages that were given up."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.api import queries
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.tasks import TaskGroup


def keys_and_deliveries(account: Account) -> list[TaskGroup]:
    """Two groups at most; nothing while all is well."""
    groups = []
    if might(account, Action.API_KEY_ROTATE):
        ending = queries.ending_soon(account)
        if ending:
            groups.append(
                TaskGroup(
                    title=_("接口密钥即将到期"),
                    count=len(ending),
                    url=reverse("api_pages:keys"),
                    oldest=None,
                    items=tuple(
                        (
                            f"{key.client.name} {timezone.localtime(key.expires_at):%Y-%m-%d}",
                            reverse("api_pages:keys"),
                            key.created_at,
                        )
                        for key in ending[:5]
                    ),
                    order=60,
                )
            )
    if might(account, Action.WEBHOOK_REDELIVER):
        dead = queries.given_up(account)
        if dead:
            groups.append(
                TaskGroup(
                    title=_("事件通知没有送达"),
                    count=len(dead),
                    url=reverse("api_pages:subscriptions"),
                    oldest=dead[0].created_at,
                    items=tuple(
                        (
                            f"{delivery.event} · {delivery.subscription.url}",
                            delivery.subscription.get_absolute_url(),
                            delivery.created_at,
                        )
                        for delivery in dead[:5]
                    ),
                    order=61,
                )
            )
    return groups
