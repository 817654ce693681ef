"""The sections of the pages of reissues, as far as the account may enter them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

# Key, label, address, the action that opens it, whether the municipal office's alone.
SECTIONS = (
    ("list", _("申请"), "reissues:applications", Action.REISSUE_VIEW, False),
    ("ready", _("待领空白证书"), "reissues:ready", Action.REISSUE_HAND_OUT, True),
    ("void", _("作废证书出现"), "reissues:void", Action.VOID_CERTIFICATE_SIGHTED, False),
    ("deadlines", _("办理时限"), "reissues:deadlines", Action.REISSUE_VIEW, False),
)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The sections for the page's head; ``current`` is the key of the page shown."""
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route, action, alone in SECTIONS
        if (may(account, action) if alone else might(account, action))
    ]
