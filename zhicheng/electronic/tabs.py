"""The sections of the pages of electronic certificates."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

SECTIONS = (
    ("documents", _("按核准文件"), "electronic:list", Action.ELECTRONIC_VIEW),
    ("certificates", _("电子证书"), "electronic:certificates", Action.ELECTRONIC_VIEW),
    ("seal", _("电子签章设置"), "electronic:seal", Action.SEAL_VIEW),
)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The sections for the page's head; ``current`` is the key of the page shown."""
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route, action in SECTIONS
        if might(account, action)
    ]
