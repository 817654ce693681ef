"""The three lists beside each other, for whoever may see them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action


def tabs(account: Account, current: str) -> list[dict[str, object]]:
    """For the component of that name."""
    return [
        {"label": label, "url": reverse(f"historic:{name}"), "current": name == current}
        for name, label, action in (
            ("ledgers", _("历史台账"), Action.LEDGER_VIEW),
            ("registrations", _("历史证书登记"), Action.HISTORIC_VIEW),
            ("conflicts", _("来源冲突"), Action.SOURCE_CONFLICT_VIEW),
        )
        if might(account, action)
    ]
