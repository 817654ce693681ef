"""What is found by the number that the product gave it: slips, orders, cases, counts, reports.

The two letters before the year tell which kind is meant, so of all of these one is asked at most.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.anomalies.queries import inquiries
from zhicheng.blanks.models import Destruction, ExchangeRequest
from zhicheng.blanks.queries.cases import visible_cases
from zhicheng.blanks.queries.orders import orders
from zhicheng.blanks.queries.stock import visible as visible_stock
from zhicheng.blanks.queries.stocktakes import visible_stocktakes
from zhicheng.certificates.printjobs.queries import visible as visible_print_jobs
from zhicheng.certificates.queries.transfers import visible_slips
from zhicheng.historic.queries import ledgers as visible_ledgers
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.search.kinds import Hit, Kind, begins
from zhicheng.search.rules import Asked
from zhicheng.selfissued.queries import reports as visible_reports
from zhicheng.verification.batch.queries import visible as visible_batches


def _orders(account: Account) -> QuerySet[Any]:
    every = orders()
    return every if may(account, Action.BLANK_VIEW) else every.none()


def _requests(account: Account) -> QuerySet[ExchangeRequest]:
    found = ExchangeRequest.objects.filter(visible_stock(account, "register__"))
    return found.select_related("register__issuing_unit").defer("register__source")


def _inquiries(account: Account) -> QuerySet[Any]:
    every = inquiries()
    return every if may(account, Action.INQUIRY_VIEW) else every.none()


def _destructions(account: Account, asked: Asked, start: int, _count: int) -> list[Hit]:
    """By the whole number: it is made of the record's year and key, and stands in no column."""
    keys = [text.rpartition("-")[2] for text in asked.beginnings]
    wanted = {int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= 9}
    if start or not wanted or not may(account, Action.BLANK_VIEW):
        return []
    return [
        Hit(
            row.number,
            f"{row.get_grade_display()} · {row.count}",
            reverse("blanks:destruction_record", args=[row.pk]),
        )
        for row in Destruction.objects.filter(pk__in=wanted)
        if row.number in asked.beginnings
    ]


def _numbered(
    key: str,
    label: Promise,
    sign: str,
    action: Action,
    visible: Callable[[Account], QuerySet[Any]],
    hit: Callable[[Any], Hit],
) -> Kind:
    def find(account: Account, asked: Asked, start: int, count: int) -> Sequence[Hit]:
        rows = visible(account).filter(begins(asked, "number")).order_by("-pk")
        return [hit(row) for row in rows[start : start + count]]

    return Kind(key, label, action, find, sign)


def _progress(row: Any, still: str) -> tuple[str, str]:
    return ("closed", str(row.get_outcome_display())) if row.outcome else ("open", still)


NUMBERED: Sequence[Kind] = (
    _numbered(
        "transfer",
        _l("移交单"),
        "YJ",
        Action.TRANSFER_VIEW,
        visible_slips,
        lambda row: Hit.of(row, row.number, f"{row.unit} → {row.embosser}", row.get_absolute_url()),
    ),
    _numbered(
        "print_job",
        _l("打印任务"),
        "DY",
        Action.PRINT_JOB_VIEW,
        visible_print_jobs,
        lambda row: Hit.of(row, row.number, str(row.organization), row.get_absolute_url()),
    ),
    _numbered(
        "exchange",
        _l("换取申请"),
        "HQ",
        Action.BLANK_VIEW,
        _requests,
        lambda row: Hit(
            row.number,
            f"{row.register} · {row.register.issuing_unit} · {row.get_grade_display()}",
            reverse("blanks:exchange_register", args=[row.register_id, row.grade]),
        ),
    ),
    _numbered(
        "case",
        _l("案卷"),
        "AJ",
        Action.CASE_VIEW,
        visible_cases,
        lambda row: Hit(
            row.number,
            f"{row.get_kind_display()}" + (f" · {row.holder}" if row.holder else ""),
            reverse("blanks:case", args=[row.pk]),
            *_progress(row, _("调查中")),
        ),
    ),
    _numbered(
        "stocktake",
        _l("盘点"),
        "PD",
        Action.STOCKTAKE_VIEW,
        visible_stocktakes,
        lambda row: Hit.of(
            row,
            row.number,
            f"{row.organization} · {timezone.localdate(row.started_at):%Y-%m-%d}",
            reverse("blanks:stocktake", args=[row.pk]),
        ),
    ),
    _numbered(
        "print_order",
        _l("印制单"),
        "YZ",
        Action.BLANK_VIEW,
        _orders,
        lambda row: Hit(
            row.number,
            f"{row.get_grade_display()} · {row.ordered_on:%Y-%m-%d}",
            reverse("blanks:order", args=[row.pk]),
        ),
    ),
    Kind("destruction", _l("销毁记录"), Action.BLANK_VIEW, _destructions, "XH"),
    _numbered(
        "report",
        _l("自主发放证书报送"),
        "ZF",
        Action.SELF_ISSUED_VIEW,
        visible_reports,
        lambda row: Hit.of(
            row, row.number, str(row.unit), reverse("selfissued:report", args=[row.pk])
        ),
    ),
    _numbered(
        "ledger",
        _l("旧台账"),
        "TZ",
        Action.LEDGER_VIEW,
        visible_ledgers,
        lambda row: Hit.of(row, row.number, row.title, reverse("historic:ledger", args=[row.pk])),
    ),
    _numbered(
        "batch",
        _l("批量核验"),
        "HY",
        Action.BATCH_VIEW,
        visible_batches,
        # A batch has no page of its own: the list, narrowed to it.
        lambda row: Hit(
            row.number,
            f"{row.organization} · {timezone.localdate(row.asked_at):%Y-%m-%d}",
            f"{reverse('verification:batch')}?q={row.number}",
        ),
    ),
    _numbered(
        "inquiry",
        _l("核查案卷"),
        "HC",
        Action.INQUIRY_VIEW,
        _inquiries,
        lambda row: Hit(
            row.number,
            row.subject,
            row.get_absolute_url(),
            *_progress(row, _("核查中")),
        ),
    ),
)
