"""The sections of the pages of blanks, as far as the account may enter them."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.queries.stock import sees_all
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

# Key, label, address, the action that opens it, whether only those who see the whole city enter.
SECTIONS = (
    ("overview", _("库存"), "blanks:overview", Action.BLANK_VIEW, False),
    ("allotments", _("配发"), "blanks:allotments", Action.BLANK_VIEW, False),
    ("spoiled", _("废旧证书"), "blanks:spoiled", Action.BLANK_VIEW, False),
    ("exchange", _("换取"), "blanks:exchange", Action.BLANK_VIEW, False),
    ("left_over", _("剩余"), "blanks:left_over", Action.BLANK_VIEW, False),
    ("destructions", _("销毁"), "blanks:destructions", Action.BLANK_VIEW, True),
    ("orders", _("印制单"), "blanks:orders", Action.BLANK_VIEW, True),
    ("runs", _("印制批次"), "blanks:runs", Action.BLANK_VIEW, True),
    ("spares", _("备用比例"), "blanks:spares", Action.BLANK_VIEW, True),
    ("holders", _("各单位保管"), "blanks:holders", Action.BLANK_VIEW, True),
    ("movements", _("流转"), "blanks:movements", Action.BLANK_VIEW, False),
    ("stocktakes", _("盘点"), "blanks:stocktakes", Action.STOCKTAKE_VIEW, False),
    ("cases", _("案卷"), "blanks:cases", Action.CASE_VIEW, False),
    ("alarms", _("警报"), "blanks:alarms", Action.SIGHTING_VIEW, True),
    ("serials", _("编号查询"), "ledger:search", Action.BLANK_VIEW, False),
    ("reconcile", _("对账"), "ledger:reconcile", Action.RECONCILE, True),
)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The sections for the page's head; ``current`` is the key of the page shown."""
    shown = []
    for key, label, route, action, whole_city in SECTIONS:
        if not (may(account, action) if whole_city else might(account, action)):
            continue
        if whole_city and not sees_all(account):
            continue
        try:
            url = reverse(route)
        except NoReverseMatch:
            continue
        shown.append({"label": label, "url": url, "current": key == current})
    return shown


def section_of(path: str) -> str:
    """The label of the section that a page belongs to, by its address; else the address."""
    best = ("", path)
    for _key, label, route, _action, _whole in SECTIONS:
        try:
            url = reverse(route)
        except NoReverseMatch:
            continue
        if path.startswith(url) and len(url) > len(best[0]):
            best = (url, str(label))
    return best[1]
