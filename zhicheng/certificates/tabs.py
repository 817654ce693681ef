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
    (
        "scan_official-seal",
        _("公章工位"),
        "certificates:scan_official_seal",
        Action.CERTIFICATE_SEAL,
    ),
    (
        "scan_embossed-seal",
        _("钢印工位"),
        "certificates:scan_embossed_seal",
        Action.CERTIFICATE_EMBOSS,
    ),
    ("scan_issue", _("发放工位"), "certificates:scan_issue", Action.CERTIFICATE_ISSUE),
    ("transfers", _("移交单"), "certificates:transfers", Action.TRANSFER_VIEW),
    ("uncollected", _("待领证书"), "certificates:uncollected", Action.CERTIFICATE_VIEW),
    ("photos", _("照片"), "photos:registers", Action.PHOTO_VIEW),
)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The sections for the page's head; ``current`` is the key of the page shown."""
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route, action in SECTIONS
        if might(account, action)
    ]


def scan_tabs(account: Account) -> list[dict[str, Any]]:
    """The scanner stations at which the account may work."""
    return [
        {"label": label, "url": reverse(route)}
        for key, label, route, action in SECTIONS
        if key.startswith("scan_") and might(account, action)
    ]
