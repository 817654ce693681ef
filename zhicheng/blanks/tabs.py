"""The sections of the pages of blanks, as far as the account may enter them."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.guard import may, might, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

# Group by group: key, label, address, the action that opens it, whether only those who see the
# whole city enter. Sixteen sections side by side are more than an eye takes in.
GROUPS = (
    (
        _("库存与流转"),
        (
            ("overview", _("库存"), "blanks:overview", Action.BLANK_VIEW, False),
            ("holders", _("各单位保管"), "blanks:holders", Action.BLANK_VIEW, True),
            ("movements", _("流转"), "blanks:movements", Action.BLANK_VIEW, False),
            ("serials", _("编号查询"), "ledger:search", Action.BLANK_VIEW, False),
            ("reconcile", _("对账"), "ledger:reconcile", Action.RECONCILE, True),
        ),
    ),
    (
        _("印制与入库"),
        (
            ("orders", _("印制单"), "blanks:orders", Action.BLANK_VIEW, True),
            ("runs", _("印制批次"), "blanks:runs", Action.BLANK_VIEW, True),
        ),
    ),
    (
        _("配发与剩余"),
        (
            ("allotments", _("配发"), "blanks:allotments", Action.BLANK_VIEW, False),
            ("left_over", _("剩余"), "blanks:left_over", Action.BLANK_VIEW, False),
            ("spares", _("备用比例"), "blanks:spares", Action.BLANK_VIEW, True),
        ),
    ),
    (
        _("废旧与销毁"),
        (
            ("spoiled", _("废旧证书"), "blanks:spoiled", Action.BLANK_VIEW, False),
            ("exchange", _("换取"), "blanks:exchange", Action.BLANK_VIEW, False),
            ("destructions", _("销毁"), "blanks:destructions", Action.BLANK_VIEW, True),
        ),
    ),
    (
        _("盘点与案卷"),
        (
            ("stocktakes", _("盘点"), "blanks:stocktakes", Action.STOCKTAKE_VIEW, False),
            ("cases", _("案卷"), "blanks:cases", Action.CASE_VIEW, False),
            ("alarms", _("警报"), "blanks:alarms", Action.SIGHTING_VIEW, True),
        ),
    ),
)
SECTIONS = tuple(section for _label, sections in GROUPS for section in sections)


def tabs(account: Account, current: str) -> list[dict[str, Any]]:
    """The groups for the page's head, each with its ``sections``; ``current`` is the page's key.

    A group leads to its first section that the account may enter.
    """
    shown = []
    for label, sections in GROUPS:
        entered = [
            {"label": name, "url": reverse(route), "current": key == current}
            for key, name, route, action, whole_city in sections
            if _enters(account, action, whole_city=whole_city)
        ]
        if entered:
            shown.append(
                {
                    "label": label,
                    "url": entered[0]["url"],
                    "current": any(section["current"] for section in entered),
                    "sections": entered,
                }
            )
    return shown


def _enters(account: Account, action: Action, *, whole_city: bool) -> bool:
    """Whether the account may enter a section."""
    if whole_city:
        return may(account, action) and sees_all(account)
    return might(account, action)


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
