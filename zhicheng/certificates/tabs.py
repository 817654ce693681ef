"""The sections of the pages of certificates, as far as the account may enter them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

SECTIONS = (
    ("list", _("证书"), "certificates:list", Action.CERTIFICATE_VIEW),
    ("stations", _("按登记表办理"), "certificates:stations", Action.CERTIFICATE_VIEW),
    ("printing", _("打印"), "certificates:print_jobs", Action.PRINT_JOB_VIEW),
    ("embossing", _("加盖钢印"), "certificates:embossing", Action.CERTIFICATE_EMBOSS),
    ("photos", _("照片"), "photos:registers", Action.PHOTO_VIEW),
)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The sections for the page's head; ``current`` is the key of the page shown."""
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route, action in SECTIONS
        if might(account, action)
    ]
