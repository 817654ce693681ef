"""Stock overview, print runs, the share of spares, and who holds what."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhicheng.blanks import actions, ledger, measures
from zhicheng.blanks.forms import PrintRunForm, SpareDisposalForm, SparePolicyForm
from zhicheng.blanks.models import PrintRun
from zhicheng.blanks.queries import past, stock, supply
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import may, require, sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.web.exports import download
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

REGISTERS_SHOWN = 20


@require_GET
@page(Action.BLANK_VIEW)
def overview(request: HttpRequest) -> HttpResponseBase:
    """Where all blanks are: of the city, or of my unit, register by register."""
    account = account_of(request)
    context: dict[str, Any] = {"tabs": tabs(account, "overview")}
    if sees_all(account):
        lines = stock.city_stock()
        if request.GET.get("export") == "xlsx":
            return _export_stock(account, lines, stock.COLUMNS, _("印制"))
        now = timezone.now()
        context |= {
            "lines": lines,
            "columns": stock.COLUMNS,
            "grades": stock.GRADES,
            "over_time": _over_time(now),
            "supply": supply.supply(now),
            "pace_weeks": measures.PACE_WEEKS,
            "office": Organization.objects.municipal_office(),
            "may_export": may(account, Action.LIST_EXPORT),
            "demand": stock.demand(timezone.localdate()),
            "may_record": may(account, Action.PRINT_RUN_RECORD),
        }
        return render(request, "blanks/overview.html", context)
    lines = stock.unit_stock(account.organization)
    if request.GET.get("export") == "xlsx":
        return _export_stock(account, lines, stock.COLLECTED_COLUMNS, _("领取"))
    unsettled = Paginator(stock.unsettled_registers(account), REGISTERS_SHOWN)
    shown = unsettled.get_page(request.GET.get("page"))
    held = stock.held_for([register.pk for register in shown])
    context |= {
        "lines": lines,
        "collected": lines[-1].total,
        "may_export": may(account, Action.LIST_EXPORT),
        "stock_columns": stock.COLLECTED_COLUMNS,
        "columns": stock.UNIT_COLUMNS,
        "registers": [
            {"register": register, "held": held.get(register.pk, [])} for register in shown
        ],
        "page": shown,
    }
    return render(request, "blanks/unit_stock.html", context)


POINTS = 48


def _over_time(now: datetime) -> list[dict[str, Any]]:
    """What the store held at evenly spread moments since the first delivery, a year at most."""
    start = max(past.first_movement() or now, now - timedelta(days=365))
    # From just before the beginning, so that the first delivery shows as a step.
    step = max((now - start) / (POINTS - 2), timedelta(minutes=1))
    moments = [now - step * back for back in reversed(range(POINTS))]
    held = past.store_at(moments)
    same_day = now - moments[0] < timedelta(days=2)
    return [
        {
            "at": at,
            "label": f"{timezone.localtime(at):%H:%M}"
            if same_day
            else f"{timezone.localtime(at):%Y-%m-%d}",
            "numbers": [held[grade.value][place] for grade in stock.GRADES],
        }
        for place, at in enumerate(moments)
    ]


def _export_stock(
    account: Account, lines: list[stock.Line], headings: Sequence[Any], total_label: str
) -> HttpResponseBase:
    columns = [
        Column(gettext_lazy("等级"), ""),
        Column(total_label, "", kind="number"),
        *(Column(item.label, "", kind="number") for item in headings),
        Column(gettext_lazy("合计"), "", kind="number"),
    ]
    return download(
        account,
        title=gettext_lazy("空白证书库存"),
        name="stock",
        columns=columns,
        rows=[[line.label or _("合计"), line.total, *line.counts, line.added] for line in lines],
    )


def _range(run: PrintRun) -> str:
    return str(ledger.from_range(run.serials))


class PrintRuns(ListPage):
    """All deliveries of printed blanks (N1)."""

    title = gettext_lazy("印制批次")
    purpose = gettext_lazy("统一印制的空白证书入库记录；同一编号只能入库一次。")
    clause = "N1"
    template_name = "blanks/runs.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("编号区间"), _range, sort="serials"),
        Column(gettext_lazy("本数"), "size", sort="size", kind="number"),
        Column(gettext_lazy("印制年度"), "edition", sort="edition"),
        Column(gettext_lazy("印刷单位"), "printer", sort="printer"),
        Column(gettext_lazy("入库日期"), "received_on", sort="received_on", kind="date"),
        Column(gettext_lazy("登记人"), "recorded_by.display_name"),
        Column(gettext_lazy("登记时间"), "recorded_at", sort="recorded_at", kind="time"),
    )
    filters = (
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        DateFilter("received", gettext_lazy("入库日期"), "received_on"),
    )
    empty_title = gettext_lazy("还没有印制批次")
    empty_text = gettext_lazy("空白证书印制到货后，由市职改办负责人办理印制入库。")
    export_name = "print-runs"

    def get_queryset(self) -> QuerySet[PrintRun]:
        """All of them, for those who see the city's stock."""
        require(self.account, self.action or Action.BLANK_VIEW)
        return stock.print_runs()

    def extra_context(self) -> dict[str, Any]:
        """Tabs and the button."""
        return {
            "tabs": tabs(self.account, "runs"),
            "may_record": may(self.account, Action.PRINT_RUN_RECORD),
        }


@require_http_methods(["GET", "POST"])
@page(Action.PRINT_RUN_RECORD)
def record_run(request: HttpRequest) -> HttpResponse:
    """印制入库: takes a delivery into the store."""
    account = account_of(request)
    form = PrintRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        run = actions.record_print_run(
            actor=account,
            grade=values["grade"],
            serials=values["serials"],
            received_on=values["received_on"],
            printer=values["printer"].strip(),
            edition=values["edition"],
        )
        messages.success(
            request,
            _("已入库%(grade)s空白证书 %(size)d 本（%(serials)s）。")
            % {
                "grade": run.get_grade_display(),
                "size": len(values["serials"]),
                "serials": values["serials"],
            },
        )
        return redirect("blanks:runs")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "tabs": tabs(account, "runs")}
    return render(request, "blanks/record_run.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page(Action.BLANK_VIEW)
def spares(request: HttpRequest) -> HttpResponse:
    """The share of spares as a dated setting: the list, and a new one (N5)."""
    account = account_of(request)
    require(account, Action.BLANK_VIEW)
    may_set = may(account, Action.SPARE_POLICY_SET)
    about_left_over = "disposal" in request.POST
    form = SparePolicyForm(None if about_left_over else request.POST or None)
    disposal_form = SpareDisposalForm(
        request.POST if about_left_over else None, auto_id="disposal_%s"
    )
    if about_left_over:
        require(account, Action.SPARE_DISPOSAL_SET)
        if disposal_form.is_valid():
            set_ = actions.set_spare_disposal(actor=account, **disposal_form.cleaned_data)
            messages.success(
                request,
                _("自 %(day)s 起，剩余证书按新的办法处理。") % {"day": set_.valid_from.isoformat()},
            )
            return redirect("blanks:spares")
    elif request.method == "POST":
        require(account, Action.SPARE_POLICY_SET)
        if form.is_valid():
            policy = actions.set_spare_policy(
                actor=account,
                valid_from=form.cleaned_data["valid_from"],
                rate=form.cleaned_data["percent"] / 100,
                round_up=form.cleaned_data["round_up"],
            )
            messages.success(
                request,
                _("自 %(day)s 起，备用证书按 %(percent)s%% 配发。")
                % {
                    "day": policy.valid_from.isoformat(),
                    "percent": f"{(policy.rate * 100).normalize():f}",
                },
            )
            return redirect("blanks:spares")
    context = {
        "lines": stock.policies(timezone.localdate()),
        "form": form if may_set else None,
        "disposals": stock.disposals(timezone.localdate()),
        "disposal_form": disposal_form if may(account, Action.SPARE_DISPOSAL_SET) else None,
        "tabs": tabs(account, "spares"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "blanks/spares.html", context, status=status)


def _held(state: str) -> Column:
    label = next(item.label for item in stock.HELD_COLUMNS if item.value == state)
    return Column(label, f"held_{state}", sort=f"held_{state}", kind="number")


class Holders(ListPage):
    """Which unit holds how many blanks, and in which state."""

    title = gettext_lazy("各单位保管")
    purpose = gettext_lazy("各发放单位手中的空白证书、备用证书、已填制证书和废旧证书。")
    clause = "N9"
    template_name = "blanks/list.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(
            gettext_lazy("发放单位"),
            "name",
            sort="name",
            link=lambda unit: reverse("blanks:holder", args=[unit.pk]),
        ),
        Column(gettext_lazy("类别"), "get_kind_display", sort="kind"),
        *(_held(item.value) for item in stock.HELD_COLUMNS),
    )
    filters = (
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices, apply=lambda rows, _grade: rows),
    )
    search_fields = ("name", "short_name")
    search_hint = gettext_lazy("单位名称")
    default_sort = ("-held_spoiled", "name")
    empty_title = gettext_lazy("各单位手中都没有待办的空白证书")
    export_name = "holders"

    def get_queryset(self) -> QuerySet[Organization]:
        """Units that hold something, for those who see the city's stock."""
        require(self.account, Action.BLANK_VIEW)
        grade = self.request.GET.get("grade", "")
        return stock.holders(grade if grade in Grade.values else "")

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "holders")}
