"""What the statistics' pages share: tabs and views, the year asked for, the Excel file's event."""

from hashlib import sha256
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.statistics import queries
from zhicheng.statistics.areas import Area, area_of
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, Measure
from zhicheng.statistics.models import SavedView
from zhicheng.statistics.refreshing import waiting
from zhicheng.statistics.tables import area_words
from zhicheng.statistics.views_saved import address_of
from zhicheng.statistics.workbook import Sheet, write
from zhicheng.web.columns import Text
from zhicheng.web.language import in_chinese
from zhicheng.web.pages import account_of
from zhicheng.web.privacy import holds_id_number

STANDING = 6  # so many bars have room for their names beneath


def area_for(request: HttpRequest) -> Area:
    """The account's area, once it may see statistics at all."""
    account = account_of(request)
    area = area_of(account)
    require(account, Action.STATISTICS_VIEW, area)
    return area


def given_by(request: HttpRequest) -> dict[str, str]:
    """What the address says, but for what looks like an ID number."""
    return {
        key: str(value) for key, value in request.GET.items() if not holds_id_number(str(value))
    }


def shared_context(request: HttpRequest, area: Area, path: str, query: str = "") -> dict[str, Any]:
    """What every page of the statistics has: tabs, as of when, the account's own views."""
    account = account_of(request)
    tabs = [
        {"label": label, "url": f"/statistics/{name}/", "current": name == path}
        for name, label in (
            ("overview", _("总览")),
            ("table", _("统计表")),
            ("compare", _("年度对比")),
            ("process", _("办理情况")),
            ("definitions", _("口径说明")),
        )
    ]
    views = [
        {"view": view, "url": address_of(view)}
        for view in SavedView.objects.filter(account=account)
    ]
    return {
        "tabs": tabs,
        "path": path,
        "area": area,
        "area_words": area_words(area),
        "as_of": queries.moment().as_of,
        "uncounted": waiting(),
        "saved_views": views,
        "save_query": query,
        "may_save": might(account, Action.STATISTICS_VIEW_SAVE),
        "may_export": might(account, Action.LIST_EXPORT),
        "may_report": may(account, Action.STATISTICS_REPORT, area),
    }


def year_of(text: str, years: list[int]) -> int | None:
    """The year asked for, else this one, else the last with figures; None without any."""
    if text.isascii() and text.isdigit() and int(text[:6]) in years:
        return int(text)
    this = timezone.localdate().year
    return this if this in years else (years[-1] if years else None)


def choices(area: Area, chosen: Dimension | None) -> list[tuple[str, object, bool, Dimension]]:
    """By what the area may count: (key, words, chosen, dimension)."""
    return [
        (DIMENSIONS[item].key, DIMENSIONS[item].label, item is chosen, item)
        for item in area.dimensions
    ]


def measure_choices(area: Area, chosen: Measure) -> list[tuple[str, object, bool]]:
    """What the area may count: (key, words, chosen)."""
    return [(MEASURES[item].key, MEASURES[item].label, item is chosen) for item in area.measures]


def export(account: Account, sheet: Sheet, *, kind: Text, name: str, query: str) -> FileResponse:
    """The sheet as an Excel file, once the account may; recorded with the file's digest."""
    require(account, Action.LIST_EXPORT)
    stream = write(sheet, queries.moment().as_of, account.display_name)
    with recorded(account, Action.LIST_EXPORT) as record:
        record(
            data={
                "list": in_chinese(str)(kind),
                "count": len(sheet.rows),
                "filters": {"query": query, "scope": list(sheet.scope)},
                "searched": False,
                "sha256": sha256(stream.getbuffer()).hexdigest(),
            }
        )
    name = f"{name}-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=name)
