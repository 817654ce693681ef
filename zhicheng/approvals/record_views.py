"""Pages of the records of authorised, joint and self-managed review (N15, N16)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.approvals import queries, records
from zhicheng.approvals.models import ApprovalDocument, RecordMode, ReviewRecord
from zhicheng.approvals.record_forms import EndForm, RecordForm
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page

_LABELS = {action.value: label for action, label in ACTION_LABELS.items()}
_BADGES = {
    "coming": "idle",
    "valid": "passed",
    "expired": "idle",
    "ended": "idle",
    "revoked": "revoked",
}


class RecordList(ListPage):
    """Which units review by authorisation, jointly or by themselves, and until when."""

    title = _l("评审备案")
    purpose = _l("哪些单位经授权、联合或自主评审，在什么范围、到什么时候；导入核准文件时按此核对。")
    clause = "N15"
    template_name = "approvals/records.html"
    action = Action.APPROVAL_VIEW
    search_fields = ("number", "unit__name", "department__name")
    search_hint = _l("备案号、单位")
    default_sort = ("-valid_to", "-pk")
    empty_title = _l("还没有评审备案")
    empty_text = _l("经授权同意或备案的单位由市职改办在这里登记。")
    export_name = "review-records"
    columns: ClassVar = (
        Column(
            _l("备案号或授权文号"),
            "number",
            sort="number",
            kind="code",
            link=lambda record: record.get_absolute_url(),
        ),
        Column(_l("评审方式"), "get_mode_display", sort="mode"),
        Column(_l("评审单位"), "unit.name", sort="unit__name"),
        Column(_l("授权或同意部门"), "department.name", sort="department__name"),
        Column(_l("范围"), "limits"),
        Column(_l("有效期起"), "valid_from", sort="valid_from", kind="date"),
        Column(_l("有效期止"), "valid_to", sort="valid_to", kind="date"),
        Column(
            _l("状态"),
            lambda record: _BADGES[record.state],
            kind="badge",
            label=lambda record: record.state.label,
        ),
    )
    filters: ClassVar = (
        ChoiceFilter("mode", _l("评审方式"), RecordMode.choices),
        ChoiceFilter(
            "valid",
            _l("状态"),
            [("now", _l("有效")), ("not", _l("未生效、已过期或已终止"))],
            apply=lambda rows, value: _by_validity(rows, value),
        ),
    )

    def get_queryset(self) -> QuerySet[ReviewRecord]:
        """What the account may see."""
        return queries.review_records(self.account)

    def extra_context(self) -> dict[str, Any]:
        """The button."""
        return {"may_record": may(self.account, Action.REVIEW_RECORD_ADD)}


def _by_validity(rows: QuerySet[ReviewRecord], value: str) -> QuerySet[ReviewRecord]:
    today = timezone.localdate()
    now = Q(valid_from__lte=today, valid_to__gte=today) & (Q(ended_on=None) | Q(ended_on__gt=today))
    return rows.filter(now if value == "now" else ~now)


@page(Action.APPROVAL_VIEW)
@require_GET
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: what it covers, how it ended, what was announced under it."""
    return _page(request, _record_or_404(request, pk))


def _record_or_404(request: HttpRequest, pk: int) -> ReviewRecord:
    found = queries.review_records(account_of(request)).select_related("recorded_by", "ended_by")
    return get_object_or_404(found, pk=pk)


def _page(
    request: HttpRequest,
    kept: ReviewRecord,
    form: EndForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    account, today = account_of(request), timezone.localdate()
    documents = queries.visible(account).filter(review_mode=kept.mode)
    if kept.mode == RecordMode.SELF_MANAGED:
        documents = documents.filter(approving_department=kept.unit_id)
    else:
        documents = documents.filter(approving_department=kept.department_id).filter(
            Q(review_unit=None) | Q(review_unit=kept.unit_id)
        )
    last = kept.facts().last
    within: QuerySet[ApprovalDocument] = documents.filter(
        people__approval_date__gte=kept.valid_from, people__approval_date__lte=last
    ).distinct()
    days = kept.valid_from <= today <= kept.valid_to
    context = {
        "record": kept,
        "badge": _BADGES[kept.state],
        "last": last,
        "documents": within.order_by(F("issued_on").desc(nulls_last=True), "-pk")[:50],
        "entries": _history(kept),
        "may_end": kept.ended_on is None and may(account, Action.REVIEW_RECORD_END, kept),
        "form": form or EndForm(initial={"ended_on": today if days else kept.valid_from}),
        "refusal": refusal,
        "clause": "N16" if kept.mode == RecordMode.SELF_MANAGED else "N15",
    }
    status = 422 if form is not None or refusal is not None else 200
    return render(request, "approvals/record_detail.html", context, status=status)


def _history(kept: ReviewRecord) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(
        subject_type=ReviewRecord._meta.label_lower, subject_id=kept.pk
    ).defer("row_digests")
    return [
        {
            "at": event.occurred_at,
            "label": _LABELS.get(event.tag, event.tag),
            "who": event.actor_name,
            "organization": "",
            "details": [event.data["reason"]] if event.data.get("reason") else [],
        }
        for event in events.order_by("-sequence")
    ]


@login_required
@require_http_methods(["GET", "POST"])
def new_record(request: HttpRequest) -> HttpResponse:
    """登记评审备案."""
    account = account_of(request)
    require(account, Action.REVIEW_RECORD_ADD)
    form = RecordForm(request.POST or None, today=timezone.localdate())
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        unit, department = told.pop("unit"), told.pop("department")
        try:
            kept = records.record_review(
                actor=account,
                unit_id=unit.pk,
                department_id=department.pk if department else None,
                **told,
            )
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            messages.success(
                request,
                _("已登记%(unit)s的%(mode)s备案，有效期至 %(day)s。")
                % {
                    "unit": kept.unit.name,
                    "mode": kept.get_mode_display(),
                    "day": kept.valid_to.isoformat(),
                },
            )
            return redirect(kept)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "refusal": refusal}
    return render(request, "approvals/record.html", context, status=status)


@login_required
@require_POST
def end_record(request: HttpRequest, pk: int) -> HttpResponse:
    """提前终止或撤销，写明原因."""
    account = account_of(request)
    require(account, Action.REVIEW_RECORD_END)
    kept = _record_or_404(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, kept, form)
    try:
        records.end_record(actor=account, record_id=pk, **form.cleaned_data)
    except NotPermitted:
        raise
    except Refusal as error:
        return _page(request, kept, form, error)
    messages.success(request, _("备案已失效，记录保留。"))
    return redirect(reverse("approvals:record", args=[pk]))
