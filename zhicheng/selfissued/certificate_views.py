"""Pages of single self-issued certificates: look up, correct, void or take back (N16)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.protection import blind_index, reveal
from zhicheng.reference.catalog import LEVEL_LABELS
from zhicheng.reference.models import Grade
from zhicheng.selfissued import actions, queries
from zhicheng.selfissued.forms import CorrectionForm, EndForm
from zhicheng.selfissued.models import Report, SelfIssuedCertificate, Standing
from zhicheng.selfissued.reading import KEYS
from zhicheng.selfissued.template_book import template_book
from zhicheng.selfissued.views import tabs, unit_context
from zhicheng.values import id_number
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage, TextFilter
from zhicheng.web.pages import account_of, page

_LABELS = {action.value: label for action, label in ACTION_LABELS.items()}
BADGES = {
    "filed": "filed",
    "accepted": "accepted",
    "returned": "returned",
    "withdrawn": "idle",
    "superseded": "idle",
    "void": "error",
}


class CertificateList(ListPage):
    """Certificates that units issue themselves: no unified ones, never counted among these."""

    title = _l("自主发放证书")
    purpose = _l("自主评审单位自行印制发放的证书；不是全市统一的职称证书，统计时分开。")
    clause = "N16"
    template_name = "selfissued/certificates.html"
    action = Action.SELF_ISSUED_VIEW
    search_fields = ("number", "name", "document_number", "report__number")
    search_hint = _l("证书编号、姓名、批准文号")
    search_beginnings = ("number", "name")
    quick_sorts = ("number", "-number")
    counted = 10_000
    default_sort = ("-pk",)
    empty_title = _l("还没有证书")
    empty_text = _l("单位报送并由市职改办收录后，显示在这里。")
    export_name = "self-issued-certificates"
    columns: ClassVar = (
        Column(
            _l("证书编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda item: item.get_absolute_url(),
        ),
        Column(_l("姓名"), "name", sort="name"),
        Column(_l("身份证号码"), "id_number_masked", kind="code"),
        Column(_l("资格名称"), "qualification", sort="qualification"),
        Column(_l("专业名称"), "specialty"),
        Column(_l("批准时间"), "approval_date", sort="approval_date", kind="date"),
        Column(_l("批准文号"), "document_number", sort="document_number", kind="code"),
        Column(_l("发放单位"), "unit.name", sort="unit__name"),
        Column(
            _l("状态"),
            lambda item: BADGES[item.state],
            sort="state",
            kind="badge",
            label="get_state_display",
        ),
    )
    filters: ClassVar = (
        ChoiceFilter("state", _l("状态"), Standing.choices),
        ChoiceFilter("grade", _l("等级"), Grade.choices),
        TextFilter("unit", _l("发放单位"), "unit__name"),
        DateFilter("approved", _l("批准时间"), "approval_date"),
    )

    def get_queryset(self) -> QuerySet[SelfIssuedCertificate]:
        """What the account may see."""
        return queries.certificates(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs and the unit's own buttons."""
        return unit_context(self.account) | {"tabs": tabs("certificates")}


def _certificate_or_404(request: HttpRequest, pk: int) -> SelfIssuedCertificate:
    return get_object_or_404(queries.certificates(account_of(request)), pk=pk)


@page(Action.SELF_ISSUED_VIEW)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, what it said before, who did what."""
    return _page(request, _certificate_or_404(request, pk))


def _page(
    request: HttpRequest, found: SelfIssuedCertificate, form: EndForm | None = None
) -> HttpResponse:
    account = account_of(request)
    stands = found.state == Standing.ACCEPTED
    versions = (
        queries.certificates(account)
        .filter(unit=found.unit_id, number=found.number)
        .exclude(pk=found.pk)
        .order_by("-pk")
    )
    context = {
        "certificate": found,
        "badge": BADGES[found.state],
        "versions": [(each, BADGES[each.state]) for each in versions],
        "entries": _history(found),
        "may_correct": stands and may(account, Action.SELF_ISSUED_REPORT, found),
        "may_end": stands and may(account, Action.SELF_ISSUED_WITHDRAW, found),
        "form": form or EndForm(),
    }
    return render(
        request, "selfissued/certificate.html", context, status=422 if form is not None else 200
    )


def _history(found: SelfIssuedCertificate) -> list[dict[str, Any]]:
    of_report = AuditEvent.objects.filter(
        subject_type=Report._meta.label_lower, subject_id=found.report_id
    )
    of_itself = AuditEvent.objects.filter(
        subject_type=SelfIssuedCertificate._meta.label_lower, subject_id=found.pk
    )
    events = [*of_itself.defer("row_digests"), *of_report.defer("row_digests")]
    return [
        {
            "at": event.occurred_at,
            "label": _LABELS.get(event.tag, event.tag),
            "who": event.actor_name,
            "organization": "",
            "details": [event.data["reason"]] if event.data.get("reason") else [],
        }
        for event in sorted(events, key=lambda event: event.sequence, reverse=True)
        if event.tag != Action.PERSON_UNMASK
    ]


@page(Action.SELF_ISSUED_WITHDRAW)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """作废或撤回，写明原因."""
    found = _certificate_or_404(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    done = actions.end_certificate(
        actor=account_of(request),
        certificate_id=found.pk,
        void=form.cleaned_data["kind"] == "void",
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("已办理：%(state)s。") % {"state": done.get_state_display()})
    return redirect(done)


@page(Action.SELF_ISSUED_REPORT)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A correction of one certificate: a report of one row, with the same checks and way."""
    account = account_of(request)
    found = _certificate_or_404(request, pk)
    require(account, Action.SELF_ISSUED_REPORT, found)
    form = CorrectionForm(request.POST or None, initial=_initial(found))
    filed, refusal = None, None
    if request.method == "POST" and form.is_valid():
        content = template_book(unit=found.unit.name, rows=[_row(found, form.cleaned_data)])
        try:
            filed = actions.file_report(
                actor=account, content=content, name=_("更正 %s.xlsx") % found.number
            )
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            if filed.report is not None:
                messages.success(request, _("更正已报送，收录前查询仍按原内容回答。"))
                return redirect(filed.report)
    context = {
        "certificate": found,
        "form": form,
        "refusal": refusal,
        "findings": filed.findings if filed else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "selfissued/correct.html", context, status=status)


def _initial(found: SelfIssuedCertificate) -> dict[str, Any]:
    return {
        "name": found.name,
        "sex": found.sex,
        "work_unit": found.work_unit,
        "series": found.series,
        "level": LEVEL_LABELS[found.level],
        "qualification": found.qualification,
        "specialty": found.specialty,
        "approval_date": found.approval_date.isoformat(),
        "document_number": found.document_number,
        "issued_on": found.issued_on.isoformat() if found.issued_on else "",
    }


def _row(found: SelfIssuedCertificate, told: dict[str, str]) -> list[str]:
    whole = told["id_number"]
    if not whole or blind_index(id_number.tidy(whole)[0]) == bytes(found.id_number_index):
        # Nobody sees it: it goes from the old row into the new one.
        cipher = SelfIssuedCertificate.objects.values_list("id_number_cipher", flat=True)
        whole = reveal(bytes(cipher.get(pk=found.pk)))
    cells = {**told, "number": found.number, "id_number": whole}
    return [cells[key] for key in KEYS]
