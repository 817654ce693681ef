"""配发, 移交, 签收: a register's way to its blanks."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.blanks import actions, corrections
from zhicheng.blanks.forms import ChosenForm, HandOverForm, ReceiptForm
from zhicheng.blanks.models import Allotment, AllotmentState, CaseKind
from zhicheng.blanks.queries import allotments as reads
from zhicheng.blanks.queries.cases import visible_cases
from zhicheng.blanks.slips import hand_over_slip
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.models import Register
from zhicheng.values.serials import count, parse_ranges
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


class Allotments(ListPage):
    """Accepted registers and how far their blanks are."""

    title = gettext_lazy("配发空白证书")
    purpose = gettext_lazy("按已受理登记表上的人数配发，超发 5% 备用；移交和签收双方各自登记。")
    clause = "N5"
    template_name = "blanks/list.html"
    action = Action.BLANK_VIEW
    columns = (
        of_registers.number("blanks:allotment", gettext_lazy("登记表")),
        of_registers.REPORTING,
        of_registers.ISSUING,
        of_registers.PEOPLE,
        Column(gettext_lazy("备用"), "spares", sort="spares", kind="number"),
        Column(
            gettext_lazy("状态"),
            "progress",
            sort="progress",
            kind="badge",
            label=lambda row: reads.PROGRESS_LABELS[row.progress],
        ),
        Column(gettext_lazy("受理"), "accepted_at", sort="accepted_at", kind="time"),
        Column(gettext_lazy("配发"), "allotted_at", sort="allotted_at", kind="time"),
        Column(gettext_lazy("移交"), "handed_over_at", sort="handed_over_at", kind="time"),
    )
    filters = (
        ChoiceFilter(
            "progress", gettext_lazy("状态"), tuple(reads.PROGRESS_LABELS.items()), apply=reads.at
        ),
        DateFilter("accepted", gettext_lazy("受理日期"), "accepted_at__date"),
    )
    search_fields = ("number", "reporting_unit__name", "issuing_unit__name")
    search_hint = gettext_lazy("登记表编号、单位")
    # What the allotment says is asked for the page that is shown, not of all to sort by it.
    quick_sorts = tuple(
        f"{sign}{name}"
        for name in (
            *("number", "reporting_unit__name", "issuing_unit__name"),
            *("row_count", "accepted_at"),
        )
        for sign in ("", "-")
    )
    counted = COUNTED_LONG
    default_sort = ("-accepted_at", "-pk")
    empty_title = gettext_lazy("还没有已受理的登记表")
    empty_text = gettext_lazy("登记表经市职改办受理后，在这里配发空白证书。")
    export_name = "allotments"

    def get_queryset(self) -> QuerySet[Register]:
        """The accepted registers that the account may see."""
        return reads.allotments(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "allotments")}


def _register_or_404(request: HttpRequest, pk: int) -> Register:
    return get_object_or_404(
        reads.allotments(account_of(request)).select_related(
            "reporting_unit", "issuing_unit", "accepted_by__organization"
        ),
        pk=pk,
    )


@require_GET
@page(Action.BLANK_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One register's allotment: what it would be, what it is, and the next step."""
    account = account_of(request)
    register = _register_or_404(request, pk)
    found = reads.allotments_of(register)
    context: dict[str, Any] = {
        "register": register,
        "allotments": found,
        "steps": _steps(register, found),
        "tabs": tabs(account, "allotments"),
        "progress_label": reads.PROGRESS_LABELS[register.progress],  # type: ignore[attr-defined]
    }
    if not found:
        lines, percent = reads.preview(register, timezone.localdate())
        context |= {
            "preview": lines,
            "percent": percent,
            "total": sum(line.total for line in lines),
            "missing": sum(line.missing for line in lines),
            "may_allot": may(account, Action.ALLOTMENT_ALLOT, register),
            "withdrawn": corrections.withdrawn(register),
        }
        if context["may_allot"]:
            form = ChosenForm({line.grade: line.grade_label for line in lines})
            context["choices"] = [(form[f"serials_{line.grade}"], line.total) for line in lines]
    else:
        state = found[0].state
        context |= {
            "total": sum(item.people + item.spares for item in found),
            "people": sum(item.people for item in found),
            "spares": sum(item.spares for item in found),
            "may_hand_over": state == AllotmentState.ALLOTTED
            and may(account, Action.ALLOTMENT_HAND_OVER, register),
            "may_receive": state == AllotmentState.HANDED_OVER
            and may(account, Action.ALLOTMENT_RECEIVE, register)
            and found[0].handed_over_by_id != account.pk,
            "waits_for_receipt": state == AllotmentState.HANDED_OVER,
            "received": state == AllotmentState.RECEIVED,
            "difference_cases": visible_cases(account).filter(
                register=register, kind=CaseKind.RECEIPT_DIFFERENCE
            ),
            "hand_over_form": HandOverForm(),
            "receipt_form": ReceiptForm(),
        }
    return render(request, "blanks/allotment.html", context)


def _steps(register: Register, found: list[Allotment]) -> list[dict[str, str]]:
    first = found[0] if found else None
    office = Organization.objects.municipal_office()
    done = [
        (_("受理"), register.accepted_at, office),
        (_("配发"), first.allotted_at if first else None, office),
        (_("移交"), first.handed_over_at if first else None, office),
        (_("签收"), first.received_at if first else None, register.issuing_unit),
    ]
    steps: list[dict[str, str]] = []
    for label, at, who in done:
        before_done = all(step["state"] == "done" for step in steps)
        state = "done" if at else ("now" if before_done else "todo")
        moment = f" {timezone.localtime(at):%m-%d %H:%M}" if at else ""
        note = f"{who.called}{moment}"
        steps.append({"label": label, "state": state, "note": note})
    return steps


@require_POST
@page(Action.ALLOTMENT_ALLOT)
def allot(request: HttpRequest, pk: int) -> HttpResponse:
    """配发."""
    register = _register_or_404(request, pk)
    chosen = None
    if "chosen" in request.POST:
        lines, _percent = reads.preview(register, timezone.localdate())
        form = ChosenForm({line.grade: line.grade_label for line in lines}, request.POST)
        chosen = {
            name.removeprefix("serials_"): serials
            for name, serials in cleaned(form).items()
            if serials
        }
    done = actions.allot_register(actor=account_of(request), register_id=register.pk, chosen=chosen)
    people, spares_ = sum(i.people for i in done), sum(i.spares for i in done)
    messages.success(
        request,
        _(
            "已为 %(register)s 配发空白证书 %(total)d 本："
            "按人数 %(people)d 本，备用 %(spares)d 本。"
            "下一步：%(unit)s来领取时办理移交。"
        )
        % {
            "register": register.number,
            "total": people + spares_,
            "people": people,
            "spares": spares_,
            "unit": register.issuing_unit.name,
        },
    )
    return redirect("blanks:allotment", register.pk)


@require_POST
@page(Action.ALLOTMENT_HAND_OVER)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """移交."""
    register = _register_or_404(request, pk)
    values = cleaned(HandOverForm(request.POST))
    done = actions.hand_over(
        actor=account_of(request), register_id=register.pk, collected_by=values["collected_by"]
    )
    messages.success(
        request,
        _(
            "已移交空白证书 %(total)d 本，领取人 %(collector)s。"
            "请双方在交接单上签字。下一步：由%(unit)s签收。"
        )
        % {
            "total": sum(item.people + item.spares for item in done),
            "collector": values["collected_by"],
            "unit": register.issuing_unit.name,
        },
    )
    return redirect("blanks:allotment", register.pk)


@require_POST
@page(Action.ALLOTMENT_RECEIVE)
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """签收."""
    register = _register_or_404(request, pk)
    values = cleaned(ReceiptForm(request.POST))
    done = actions.receive(actor=account_of(request), register_id=register.pk, **values)
    missing = sum(count(parse_ranges(",".join(item.missing_serials))) for item in done)
    damaged = sum(count(parse_ranges(",".join(item.damaged_serials))) for item in done)
    if missing or damaged:
        messages.warning(
            request,
            _(
                "已签收，并指明差异：缺少 %(missing)d 本（已立案），"
                "损坏 %(damaged)d 本（已登记废旧）。请双方在交接单上确认。"
            )
            % {"missing": missing, "damaged": damaged},
        )
        return redirect("blanks:allotment", register.pk)
    messages.success(
        request,
        _("已签收空白证书 %(total)d 本（其中备用 %(spares)d 本）。下一步：由经办人填制证书。")
        % {
            "total": sum(item.people + item.spares for item in done),
            "spares": sum(item.spares for item in done),
        },
    )
    return redirect("blanks:allotment", register.pk)


@require_GET
@page(Action.BLANK_VIEW)
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """交接单 as PDF."""
    register = _register_or_404(request, pk)
    found = reads.allotments_of(register)
    if not found:
        raise Http404
    answer = HttpResponse(hand_over_slip(register, found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{register.number}-slip.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
