"""The work station of one register: its table, its buttons, every step of the path (N8, N9)."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zhicheng.audit.recording import recorded
from zhicheng.blanks.models import Spoilage
from zhicheng.blanks.views.alarms import scanned_elsewhere
from zhicheng.certificates import actions, spoilage
from zhicheng.certificates.forms import (
    FillForm,
    IssueForm,
    RangeForm,
    SpoilForm,
)
from zhicheng.certificates.models import CertificateState, RecipientRelation
from zhicheng.certificates.next_steps import after, fillable, next_steps, offers
from zhicheng.certificates.printjobs import policy, starting
from zhicheng.certificates.printjobs import queries as prints
from zhicheng.certificates.printjobs.forms import OtherwiseForm, StartForm
from zhicheng.certificates.queries import station
from zhicheng.certificates.tabs import scan_tabs, tabs
from zhicheng.certificates.views.printing import address_of, go_to_jobs, printing_of
from zhicheng.certificates.views.scan import agent_from
from zhicheng.files.rules import JPEG, PNG
from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page

PLACE_LABELS = {
    station.UNFILLED: gettext_lazy("待填制"),
    **{state.value: state.label for state in CertificateState},
}
SERIALS_NAMED = 6


def register_or_404(request: HttpRequest, pk: int) -> Register:
    """The register if the account may see certificates of it; to others it doesn't exist."""
    return get_object_or_404(station.stations(account_of(request)), pk=pk)


class Station(ListPage):
    """One register's people with their certificates, and the steps that can be taken."""

    template_name = "certificates/station.html"
    action = Action.CERTIFICATE_VIEW
    columns = (
        Column(gettext_lazy("序号"), "position", sort="position", kind="number"),
        Column(gettext_lazy("证书编号"), "certificate_number", sort="certificate_number"),
        Column(gettext_lazy("姓名"), "name", sort="name"),
        Column(gettext_lazy("身份证号码"), "id_number_masked"),
        Column(gettext_lazy("工作单位"), "work_unit", sort="work_unit"),
        Column(gettext_lazy("资格名称"), "qualification", sort="qualification"),
        Column(gettext_lazy("专业名称"), "specialty", sort="specialty"),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(
            gettext_lazy("空白证书编号"),
            lambda row: format_serial(row.serial) if row.serial else "",
            sort="serial",
        ),
        Column(
            gettext_lazy("状态"),
            "step",
            sort="step",
            kind="badge",
            label=lambda row: PLACE_LABELS[row.step],
        ),
    )
    filters = (
        ChoiceFilter("step", gettext_lazy("状态"), tuple(PLACE_LABELS.items())),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
    )
    search_fields = ("name", "certificate_number", "work_unit")
    search_hint = gettext_lazy("姓名、证书编号、工作单位")
    default_sort = ("position",)
    export_name = "station"

    @property
    def title(self) -> str:  # type: ignore[override]
        """For the export's audit event."""
        return f"{self.register.number} 证书办理"

    @cached_property
    def register(self) -> Register:
        """The register of the address."""
        return register_or_404(self.request, self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[RegisterRow]:
        """The people of the register whom the account may see."""
        return station.people(self.account, self.register)

    def extra_context(self) -> dict[str, Any]:
        """Progress, what comes next, the buttons with their forms."""
        account, register = self.account, self.register
        counts = station.counts(account, register)
        blanks = station.blanks_of(register)
        printing = printing_of(account, register)
        offered = offers(account, register, counts, blanks)
        if not printing["printable"]:
            offered.pop("print", None)
        return {
            "register": register,
            "counts": counts,
            "bar": _bar(counts),
            "blanks": list(blanks.values()),
            "next_steps": next_steps(account, register, counts, blanks),
            "offers": offered,
            "fillable": [
                (Grade(grade), number) for grade, number in fillable(counts, blanks).items()
            ],
            **printing,
            "spoil_form": SpoilForm(),
            "issue_form": IssueForm(),
            "tabs": tabs(account, "stations"),
            "scan_stations": scan_tabs(account),
            "may_see_issued": may(account, Action.ISSUE_RECORD_VIEW, register),
        }


def _bar(counts: station.Counts) -> list[dict[str, Any]]:
    """The progress bar's segments, from the holder's hand backwards; in per cent."""
    total = counts.people or 1
    start = 0.0
    segments = []
    for place in reversed(station.PATH):
        number = counts.by_place.get(place, 0)
        width = 100 * number / total
        segments.append(
            {
                "place": place,
                "label": PLACE_LABELS[place],
                "count": number,
                "x": f"{start:.3f}",
                "width": f"{width:.3f}",
            }
        )
        start += width
    return segments


def _picked_rows(request: HttpRequest, register: Register, action: Action) -> list[int] | None:
    """The rows of this step: None for all that wait, else those ticked or named by 序号."""
    scope = request.POST.get("scope", "picked")
    if scope == "all":
        return None
    rows = station.people(account_of(request), register)
    if scope == "range":
        values = cleaned(RangeForm(request.POST))
        picked = list(
            rows.filter(
                position__range=(values["first"], values["last"]),
                step__in=station.ready_for(action),
            ).values_list("pk", flat=True)
        )
    else:
        picked = [int(value) for value in request.POST.getlist("row") if value.isdecimal()]
    if not picked:
        raise Refusal(
            "certificate.nothing_picked",
            _("没有选择要办理的人员。"),
            found=_("0 人"),
            expected=_("勾选、扫描或填写序号范围，也可办理全部"),
            mend=_("请选择后再办理。"),
        )
    return list(dict.fromkeys(picked))


def _picked(request: HttpRequest, register: Register, action: Action) -> list[int] | None:
    """As certificates."""
    rows = _picked_rows(request, register, action)
    if rows is None:
        return None
    return station.certificate_ids(station.people(account_of(request), register), rows)


def _done(request: HttpRequest, register: Register, text: str) -> HttpResponse:
    messages.success(request, f"{text}{after(register, account_of(request))}")
    return redirect("certificates:station", register.pk)


@require_POST
@page(Action.CERTIFICATE_FILL)
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """填制: binds people to blanks in the order of serials."""
    register = register_or_404(request, pk)
    grade = cleaned(FillForm(request.POST))["grade"] or None
    account = account_of(request)
    rows = _picked_rows(request, register, Action.CERTIFICATE_FILL)
    if rows is None and grade is None:
        batch_count = _fill_all(request, register)
    else:
        batch_count = actions.fill_in(
            actor=account, register_id=register.pk, grade=grade, row_ids=rows
        ).count
    return _done(
        request,
        register,
        _("已填制证书 %(count)d 本，请按等级打印套打文件。") % {"count": batch_count},
    )


def _fill_all(request: HttpRequest, register: Register) -> int:
    """Everybody for whom a blank is at hand; who waits for an exchange goes on waiting."""
    account = account_of(request)
    counts = station.counts(account, register)
    able = fillable(counts, station.blanks_of(register))
    waiting = {g.value: counts.ready(Action.CERTIFICATE_FILL, g.value) for g in counts.grades}
    short = [grade for grade, number in waiting.items() if number > able.get(grade, 0)]
    if not short or not able:
        return actions.fill_in(actor=account, register_id=register.pk).count
    rows = station.people(account, register).filter(
        step__in=station.ready_for(Action.CERTIFICATE_FILL)
    )
    chosen: list[int] = []
    for grade, number in able.items():
        chosen += rows.filter(grade=grade).values_list("pk", flat=True)[:number]
    return actions.fill_in(actor=account, register_id=register.pk, row_ids=chosen).count


@require_POST
@page(Action.CERTIFICATE_SEAL)
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """加盖公章."""
    register = register_or_404(request, pk)
    batch = actions.seal(
        actor=account_of(request),
        register_id=register.pk,
        certificate_ids=_picked(request, register, Action.CERTIFICATE_SEAL),
    )
    return _done(request, register, _("已登记加盖公章 %(count)d 本。") % {"count": batch.count})


@require_POST
@page(Action.CERTIFICATE_EMBOSS)
def emboss(request: HttpRequest, pk: int) -> HttpResponse:
    """加盖钢印."""
    register = register_or_404(request, pk)
    batch = actions.emboss(
        actor=account_of(request),
        register_id=register.pk,
        certificate_ids=_picked(request, register, Action.CERTIFICATE_EMBOSS),
    )
    return _done(request, register, _("已登记加盖钢印 %(count)d 本。") % {"count": batch.count})


@require_POST
@page(Action.CERTIFICATE_ISSUE)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """发放: to the holders, or to an agent with authorisation."""
    register = register_or_404(request, pk)
    values = cleaned(IssueForm(request.POST, request.FILES))
    account = account_of(request)
    picked = _picked(request, register, Action.CERTIFICATE_ISSUE)
    if values["relation"] == RecipientRelation.AGENT:
        # The agent and the issue are one step: a refused issue leaves no agent behind.
        with recorded(account, Action.CERTIFICATE_ISSUE):
            agent = agent_from(request)
            batch = actions.issue(
                actor=account,
                register_id=register.pk,
                certificate_ids=picked,
                agent_id=agent.pk,
                id_checked=True,
            )
        to = _("由%(name)s代领") % {"name": agent.name}
    else:
        batch = actions.issue(
            actor=account,
            register_id=register.pk,
            certificate_ids=picked,
            id_checked=values["id_checked"],
        )
        to = _("本人领取")
    return _done(
        request,
        register,
        _("已发放证书 %(count)d 本，%(to)s。") % {"count": batch.count, "to": to},
    )


@require_POST
@page(Action.CERTIFICATE_SPOIL)
def spoil(request: HttpRequest, pk: int) -> HttpResponse:
    """登记废旧证书: spares take the places while there are any."""
    register = register_or_404(request, pk)
    account = account_of(request)
    values = cleaned(SpoilForm(request.POST, request.FILES))
    serials = [n for item in values["serials"] for n in range(item.first, item.last + 1)]
    picked = [int(value) for value in request.POST.getlist("row") if value.isdecimal()]
    if picked:
        lying = station.people(account, register).filter(pk__in=picked, serial__isnull=False)
        serials += lying.values_list("serial", flat=True)
    written = spoilage.spoil(
        actor=account,
        register_id=register.pk,
        serials=sorted(set(serials)),
        reason=values["reason"],
        note=values["note"].strip(),
        photo=_photo(values["photo"]),
    )
    return _done(request, register, _told(written))


def _photo(file: UploadedFile | None) -> Prepared | None:
    """The picture, judged and made anew before any lock is held."""
    if file is None:
        return None
    return prepare(file.read(), file.name or "", allowed=(JPEG, PNG))


def _told(written: list[Spoilage]) -> str:
    """What took the place of what, as one or two sentences."""
    replaced = [item for item in written if item.replaced_by]
    due = [item for item in written if item.needs_blank]
    text = _("已登记废旧证书 %(count)d 本。") % {"count": len(written)}
    if replaced:
        pairs = "、".join(
            f"{format_serial(item.serial)} → {format_serial(item.replaced_by or 0)}"
            for item in replaced[:SERIALS_NAMED]
        )
        more = _(" 等") if len(replaced) > SERIALS_NAMED else ""
        text += _("启用备用证书 %(count)d 本（%(pairs)s%(more)s），请在备用证书上重新打印。") % {
            "count": len(replaced),
            "pairs": pairs,
            "more": more,
        }
    if due:
        text += _("备用证书已用完，%(count)d 本须凭废旧证书到市职改办换取。") % {"count": len(due)}
    return text


@require_POST
@page(Action.PRINT_JOB_START)
def start_printing(request: HttpRequest, pk: int) -> HttpResponse:
    """打印: a print job of one grade; a range of 序号 leaves out what is printed already."""
    register = register_or_404(request, pk)
    values = cleaned(StartForm(request.POST, unit=register.issuing_unit))
    picked = _picked(request, register, Action.CERTIFICATE_PRINT)
    if picked is not None and request.POST.get("scope") == "range":
        picked = prints.only_unprinted(picked, values["grade"])
    jobs = starting.start(
        actor=account_of(request),
        register_id=register.pk,
        grade=values["grade"],
        certificate_ids=picked,
        printer_id=values["printer"],
        portion_size=values["portion"],
        address=address_of(request),
    )
    return go_to_jobs(request, jobs)


@require_POST
@page(Action.FILLED_OTHERWISE_STATE)
def filled_otherwise(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit fills these certificates in by other means."""
    register = register_or_404(request, pk)
    policy.state_filled_otherwise(
        actor=account_of(request),
        register_id=register.pk,
        reason=cleaned(OtherwiseForm(request.POST))["reason"],
    )
    return _done(request, register, _("已登记：本登记表的证书以其他方式填制。"))


@require_POST
@page(Action.CERTIFICATE_VIEW)
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Finds the certificate of a scanned number or blank serial, wherever in the table it is.

    By POST, so that nothing scanned stands in an address or a log.
    """
    register = register_or_404(request, pk)
    rows = station.people(account_of(request), register)
    text = request.POST.get("text", "")[:60]
    row = station.scan(rows, text)
    if row is None:
        return scanned_elsewhere(account_of(request), text, f"证书办理 {register.number}")
    step = row.step  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "value": None if step == CertificateState.ISSUED else row.pk,
            "label": f"{row.certificate_number} {row.name} {PLACE_LABELS[step]}",
        }
    )
