"""废旧证书: the list, the exchange at the municipal office, the destruction by two people (N9)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.blanks import actions, slips
from zhicheng.blanks.forms import DestructionForm, ReturnedForm
from zhicheng.blanks.list_columns import SERIAL
from zhicheng.blanks.models import (
    CustodyState,
    Destruction,
    ExchangeRequest,
    Spoilage,
    SpoilReason,
)
from zhicheng.blanks.queries import spoiled as reads
from zhicheng.blanks.queries import stock
from zhicheng.blanks.tabs import tabs
from zhicheng.files.store import download
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, format_serial, merge, parse_ranges
from zhicheng.web.exports import download as export
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

PLACES = (
    (CustodyState.SPOILED.value, CustodyState.SPOILED.label),
    (CustodyState.RETURNED_SPOILED.value, CustodyState.RETURNED_SPOILED.label),
    (CustodyState.DESTROYED.value, CustodyState.DESTROYED.label),
)
REMEDIES = (
    ("spare", gettext_lazy("备用证书替换")),
    ("due", gettext_lazy("待换取")),
    ("exchanged", gettext_lazy("已换取")),
    ("none", gettext_lazy("无需替换")),
)


def remedy(item: Spoilage) -> str:
    """What took the spoiled blank's place."""
    if item.replaced_by:
        return _("备用证书 %(serial)s") % {"serial": format_serial(item.replaced_by)}
    if item.exchange_id:
        return _("已换取")
    return _("待换取") if item.needs_blank else _("无需替换")


def _by_remedy(rows: QuerySet[Spoilage], value: str) -> QuerySet[Spoilage]:
    wanted: dict[str, dict[str, Any]] = {
        "spare": {"replaced_by__isnull": False},
        "due": {"needs_blank": True, "exchange": None},
        "exchanged": {"exchange__isnull": False},
        "none": {"replaced_by": None, "needs_blank": False},
    }
    return rows.filter(**wanted[value])


def _issuers(request: HttpRequest) -> list[tuple[str, str]]:
    """The units that issue for registers whose blanks the account may see, or for reissues."""
    units = Organization.objects.filter(reads.spoilers(account_of(request))).order_by("name")
    return [(str(key), name) for key, name in units.values_list("pk", "name")]


class SpoiledList(ListPage):
    """Every spoiled blank, why, what took its place, and where it is."""

    title = gettext_lazy("废旧证书")
    purpose = gettext_lazy("填制错误的证书首先用备用证书重制；备用不足的，凭废旧证书换取空白证书。")
    clause = "N9"
    template_name = "blanks/spoiled_list.html"
    action = Action.BLANK_VIEW
    columns = (
        SERIAL,
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("登记表"), "register.number", sort="register__number", kind="code"),
        Column(
            gettext_lazy("发放单位"),
            lambda row: row.register.issuing_unit.name if row.register else row.taken_by,
        ),
        Column(gettext_lazy("证书编号"), "certificate_number", sort="certificate_number"),
        Column(gettext_lazy("原因"), "get_reason_display", sort="reason"),
        Column(gettext_lazy("说明"), "note"),
        Column(
            gettext_lazy("照片"),
            lambda row: _("照片") if row.photo_id else "",
            link=lambda row: reverse("blanks:spoiled_photo", args=[row.pk]) if row.photo_id else "",
        ),
        Column(gettext_lazy("替换"), remedy),
        Column(
            gettext_lazy("去向"),
            "place",
            sort="place",
            kind="badge",
            label=lambda row: str(CustodyState(row.place).label) if row.place else "",
        ),
        Column(gettext_lazy("登记人"), "spoiled_by.display_name"),
        Column(gettext_lazy("登记时间"), "spoiled_at", sort="spoiled_at", kind="time"),
    )
    filters = (
        ChoiceFilter("place", gettext_lazy("去向"), PLACES, apply=reads.lying),
        ChoiceFilter(
            "issuer",
            gettext_lazy("发放单位"),
            _issuers,
            apply=lambda rows, value: reads.of_issuer(rows, int(value)),
        ),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter("reason", gettext_lazy("原因"), SpoilReason.choices),
        ChoiceFilter("remedy", gettext_lazy("替换"), REMEDIES, apply=_by_remedy),
        DateFilter("spoiled", gettext_lazy("登记日期"), "spoiled_at__date"),
    )
    search_fields = ("certificate_number", "register__number", "register__issuing_unit__name")
    search_hint = gettext_lazy("证书编号、登记表编号、登记表的单位")
    search_beginnings = ("certificate_number", "register__number", "register__issuing_unit__name")
    # Where a blank lies is worked out for each: not for a city's tens of thousands, to sort them.
    quick_sorts = tuple(
        f"{sign}{name}"
        for name in ("serial", "grade", "register__number", "reason", "spoiled_at")
        for sign in ("", "-")
    )
    counted = COUNTED_LONG
    ids_first = True
    empty_title = gettext_lazy("没有废旧证书")
    empty_text = gettext_lazy("填制中出现的废旧证书，由发放单位经办人在证书办理页登记。")
    export_name = "spoiled"

    def get_queryset(self) -> QuerySet[Spoilage]:
        """The spoiled blanks that the account may see."""
        return reads.spoilages(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "spoiled")}


@require_GET
@page(Action.BLANK_VIEW)
def exchange_list(request: HttpRequest) -> HttpResponseBase:
    """What units still hold of spoiled blanks: what may be exchanged, what only returned."""
    account = account_of(request)
    lines = reads.due(account)
    if request.GET.get("export") == "xlsx":
        return _export_due(account, lines)
    context = {
        "lines": lines,
        "may_export": may(account, Action.LIST_EXPORT),
        "exchanges": reads.exchanges(account)[:20],
        "may_exchange": may(account, Action.SPOILED_EXCHANGE),
        "tabs": tabs(account, "exchange"),
    }
    return render(request, "blanks/exchanges.html", context)


def _export_due(account: Account, lines: Sequence[reads.Due]) -> HttpResponseBase:
    columns = [
        Column(gettext_lazy("登记表"), "", kind="code"),
        Column(gettext_lazy("发放单位"), ""),
        Column(gettext_lazy("等级"), ""),
        Column(gettext_lazy("备用剩余"), "", kind="number"),
        Column(gettext_lazy("可换取"), "", kind="number"),
        Column(gettext_lazy("可换取的编号"), "", kind="code"),
        Column(gettext_lazy("只交回"), "", kind="number"),
        Column(gettext_lazy("只交回的编号"), "", kind="code"),
        Column(gettext_lazy("最早登记"), "", kind="time"),
    ]
    return export(
        account,
        title=str(_("废旧证书换取")),
        name="exchange",
        columns=columns,
        rows=[
            [
                line.register.number,
                line.register.issuing_unit.name,
                line.grade_label,
                line.spares,
                len(line.exchangeable),
                "、".join(line.exchangeable_ranges),
                len(line.replaced),
                "、".join(line.replaced_ranges),
                line.oldest,
            ]
            for line in lines
        ],
    )


def _due_or_404(request: HttpRequest, pk: int, grade: str) -> tuple[Register, list[Spoilage]]:
    if grade not in Grade.values:
        raise Http404
    account = account_of(request)
    register = get_object_or_404(
        Register.objects.filter(stock.visible(account))
        .defer("source")
        .select_related("issuing_unit", "reporting_unit"),
        pk=pk,
    )
    held = reads.spoilages(account).filter(
        register=register, grade=grade, place=CustodyState.SPOILED
    )
    return register, list(held.order_by("serial"))


@require_GET
@page(Action.BLANK_VIEW)
def exchange(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """A register's spoiled blanks of one grade: scan what was brought, exchange or return it."""
    account = account_of(request)
    register, held = _due_or_404(request, pk, grade)
    lines = reads.due(account, register.pk)
    line = next((item for item in lines if item.grade == grade), None)
    request_open = (
        register.exchange_requests.filter(grade=grade, closed_at=None)
        .select_related("requested_by")
        .first()
    )
    context = {
        "register": register,
        "grade": grade,
        "grade_label": Grade(grade).label,
        "line": line,
        "exchangeable": [item for item in held if item.needs_blank and not item.exchange_id],
        "replaced": [item for item in held if not (item.needs_blank and not item.exchange_id)],
        "store": reads.in_store(grade),
        "exchanges": reads.exchanges(account).filter(register=register, grade=grade),
        "request_open": request_open,
        "may_ask": line is not None
        and bool(line.exchangeable)
        and not line.spares
        and (request_open is None or request_open.serials != line.exchangeable_ranges)
        and may(account, Action.EXCHANGE_REQUEST, register),
        "may_exchange": may(account, Action.SPOILED_EXCHANGE, register),
        "tabs": tabs(account, "exchange"),
    }
    return render(request, "blanks/exchange.html", context)


def _brought(request: HttpRequest) -> list[SerialRange]:
    """What was ticked or scanned, and what was typed."""
    typed: Sequence[SerialRange] = cleaned(ReturnedForm(request.POST))["serials"]
    ticked = parse_ranges(",".join(dict.fromkeys(request.POST.getlist("serial"))))
    return merge([*typed, *ticked])


@require_POST
@page(Action.SPOILED_EXCHANGE)
def take_back(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """换取, one for one, and 交回 of those that a spare has replaced."""
    register, _held = _due_or_404(request, pk, grade)
    done = actions.take_back(
        actor=account_of(request),
        register_id=register.pk,
        grade=grade,
        brought=_brought(request),
    )
    told = []
    if done.exchange is not None:
        told.append(
            _("已收回废旧证书 %(count)d 本，换取空白证书 %(given)s。")
            % {"count": done.exchange.count, "given": "、".join(done.exchange.given)}
        )
    if done.returned:
        told.append(_("已收回由备用证书替换的废旧证书 %(count)d 本。") % {"count": done.returned})
    if done.exchange is not None:
        told.append(
            _("下一步：由%(unit)s经办人在新的空白证书上填制。")
            % {"unit": register.issuing_unit.name}
        )
    else:
        told.append(_("下一步：提请销毁，由第二人监督销毁。"))
    messages.success(request, "".join(told))
    return redirect("blanks:exchange")


@require_POST
@page(Action.EXCHANGE_REQUEST)
def ask(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """申请换取: the unit lists what it will bring."""
    register, _held = _due_or_404(request, pk, grade)
    made = actions.request_exchange(actor=account_of(request), register_id=register.pk, grade=grade)
    messages.success(
        request,
        _("已申请换取 %(count)d 本（%(number)s）。请打印申请单，携带废旧证书到市职改办换取。")
        % {"count": made.count, "number": made.number},
    )
    return redirect("blanks:exchange_register", register.pk, grade)


@require_GET
@page(Action.BLANK_VIEW)
def request_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """换取申请单 as PDF."""
    visible = stock.visible(account_of(request), "register__")
    found = get_object_or_404(
        ExchangeRequest.objects.filter(visible)
        .select_related("register__issuing_unit", "requested_by")
        .defer("register__source"),
        pk=pk,
    )
    return pdf_answer(slips.request_slip(found), f"{found.number}.pdf")


@require_GET
@page(Action.BLANK_VIEW)
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture that was handed in with a spoiled blank."""
    spoilage = get_object_or_404(
        reads.spoilages(account_of(request)).select_related("photo"), pk=pk, photo__isnull=False
    )
    return download(spoilage.photo, inline=True)


@require_GET
@page(Action.BLANK_VIEW)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """销毁记录 as PDF, for those who see the city's stock."""
    require(account_of(request), Action.BLANK_VIEW)
    found = get_object_or_404(reads.destructions(), pk=pk)
    return pdf_answer(slips.destruction_slip(found), f"{slips.record_number(found)}.pdf")


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A paper to be printed; kept nowhere."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


class Destructions(ListPage):
    """What was proposed for destruction and what was destroyed."""

    title = gettext_lazy("销毁废旧证书")
    purpose = gettext_lazy("已交回的废旧证书由一人提请、另一名负责人监督，两人共同销毁。")
    clause = "N9"
    template_name = "blanks/destructions.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(
            gettext_lazy("销毁记录"),
            slips.record_number,
            kind="code",
            link=lambda row: reverse("blanks:destruction_record", args=[row.pk]),
        ),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("编号"), lambda row: "、".join(row.serials)),
        Column(gettext_lazy("本数"), "count", sort="count", kind="number"),
        Column(gettext_lazy("提请人"), "proposed_by.display_name"),
        Column(gettext_lazy("提请时间"), "proposed_at", sort="proposed_at", kind="time"),
        Column(gettext_lazy("监督人"), "confirmed_by.display_name"),
        Column(gettext_lazy("销毁时间"), "confirmed_at", sort="confirmed_at", kind="time"),
        Column(gettext_lazy("失效时间"), "lapsed_at", sort="lapsed_at", kind="time"),
    )
    filters = (
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter(
            "state",
            gettext_lazy("状态"),
            (
                ("open", gettext_lazy("待监督销毁")),
                ("done", gettext_lazy("已销毁")),
                ("lapsed", gettext_lazy("已失效")),
            ),
            apply=lambda rows, value: rows.filter(
                confirmed_at__isnull=value != "done", lapsed_at__isnull=value != "lapsed"
            ),
        ),
    )
    empty_title = gettext_lazy("还没有销毁记录")
    export_name = "destructions"

    def get_queryset(self) -> QuerySet[Destruction]:
        """All of them, for those who see the city's stock."""
        require(self.account, Action.BLANK_VIEW)
        return reads.destructions()

    def extra_context(self) -> dict[str, Any]:
        """What can be proposed, what waits for the second person."""
        account = self.account
        return {
            "tabs": tabs(account, "destructions"),
            "open": list(reads.destructions().filter(confirmed_by=None, lapsed_at=None)),
            "destroyable": reads.destroyable(),
            "may_propose": may(account, Action.DESTRUCTION_PROPOSE),
            "may_confirm": may(account, Action.DESTRUCTION_CONFIRM),
        }


@require_POST
@page(Action.DESTRUCTION_PROPOSE)
def propose(request: HttpRequest) -> HttpResponse:
    """提请销毁: the first of two people."""
    values = cleaned(DestructionForm(request.POST))
    done = actions.propose_destruction(
        actor=account_of(request), grade=values["grade"], serials=values["serials"]
    )
    messages.success(
        request,
        _("已提请销毁%(grade)s废旧证书 %(count)d 本。下一步：由另一名负责人监督销毁并确认。")
        % {"grade": done.get_grade_display(), "count": done.count},
    )
    return redirect("blanks:destructions")


@require_POST
@page(Action.DESTRUCTION_CONFIRM)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """监督销毁: the second person."""
    get_object_or_404(reads.destructions(), pk=pk)
    done = actions.confirm_destruction(actor=account_of(request), destruction_id=pk)
    messages.success(
        request,
        _("已销毁%(grade)s废旧证书 %(count)d 本。")
        % {"grade": done.get_grade_display(), "count": done.count},
    )
    return redirect("blanks:destructions")
