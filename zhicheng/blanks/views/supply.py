"""Which units spoil more than the others, and when to print again."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhicheng.blanks import measures, reordering
from zhicheng.blanks.forms import ReorderPolicyForm
from zhicheng.blanks.measures import Judged
from zhicheng.blanks.models import ReorderPolicy
from zhicheng.blanks.queries import supply
from zhicheng.blanks.tabs import tabs
from zhicheng.blanks.views.holders import parse_date_or_none
from zhicheng.database.dated import with_replaced
from zhicheng.organizations.guard import may, might, require, sees_all
from zhicheng.organizations.permissions import Action
from zhicheng.web.exports import download
from zhicheng.web.lists import Column
from zhicheng.web.pages import account_of, page

CHARTED = 25

RATE_COLUMNS = (
    Column(gettext_lazy("发放单位"), ""),
    Column(gettext_lazy("使用本数"), "", kind="number"),
    Column(gettext_lazy("作废本数"), "", kind="number"),
    Column(gettext_lazy("作废率（%）"), "", kind="number"),
    Column(gettext_lazy("偶然达到的概率"), "", kind="number"),
    Column(gettext_lazy("明显偏高"), "", kind="bool"),
)


@require_GET
@page(Action.BLANK_VIEW)
def spoilage_rates(request: HttpRequest) -> HttpResponseBase:
    """Spoilage by unit against the city's usual rate; a unit sees its own line."""
    account = account_of(request)
    whole_city = sees_all(account)
    today = timezone.localdate()
    last = parse_date_or_none(request.GET.get("day_to", "")) or today
    first = parse_date_or_none(request.GET.get("day_from", "")) or last - timedelta(days=365)
    first = min(first, last)
    judged = supply.spoilage(
        timezone.make_aware(datetime.combine(first, time())),
        timezone.make_aware(datetime.combine(last + timedelta(days=1), time())),
    )
    usual = measures.usual_rate([item.use for item in judged])
    shown = (
        judged
        if whole_city
        else [item for item in judged if item.use.unit_id == account.organization_id]
    )
    if request.GET.get("export") == "xlsx":
        return download(
            account,
            title=gettext_lazy("各单位作废率"),
            name="spoilage",
            columns=RATE_COLUMNS,
            rows=([*_row(item)] for item in shown),
            filters={"from": first.isoformat(), "to": last.isoformat()},
        )
    context = {
        "lines": shown,
        "charted": {item.use.unit_id for item in shown[:CHARTED]},
        "usual": usual,
        "usual_percent": round(usual * 100, 2),
        "outliers": sum(item.outlier for item in shown),
        "whole_city": whole_city,
        "first": first,
        "last": last,
        "chance": f"{measures.CHANCE:.1%}",
        "least": measures.LEAST_SPOILED,
        "times": measures.TIMES,
        "may_export": might(account, Action.LIST_EXPORT),
        "tabs": tabs(account, "spoiled"),
    }
    return render(request, "blanks/spoilage_rates.html", context)


def _row(item: Judged) -> list[Any]:
    return [
        item.use.unit,
        item.use.used,
        item.use.spoiled,
        round(item.use.rate * 100, 2),
        round(item.chance, 6),
        item.outlier,
    ]


@require_http_methods(["GET", "POST"])
@page(Action.BLANK_VIEW)
def reorder(request: HttpRequest) -> HttpResponse:
    """补库警戒线: the dated limits, how long the store lasts, and a new limit."""
    account = account_of(request)
    require(account, Action.BLANK_VIEW)
    may_set = may(account, Action.REORDER_POLICY_SET)
    form = ReorderPolicyForm(request.POST or None)
    if request.method == "POST":
        require(account, Action.REORDER_POLICY_SET)
        if form.is_valid():
            policy = reordering.set_reorder_policy(actor=account, **form.cleaned_data)
            messages.success(
                request,
                _("自 %(day)s 起，%(grade)s至少够用 %(weeks)d 周、库存不少于 %(stock)d 本。")
                % {
                    "day": policy.valid_from.isoformat(),
                    "grade": policy.get_grade_display(),
                    "weeks": policy.weeks,
                    "stock": policy.stock,
                },
            )
            return redirect("blanks:reorder")
    context = {
        "supply": supply.supply(timezone.now()),
        "policies": with_replaced(ReorderPolicy.objects.select_related("set_by"), "grade")[:60],
        "today": timezone.localdate(),
        "pace_weeks": measures.PACE_WEEKS,
        "unset": reordering.UNSET,
        "form": form if may_set else None,
        "tabs": tabs(account, "overview"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "blanks/reorder.html", context, status=status)
