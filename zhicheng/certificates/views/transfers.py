"""移交单: the list, a slip's page with its scanner, every hand-over, the papers (N8)."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.certificates import transfer_rules, transfer_scans, transfers
from zhicheng.certificates.forms import CountForm, ReturnForm, SendForm, SlipForm
from zhicheng.certificates.models import SlipState, TransferLine, TransferSlip
from zhicheng.certificates.queries import transfers as reads
from zhicheng.certificates.tabs import tabs
from zhicheng.certificates.transfer_papers import slip_pdf as paper
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.serials import ranges_of
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


class Transfers(ListPage):
    """Every slip that the account may see, and what could be handed over now."""

    title = gettext_lazy("移交单")
    purpose = gettext_lazy("送盖钢印的证书在单位和钢印单位之间的交接：移交、签收、退回、领回。")
    clause = "N8"
    template_name = "certificates/transfers.html"
    action = Action.TRANSFER_VIEW
    columns = (
        Column(
            gettext_lazy("移交单编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: row.get_absolute_url(),
        ),
        Column(gettext_lazy("移交单位"), "unit.name", sort="unit__name"),
        Column(gettext_lazy("钢印单位"), "embosser.name", sort="embosser__name"),
        Column(gettext_lazy("本数"), "count", sort="count", kind="number"),
        Column(
            gettext_lazy("状态"), "state", sort="state", kind="badge", label="get_state_display"
        ),
        Column(gettext_lazy("移交时间"), "sent_at", sort="sent_at", kind="time"),
        Column(gettext_lazy("送件人"), "carried_by"),
        Column(gettext_lazy("签收时间"), "received_at", sort="received_at", kind="time"),
        Column(gettext_lazy("退回时间"), "returned_at", sort="returned_at", kind="time"),
        Column(gettext_lazy("领回时间"), "taken_back_at", sort="taken_back_at", kind="time"),
        Column(gettext_lazy("短缺"), "missing", sort="missing", kind="number"),
        Column(gettext_lazy("多出"), "surplus", sort="surplus", kind="number"),
    )
    filters = (
        ChoiceFilter("state", gettext_lazy("状态"), SlipState.choices),
        DateFilter("sent", gettext_lazy("移交日期"), "sent_at__date"),
    )
    search_fields = ("number", "unit__name", "embosser__name")
    search_hint = gettext_lazy("移交单编号、单位")
    empty_title = gettext_lazy("还没有移交单")
    empty_text = gettext_lazy("单位派人到场盖钢印的，不需要移交单。")
    export_name = "transfers"

    def get_queryset(self) -> QuerySet[TransferSlip]:
        """The slips that the account may see, with their counts."""
        return reads.visible_slips(self.account).annotate(
            count=Count("lines", filter=Q(lines__surplus=False)),
            missing=Count("lines", filter=Q(lines__came=False) | Q(lines__back=False)),
            surplus=Count("lines", filter=Q(lines__surplus=True)),
        )

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and what my unit could hand over."""
        makes = might(self.account, Action.TRANSFER_MAKE)
        return {
            "tabs": tabs(self.account, "transfers"),
            "to_send": reads.to_send(self.account) if makes else [],
            "makes": makes,
            "embossers": [
                item for item in reads.embossers() if item.pk != self.account.organization_id
            ]
            if makes
            else [],
        }


def _slip_or_404(request: HttpRequest, pk: int) -> TransferSlip:
    return get_object_or_404(reads.visible_slips(account_of(request)), pk=pk)


@require_POST
@page(Action.TRANSFER_MAKE)
def new(request: HttpRequest) -> HttpResponse:
    """A new slip: empty for scanning, or with all that wait for an embosser."""
    values = cleaned(SlipForm(request.POST))
    slip = transfers.make_slip(
        actor=account_of(request),
        embosser_id=values["embosser"],
        register_id=values["register"],
        everything=values["everything"],
    )
    return redirect(slip)


@require_GET
@page(Action.TRANSFER_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip's page: where it is, who had it, counts, lines, the next step."""
    account, slip = account_of(request), _slip_or_404(request, pk)
    lines = reads.lines_of(slip)
    listed = [line for line in lines if not line.surplus]
    step = transfer_scans.STEPS.get(SlipState(slip.state))
    scans = step is not None and may(account, step, slip)
    counting = slip.state in (SlipState.SENT, SlipState.RETURNING)
    there = [line for line in lines if (line.back if slip.state == "returning" else line.came)]
    due = [line for line in lines if line.open] if slip.state == "returning" else listed
    counted = set(there)
    differences = [line for line in due if line not in counted] if there and counting else []
    context = {
        "slip": slip,
        "lines": lines,
        "grades": reads.by_grade(listed),
        "total": len(listed),
        "places": reads.where_are([line.certificate for line in lines]) if lines else {},
        "offers": reads.offers(account, slip),
        "scans": scans,
        "counting": counting,
        "there": len(there),
        "differences": transfer_rules.words(_ranges(differences)) if differences else "",
        "difference_count": len(differences),
        "missing": _ranges([line for line in lines if line.came is False or line.back is False]),
        "surplus": _ranges([line for line in lines if line.surplus]),
        "unembossed": [line for line in lines if line.open and line.certificate.state == "sealed"]
        if slip.state == SlipState.ARRIVED
        else [],
        "tally": transfer_scans.tally(slip)["tally"] if scans else "",
        "send_form": SendForm(),
        "return_form": ReturnForm(),
        "count_form": _count_form(
            scanned=bool(there),
            differs=bool(differences) or any(line.surplus for line in lines),
        ),
        "tabs": tabs(account, "transfers"),
    }
    return render(request, "certificates/transfer.html", context)


def _count_form(*, scanned: bool, differs: bool) -> CountForm | None:
    """What whoever signs still has to say: the number, or that the differences were shown."""
    form = CountForm()
    if scanned:
        del form.fields["counted"]
    if not (scanned and differs):
        del form.fields["differences_seen"]
    return form if form.fields else None


def _ranges(lines: list[TransferLine]) -> list[Any]:
    return ranges_of(line.serial for line in lines)


@require_POST
@page(Action.TRANSFER_VIEW)
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """One scan on the slip, answered as JSON."""
    account, slip = account_of(request), _slip_or_404(request, pk)
    step = transfer_scans.STEPS.get(SlipState(slip.state))
    if step is None:
        raise Http404
    require(account, step, slip)
    answer = transfer_scans.scan(account, slip, request.POST.get("text", "")[:4001])
    response = JsonResponse(answer.as_json())
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(Action.TRANSFER_MAKE)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes ticked lines off a slip that isn't handed over."""
    slip = _slip_or_404(request, pk)
    picked = [int(value) for value in request.POST.getlist("line") if value.isdecimal()]
    done = transfers.take_off_slip(actor=account_of(request), slip_id=slip.pk, line_ids=picked)
    messages.success(request, _("已从移交单移出 %(count)d 本。") % {"count": done})
    return redirect(slip)


@require_POST
@page(Action.TRANSFER_SEND)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """移交."""
    slip = _slip_or_404(request, pk)
    values = cleaned(SendForm(request.POST))
    transfers.send(actor=account_of(request), slip_id=slip.pk, carried_by=values["carried_by"])
    messages.success(request, _("已移交，请打印移交单随证书送出。"))
    return redirect(slip)


@require_POST
@page(Action.TRANSFER_CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销."""
    slip = _slip_or_404(request, pk)
    transfers.cancel(actor=account_of(request), slip_id=slip.pk)
    messages.success(request, _("移交单已撤销，证书可以另行移交。"))
    return redirect(slip)


@require_POST
@page(Action.TRANSFER_RECEIVE)
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """签收."""
    slip = _slip_or_404(request, pk)
    values = cleaned(CountForm(request.POST))
    transfers.receive(actor=account_of(request), slip_id=slip.pk, **values)
    messages.success(request, _("已签收，可以在钢印工位逐本登记加盖钢印。"))
    return redirect(slip)


@require_POST
@page(Action.TRANSFER_RETURN)
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回."""
    slip = _slip_or_404(request, pk)
    values = cleaned(ReturnForm(request.POST))
    transfers.give_back(actor=account_of(request), slip_id=slip.pk, **values)
    messages.success(request, _("已退回，请打印退回单随证书交给取件人。"))
    return redirect(slip)


@require_POST
@page(Action.TRANSFER_TAKE_BACK)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """领回."""
    slip = _slip_or_404(request, pk)
    values = cleaned(CountForm(request.POST))
    transfers.take_back(actor=account_of(request), slip_id=slip.pk, **values)
    messages.success(request, _("已领回，可以发放。"))
    return redirect(slip)


@require_GET
@page(Action.TRANSFER_VIEW)
def slip_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """送盖钢印移交单 as PDF."""
    slip = _slip_or_404(request, pk)
    if not slip.lines.exists():
        raise Http404
    return _pdf(paper(slip), slip.number)


@require_GET
@page(Action.TRANSFER_VIEW)
def return_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """已盖钢印证书退回单 as PDF."""
    slip = _slip_or_404(request, pk)
    if slip.state not in (SlipState.ARRIVED, SlipState.RETURNING, SlipState.CLOSED):
        raise Http404
    return _pdf(paper(slip, back=True), f"{slip.number}-TH")


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
