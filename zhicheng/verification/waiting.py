"""What waits at the office of the public query: alarms that nobody has looked into (N18)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.verification.enumeration import open_alarms
from zhicheng.web.tasks import TaskGroup

NAMED = 5


def alarms_waiting(account: Account) -> list[TaskGroup]:
    """The task group of whoever acknowledges them."""
    if not may(account, Action.ENUMERATION_ACKNOWLEDGE):
        return []
    waiting = open_alarms()
    named = list(waiting[:NAMED])
    items = [
        (
            _("%(kind)s（未查到 %(misses)d 次）")
            % {"kind": alarm.get_kind_display(), "misses": alarm.misses},
            reverse("verification:alarm", args=[alarm.pk]),
            alarm.raised_at,
        )
        for alarm in named
    ]
    return [
        TaskGroup(
            title=_("查询枚举预警"),
            count=waiting.count() if named else 0,
            url=f"{reverse('verification:alarms')}?state=open",
            oldest=named[0].raised_at if named else None,
            items=tuple(items),
            clause="N18",
            order=15,
        )
    ]
