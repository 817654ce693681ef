"""The sections of the notification pages."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """Those that the account may open."""
    found = [("list", _("提醒")), ("preferences", _("提醒设置"))]
    if might(account, Action.MESSENGER_VIEW):
        found.append(("messengers", _("消息机器人")))
    if may(account, Action.TASK_DEADLINE_SET):
        found.append(("deadlines", _("办理时限")))
    return [
        {"label": label, "url": reverse(f"notifications:{name}"), "current": name == current}
        for name, label in found
    ]
