"""Pages of the reports of self-managed units (N16)."""

import io
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.approvals.models import RecordMode, RecordState, ReviewRecord
from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.selfissued import actions, queries
from zhicheng.selfissued.forms import ReasonForm, ReportForm
from zhicheng.selfissued.models import Report, ReportState
from zhicheng.selfissued.reading import COLUMNS
from zhicheng.selfissued.template_book import template_book
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.lists import ChoiceFilter, Column, ListPage, TextFilter
from zhicheng.web.pages import account_of, page

ROWS = 100
SHOWN_FINDINGS = 500


def own_records(organization: Organization) -> list[ReviewRecord]:
    """The unit's records of self-managed review, the newest first."""
    return list(
        ReviewRecord.objects.filter(unit=organization, mode=RecordMode.SELF_MANAGED).order_by(
            "-valid_to"
        )
    )


def tabs(current: str) -> list[dict[str, Any]]:
    """Reports and certificates."""
    return [
        {"label": _("报送"), "url": reverse("selfissued:list"), "current": current == "reports"},
        {
            "label": _("证书"),
            "url": reverse("selfissued:certificates"),
            "current": current == "certificates",
        },
    ]


class ReportList(ListPage):
    """What units reported, and how far it is."""

    title = _l("自主发放证书")
    purpose = _l(
        "自主评审单位自行印制发放的证书，报送备查后可供查询，并注明由单位自行发放；不领取空白证书。"
    )
    clause = "N16"
    template_name = "selfissued/list.html"
    action = Action.SELF_ISSUED_VIEW
    search_fields = ("number", "unit__name", "source_name")
    search_hint = _l("报送编号、单位")
    default_sort = ("-pk",)
    empty_title = _l("还没有报送")
    empty_text = _l("经备案采取自主评审的单位在这里上传自行发放的证书。")
    export_name = "self-issued-reports"
    columns: ClassVar = (
        Column(
            _l("报送编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda report: report.get_absolute_url(),
        ),
        Column(_l("单位"), "unit.name", sort="unit__name"),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        Column(_l("证书数"), "people_count", sort="people_count", kind="number"),
        Column(_l("其中更正"), "correction_count", sort="correction_count", kind="number"),
        Column(_l("报送时间"), "filed_at", sort="filed_at", kind="time"),
        Column(_l("办理时间"), "decided_at", sort="decided_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter("state", _l("状态"), ReportState.choices),
        TextFilter("unit", _l("单位"), "unit__name"),
    )

    def get_queryset(self) -> QuerySet[Report]:
        """What the account may see."""
        return queries.reports(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and for a unit its record and the buttons."""
        return unit_context(self.account) | {"tabs": tabs("reports")}


def unit_context(account: Account) -> dict[str, Any]:
    """Whether the account's own unit may report, and under which record."""
    own = may(account, Action.SELF_ISSUED_REPORT, account.organization)
    records = own_records(account.organization) if own else []
    valid = [each for each in records if each.state is RecordState.VALID]
    return {
        "is_unit": own,
        "records": records,
        "valid_record": valid[0] if valid else None,
        "may_report": bool(records),
    }


@page(Action.SELF_ISSUED_REPORT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The unit's file: everything is taken, or nothing and every reason is told."""
    account = account_of(request)
    form = ReportForm(request.POST or None, request.FILES or None)
    filed, refusal = None, None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            filed = actions.file_report(actor=account, content=file.read(), name=file.name)
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            if filed.report is not None:
                messages.success(
                    request,
                    _("已报送 %(count)d 本证书，等待市职改办收录。")
                    % {"count": filed.report.people_count},
                )
                return redirect(filed.report)
    context = unit_context(account) | {
        "form": form,
        "refusal": refusal,
        "filed": filed,
        "shown": _worst_first(filed.findings)[:SHOWN_FINDINGS] if filed else [],
        "columns": [column.title for column in COLUMNS if column.required],
        "optional_columns": [column.title for column in COLUMNS if not column.required],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "selfissued/new.html", context, status=status)


def _worst_first(findings: Any) -> list[Any]:
    rank = {"error": 0, "warning": 1, "tidied": 2}
    return sorted(findings, key=lambda found: (rank[found.severity], found.row or 0))


@page(Action.SELF_ISSUED_REPORT)
@require_GET
def template(request: HttpRequest) -> FileResponse:
    """The form to fill in, with drop-downs of what the unit's records cover."""
    unit = account_of(request).organization
    records = own_records(unit)
    series = [name for record in records for name in record.series]
    limited = bool(records) and all(record.series for record in records)
    content = template_book(unit=unit.name, series=list(dict.fromkeys(series)) if limited else ())
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=_("自主发放证书报送表.xlsx")
    )


@page(Action.SELF_ISSUED_VIEW)
@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report with its certificates, and what may be done with it."""
    return _page(request, _report_or_404(request, pk))


def _report_or_404(request: HttpRequest, pk: int) -> Report:
    return get_object_or_404(queries.reports(account_of(request)), pk=pk)


def _page(request: HttpRequest, found: Report, *, form: ReasonForm | None = None) -> HttpResponse:
    account = account_of(request)
    waits = found.state == ReportState.FILED
    rows = found.certificates.defer("id_number_cipher").select_related("record").order_by("pk")
    context = {
        "report": found,
        "page_object": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "may_accept": waits and may(account, Action.SELF_ISSUED_ACCEPT, found),
        "may_return": waits and may(account, Action.SELF_ISSUED_RETURN, found),
        "may_withdraw": waits and may(account, Action.SELF_ISSUED_WITHDRAW, found),
        "form": form or ReasonForm(),
    }
    return render(
        request, "selfissued/report.html", context, status=422 if form is not None else 200
    )


@page(Action.SELF_ISSUED_VIEW)
@require_GET
def source(request: HttpRequest, pk: int) -> FileResponse:
    """The unit's own file, with whole ID numbers: each look is on record."""
    account = account_of(request)
    found = _report_or_404(request, pk)
    with recorded(account, Action.PERSON_UNMASK) as record:
        require(account, Action.PERSON_UNMASK, found)
        record(subject=found, data={"number": found.number, "file": found.source_name})
    content = queries.source_of(found)
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=found.source_name)


@page(Action.SELF_ISSUED_ACCEPT)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """收录."""
    done = actions.accept_report(
        actor=account_of(request), report_id=_report_or_404(request, pk).pk
    )
    messages.success(request, _("%(number)s 已收录，即日起可供查询。") % {"number": done.number})
    return redirect(done)


@page(Action.SELF_ISSUED_RETURN)
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回，写明原因."""
    return _with_reason(request, pk, actions.return_report, _("已退回单位。"))


@page(Action.SELF_ISSUED_WITHDRAW)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回，写明原因."""
    return _with_reason(request, pk, actions.withdraw_report, _("已撤回。"))


def _with_reason(
    request: HttpRequest, pk: int, act: Callable[..., Report], message: str
) -> HttpResponse:
    found = _report_or_404(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    done = act(actor=account_of(request), report_id=found.pk, reason=form.cleaned_data["reason"])
    messages.success(request, message)
    return redirect(done)
