"""印制单: ordering at the printer's, counting in, and what is missing (N1)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zhicheng.blanks import actions, ledger
from zhicheng.blanks.forms import CountInForm, PrintOrderForm, WriteOffForm
from zhicheng.blanks.models import BlankCase, CaseKind, Delivery, PrintOrder
from zhicheng.blanks.queries import orders as reads
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import may, require, sees_all
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

PROGRESS = {
    reads.OPEN: gettext_lazy("待到货"),
    reads.DONE: gettext_lazy("已到齐"),
    reads.CANCELLED: gettext_lazy("已撤销"),
}
# The colours of these states are those of registers.
BADGES = {reads.OPEN: "filed", reads.DONE: "accepted", reads.CANCELLED: "draft"}


def _by_progress(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == reads.CANCELLED:
        return rows.filter(cancelled_at__isnull=False)
    rows = rows.filter(cancelled_at=None)
    return rows.filter(due__gt=0) if value == reads.OPEN else rows.filter(due=0)


class PrintOrders(ListPage):
    """Every order and how far it is."""

    title = gettext_lazy("印制单")
    purpose = gettext_lazy("各级证书统一印制：下达印制单，到货时清点入库，缺少的立案追补。")
    clause = "N1"
    template_name = "blanks/orders.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(
            gettext_lazy("印制单编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: reverse("blanks:order", args=[row.pk]),
        ),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(
            gettext_lazy("编号区间"),
            lambda row: str(ledger.from_range(row.serials)),
            sort="serials",
            kind="code",
        ),
        Column(gettext_lazy("数量"), "quantity", sort="quantity", kind="number"),
        Column(gettext_lazy("已到货"), "came", sort="came", kind="number"),
        Column(gettext_lazy("缺少"), "missing", sort="missing", kind="number"),
        Column(
            gettext_lazy("状态"),
            lambda row: BADGES[reads.progress(row)],
            kind="badge",
            label=lambda row: str(PROGRESS[reads.progress(row)]),
        ),
        Column(gettext_lazy("印制年度"), "edition", sort="edition"),
        Column(gettext_lazy("印刷单位"), "printer", sort="printer"),
        Column(gettext_lazy("下单日期"), "ordered_on", sort="ordered_on", kind="date"),
        Column(gettext_lazy("下单人"), "ordered_by.display_name"),
    )
    filters = (
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter("progress", gettext_lazy("状态"), tuple(PROGRESS.items()), _by_progress),
        DateFilter("ordered", gettext_lazy("下单日期"), "ordered_on"),
    )
    search_fields = ("number", "printer")
    search_hint = gettext_lazy("印制单编号、印刷单位")
    empty_title = gettext_lazy("还没有印制单")
    empty_text = gettext_lazy("由市职改办负责人下达。")
    export_name = "print-orders"

    def get_queryset(self) -> QuerySet[Any]:
        """All of them, for those who see the city's stock."""
        require(self.account, Action.BLANK_VIEW)
        return reads.orders()

    def extra_context(self) -> dict[str, Any]:
        """Tabs and the button."""
        return {
            "tabs": tabs(self.account, "orders"),
            "may_order": may(self.account, Action.PRINT_ORDER_PLACE),
        }


@require_http_methods(["GET", "POST"])
@page(Action.PRINT_ORDER_PLACE)
def place(request: HttpRequest) -> HttpResponse:
    """下达印制单."""
    account = account_of(request)
    form = PrintOrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        order = actions.place_order(actor=account, **form.cleaned_data)
        messages.success(
            request,
            _("已下达印制单 %(number)s：%(grade)s %(count)d 本。下一步：到货时清点入库。")
            % {
                "number": order.number,
                "grade": order.get_grade_display(),
                "count": order.quantity,
            },
        )
        return redirect("blanks:order", order.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "tabs": tabs(account, "orders")}
    return render(request, "blanks/order_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page(Action.BLANK_VIEW)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its deliveries, what is still due, and the form that counts a delivery in."""
    account = account_of(request)
    require(account, Action.BLANK_VIEW)
    shown = reads.order_page(get_object_or_404(reads.orders(), pk=pk))
    may_count = may(account, Action.PRINT_RUN_RECORD) and shown.progress == reads.OPEN
    form = None
    status = 200
    if request.method == "POST":
        require(account, Action.PRINT_RUN_RECORD)
        form = CountInForm(request.POST)
        if form.is_valid():
            return _counted(request, shown.order, form.cleaned_data)
        status = 422
    elif may_count:
        form = CountInForm(initial={"announced": shown.outstanding})
    context = {
        "shown": shown,
        "badge": BADGES[shown.progress],
        "progress": PROGRESS[shown.progress],
        "form": form,
        "may_cancel": shown.progress == reads.OPEN
        and not shown.deliveries
        and may(account, Action.PRINT_ORDER_CANCEL),
        "may_write_off": may(account, Action.SHORT_DELIVERY_WRITE_OFF),
        "write_off_form": WriteOffForm(),
        "whole_city": sees_all(account),
        "tabs": tabs(account, "orders"),
    }
    return render(request, "blanks/order.html", context, status=status)


def _counted(request: HttpRequest, order: PrintOrder, values: dict[str, Any]) -> HttpResponse:
    delivery: Delivery = actions.count_in(
        actor=account_of(request),
        order_id=order.pk,
        good=values["good"],
        damaged=values["damaged"],
        missing=values["missing"],
        delivered_on=values["delivered_on"],
        note=values["note"],
        edition=values["edition"],
    )
    told = [_("已清点入库 %(good)d 本。") % {"good": delivery.good_count}]
    if delivery.damaged_count:
        told.append(_("损坏 %(count)d 本，待两人共同销毁。") % {"count": delivery.damaged_count})
    if delivery.case is not None:
        told.append(
            _("缺少 %(count)d 本，已立案 %(case)s。")
            % {"count": delivery.missing_count, "case": delivery.case.number}
        )
    messages.success(request, "".join(told))
    return redirect("blanks:order", order.pk)


@require_POST
@page(Action.PRINT_ORDER_CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销 before anything came."""
    get_object_or_404(PrintOrder, pk=pk)
    done = actions.cancel_order(actor=account_of(request), order_id=pk)
    messages.success(request, _("已撤销印制单 %(number)s。") % {"number": done.number})
    return redirect("blanks:order", pk)


@require_POST
@page(Action.SHORT_DELIVERY_WRITE_OFF)
def write_off(request: HttpRequest, pk: int, case: int) -> HttpResponse:
    """核销 of what the printer never delivered, by a second officer."""
    get_object_or_404(BlankCase, pk=case, kind=CaseKind.SHORT_DELIVERY, deliveries__order=pk)
    values = cleaned(WriteOffForm(request.POST))
    done = actions.write_off_missing(
        actor=account_of(request), case_id=case, conclusion=values["conclusion"]
    )
    messages.success(
        request,
        _("案卷 %(number)s 已结案：%(outcome)s。")
        % {"number": done.number, "outcome": done.get_outcome_display()},
    )
    return redirect("blanks:order", pk)
