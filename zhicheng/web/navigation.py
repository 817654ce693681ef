"""The menu: only what this account may ever do, read from the permission table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action


@dataclass(frozen=True)
class Entry:
    """One menu entry; shown to accounts that might do ``action`` (None: to every account)."""

    label: str | Promise
    route: str
    icon: str
    action: Action | None = None


MENU: Sequence[Entry] = (
    Entry(_("待办事项"), "web:tasks", "checklist"),
    Entry(_("登记表"), "registers:list", "file-spreadsheet", Action.REGISTER_VIEW),
    Entry(_("核准文件"), "approvals:list", "file-text", Action.APPROVAL_VIEW),
    Entry(_("自主发放证书"), "selfissued:list", "report-analytics", Action.SELF_ISSUED_VIEW),
    Entry(_("空白证书"), "blanks:overview", "stack-2", Action.BLANK_VIEW),
    Entry(_("证书"), "certificates:list", "certificate", Action.CERTIFICATE_VIEW),
    Entry(_("补办换发"), "reissues:applications", "recycle", Action.REISSUE_VIEW),
    Entry(_("统计"), "statistics:home", "report-analytics", Action.STATISTICS_VIEW),
    Entry(_("套打版式"), "layouts:list", "settings", Action.LAYOUT_VIEW),
    Entry(_("打印机"), "layouts:printers", "printer", Action.PRINTER_VIEW),
    Entry(_("电子证书"), "electronic:list", "rubber-stamp", Action.ELECTRONIC_VIEW),
    Entry(_("签名密钥"), "credentials:keys", "key", Action.SIGNING_KEY_VIEW),
    Entry(_("批量核验"), "verification:batch", "users", Action.BATCH_VIEW),
    Entry(_("历史台账"), "historic:ledgers", "file-spreadsheet", Action.LEDGER_VIEW),
    Entry(_("历史证书登记"), "historic:registrations", "history", Action.HISTORIC_VIEW),
    Entry(_("来源冲突"), "historic:conflicts", "scale", Action.SOURCE_CONFLICT_VIEW),
    Entry(_("查询预警"), "verification:alarms", "alert-triangle", Action.ENUMERATION_VIEW),
    Entry(_("机构与账号"), "organizations:list", "building", Action.ORGANIZATION_VIEW),
    Entry(_("开放接口"), "api_pages:keys", "database", Action.API_KEY_VIEW),
    Entry(_("异常线索"), "anomalies:list", "alert-triangle", Action.ANOMALY_VIEW),
    Entry(_("运行状况"), "audit:system", "report-analytics", Action.SYSTEM_VIEW),
    Entry(_("审计"), "audit:list", "shield-check", Action.AUDIT_VIEW),
    Entry(_("使用指引"), "guidance:start", "home"),
    Entry(_("通知原文"), "web:notice", "info-circle"),
)


_concerns: dict[str, Callable[[Account], bool]] = {}


def shown_only_to(route: str, concerned: Callable[[Account], bool]) -> None:
    """Leaves an entry out for accounts that may see its page and never have anything on it."""
    _concerns[route] = concerned


def menu(request: HttpRequest) -> list[dict[str, object]]:
    """The entries for whoever is logged in; an entry whose page doesn't exist is left out."""
    shown: list[dict[str, object]] = []
    for entry in MENU:
        if entry.action is not None and not might(request.user, entry.action):
            continue
        concerned = _concerns.get(entry.route)
        account = request.user
        if concerned and isinstance(account, Account) and not concerned(account):
            continue
        try:
            url = reverse(entry.route)
        except NoReverseMatch:
            continue
        shown.append(
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "current": False,
            }
        )
    # A page inside another one's address belongs to the nearest entry alone.
    around = [entry for entry in shown if request.path.startswith(str(entry["url"]))]
    if around:
        max(around, key=lambda entry: len(str(entry["url"])))["current"] = True
    return shown


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor of all pages."""
    user = getattr(request, "user", None)
    return {"menu": menu(request) if user is not None and user.is_authenticated else []}
