"""案卷: reporting a loss, the list of cases, a case from its opening to its outcome (N18)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.blanks import investigations, losses
from zhicheng.blanks.case_forms import EntryForm, LossForm, SettleForm, prepared
from zhicheng.blanks.case_papers import report_of
from zhicheng.blanks.case_rules import OF_LOST, OUTCOMES
from zhicheng.blanks.models import BlankCase, CaseEntry, CaseKind, CaseOutcome
from zhicheng.blanks.queries import cases as reads
from zhicheng.blanks.tabs import tabs
from zhicheng.blanks.views.alarms import serial_of
from zhicheng.files.store import download
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange, count, format_serial, merge, parse_ranges
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

SERIALS_SHOWN = 3
# A case of so many serials is linked as ranges only: nobody opens ten thousand pages.
LINKED = 60


def short(serials: list[str]) -> str:
    """The first few ranges."""
    more = " …" if len(serials) > SERIALS_SHOWN else ""
    return "、".join(serials[:SERIALS_SHOWN]) + more


class Cases(ListPage):
    """Every case that the account may see."""

    title = gettext_lazy("案卷")
    purpose = gettext_lazy(
        "遗失、短缺、溢出和失控证书的出现，逐案查到有结论为止；差异从不直接改账。"
    )
    clause = "N18"
    template_name = "blanks/cases.html"
    action = Action.CASE_VIEW
    columns = (
        Column(
            gettext_lazy("案卷编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: reverse("blanks:case", args=[row.pk]),
        ),
        Column(gettext_lazy("类别"), "get_kind_display", sort="kind"),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("数量"), "count", sort="count", kind="number"),
        Column(gettext_lazy("编号"), lambda row: short(row.serials)),
        Column(gettext_lazy("责任单位"), "holder.name", sort="holder__name"),
        Column(
            gettext_lazy("状态"),
            lambda row: "open" if row.is_open else "closed",
            sort="outcome",
            kind="badge",
            label=lambda row: row.get_outcome_display() or _("调查中"),
        ),
        Column(gettext_lazy("待处理警报"), "unseen", sort="unseen", kind="number"),
        Column(gettext_lazy("立案"), "opened_at", sort="opened_at", kind="time"),
        Column(gettext_lazy("天数"), reads.days_open, kind="number"),
        Column(gettext_lazy("结案"), "closed_at", sort="closed_at", kind="time"),
    )
    filters = (
        ChoiceFilter("kind", gettext_lazy("类别"), CaseKind.choices),
        ChoiceFilter(
            "progress",
            gettext_lazy("状态"),
            (
                ("open", gettext_lazy("调查中")),
                ("closed", gettext_lazy("已结案")),
                *CaseOutcome.choices,
            ),
            apply=reads.by_progress,
        ),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter(
            "holder",
            gettext_lazy("责任单位"),
            lambda request: reads.holders_of_cases(account_of(request)),
        ),
        ChoiceFilter(
            "age",
            gettext_lazy("未结案超过"),
            lambda _request: [(str(n), _("%(days)s 天") % {"days": n}) for n in reads.AGES],
            apply=reads.by_age,
        ),
        DateFilter("opened", gettext_lazy("立案日期"), "opened_at__date"),
    )
    search_fields = ("number", "holder__name", "note")
    search_hint = gettext_lazy("案卷编号、单位、情况")
    empty_title = gettext_lazy("没有案卷")
    empty_text = gettext_lazy("保管单位发现空白证书缺少时，在这里报告遗失；盘点差异自动立案。")
    export_name = "cases"

    def get_queryset(self) -> QuerySet[BlankCase]:
        """What the account may see."""
        return reads.visible_cases(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs and the button."""
        return {
            "tabs": tabs(self.account, "cases"),
            "may_report": might(self.account, Action.LOSS_REPORT),
        }


@require_http_methods(["GET", "POST"])
@page(Action.LOSS_REPORT)
def report_loss(request: HttpRequest) -> HttpResponse:
    """报告遗失: scanned one by one, or as ranges."""
    account = account_of(request)
    posted = request.method == "POST"
    form = LossForm(request.POST if posted else None, request.FILES if posted else None)
    picked = [int(value) for value in request.POST.getlist("serial") if value.isdecimal()]
    if posted and form.is_valid():
        named = merge([*form.cleaned_data["serials"], *(SerialRange(n, n) for n in picked if n)])
        done = investigations.report_loss(
            actor=account,
            serials=named,
            note=form.cleaned_data["note"],
            file=prepared(form.cleaned_data["file"]),
        )
        messages.success(
            request,
            _("已立案 %(cases)s，%(count)d 本空白证书即刻封控。此后任何出现都会报警。")
            % {"cases": "、".join(case.number for case in done), "count": count(named)},
        )
        return redirect("blanks:case", done[0].pk)
    context = {
        "form": form,
        "picked": [(n, format_serial(n)) for n in picked],
        "tabs": tabs(account, "cases"),
    }
    return render(request, "blanks/report_loss.html", context)


@require_POST
@page(Action.LOSS_REPORT)
def scan_lost(request: HttpRequest) -> HttpResponse:
    """A serial for the report: whether the account's organisation keeps it."""
    account = account_of(request)
    text = request.POST.get("text", "")
    serial = serial_of(text)
    if serial is not None:
        wanted = [SerialRange(serial, serial)]
        for custody in losses.where(wanted, investigations.kept_by(account.organization)):
            label = f"{format_serial(serial)} {custody.get_state_display()}"
            return JsonResponse({"value": serial, "label": label})
    # Naming a lost blank here is no appearance of it: it is being looked for.
    return JsonResponse(
        {"value": None, "label": _("%(text)s 不在本单位保管") % {"text": text[:20]}}
    )


def _case_or_404(request: HttpRequest, pk: int) -> BlankCase:
    return get_object_or_404(reads.visible_cases(account_of(request)), pk=pk)


@require_GET
@page(Action.CASE_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: facts, serials, what happened, what may be done."""
    account, case = account_of(request), _case_or_404(request, pk)
    lost = [item for ranges in investigations.still_lost(case).values() for item in ranges]
    serials = parse_ranges(",".join(case.serials))
    closing = case.is_open and may(account, Action.CASE_CLOSE, case)
    own = closing and case.opened_by_id == account.pk
    settle_form = SettleForm(outcomes=OF_LOST if lost else OUTCOMES[case.kind])
    sightings = case.sightings.select_related("seen_by", "organization", "acknowledged_by")
    context = {
        "case": case,
        # Its beginning is a sentence of ours; other cases are told in an officer's own words.
        "told": case.kind == CaseKind.SHORT_DELIVERY,
        "days": reads.days_open(case),
        "lost": [str(item) for item in merge(lost)],
        "lost_count": count(lost),
        "single": [format_serial(n) for item in serials for n in range(item.first, item.last + 1)]
        if case.count <= LINKED
        else [],
        "steps": reads.timeline(case),
        "sightings": sightings.order_by("-id"),
        "settlements": [(reads.told_outcome(part), part) for part in case.settlements.all()],
        "may_note": case.is_open and may(account, Action.CASE_NOTE, case),
        "may_close": closing and not own,
        "own_case": own,
        "may_replace": may(account, Action.LOSS_REPLACE, case)
        and investigations.can_be_replaced(case),
        "may_acknowledge": may(account, Action.SIGHTING_ACKNOWLEDGE),
        "entry_form": EntryForm(auto_id="entry_%s"),
        "settle_form": settle_form if lost else settle_form.without_serials(),
        "tabs": tabs(account, "cases"),
    }
    return render(request, "blanks/case.html", context)


@require_POST
@page(Action.CASE_NOTE)
def add_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """登记调查经过."""
    case = _case_or_404(request, pk)
    values = cleaned(EntryForm(request.POST, request.FILES))
    investigations.add_entry(
        actor=account_of(request),
        case_id=case.pk,
        text=values["text"],
        file=prepared(values["file"]),
    )
    messages.success(request, _("已登记调查经过。"))
    return redirect("blanks:case", case.pk)


@require_POST
@page(Action.CASE_CLOSE)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """结案, or an outcome of a part."""
    case = _case_or_404(request, pk)
    values = cleaned(SettleForm(request.POST))
    done = investigations.settle_case(
        actor=account_of(request),
        case_id=case.pk,
        outcome=values["outcome"],
        conclusion=values["conclusion"],
        serials=values["serials"] or None,
        place=values["place"] or "back",
    )
    if done.is_open:
        left = sum(count(ranges) for ranges in investigations.still_lost(done).values())
        messages.success(request, _("已处理一部分，还有 %(left)d 本待查明。") % {"left": left})
    else:
        messages.success(
            request, _("已结案：%(outcome)s。") % {"outcome": done.get_outcome_display()}
        )
    return redirect("blanks:case", case.pk)


@require_POST
@page(Action.LOSS_REPLACE)
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """补发 for written-off blanks."""
    case = _case_or_404(request, pk)
    made = investigations.replace_written_off(actor=account_of(request), case_id=case.pk)
    messages.success(
        request,
        _("已补发空白证书 %(count)d 本：%(given)s。请双方签字移交，由发放单位填制。")
        % {"count": made.count, "given": "、".join(made.given)},
    )
    return redirect("blanks:case", case.pk)


@require_GET
@page(Action.CASE_VIEW)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """案卷报告 as PDF."""
    case = _case_or_404(request, pk)
    answer = HttpResponse(report_of(case), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{case.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
@page(Action.CASE_VIEW)
def evidence(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A document of the case."""
    case = _case_or_404(request, pk)
    entry = (
        CaseEntry.objects.filter(case=case, file__token=token)
        .select_related("file")
        .defer("file__content")
        .first()
    )
    if entry is None or entry.file is None:
        raise Http404
    return download(entry.file)
