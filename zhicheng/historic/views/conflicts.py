"""What two sources say differently of a certificate, decided by a person with a reason (N7)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from zhicheng.certificates.models import Certificate, Origin
from zhicheng.historic.forms import DecisionForm, WhyForm
from zhicheng.historic.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.verification import decisions
from zhicheng.verification.conflicts import (
    all_conflicts,
    decided_conflicts,
    decision_of,
    open_conflicts,
    sides,
)
from zhicheng.verification.models import LegacyRecord, Outcome, SourceConflict
from zhicheng.verification.rules import COMPARED, SOURCE_LABELS, Record, Source
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


def _words(record: Record) -> str:
    return f"{record.name} {record.qualification} {record.specialty}"


def _source(name: str) -> str:
    return _(SOURCE_LABELS[Source[name.upper()]])


def _with_field(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(fields__contains=[value])


class Conflicts(ListPage):
    """Open conflicts first; decided ones by the filter."""

    title = _l("数据来源冲突")
    purpose = _l("同一证书编号，两个来源说法不同。查询以排在前面的来源回答，由市职改办认定。")
    clause = "N7"
    template_name = "historic/conflicts.html"
    action = Action.SOURCE_CONFLICT_VIEW
    search_fields = ("number",)
    search_hint = _l("证书编号")
    default_sort = ("-found_at",)
    empty_title = _l("没有来源冲突")
    empty_text = _l("登记表、历史台账与申请对同一证书的说法一致，或分歧都已认定。")
    export_name = "source-conflicts"
    columns: ClassVar = (
        Column(
            _l("证书编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda item: reverse("historic:conflict", args=[item.pk]),
        ),
        Column(_l("不一致的内容"), lambda item: "、".join(_(COMPARED[key]) for key in item.fields)),
        Column(_l("查询采用"), lambda item: _source(item.first_source), sort="first_source"),
        Column(_l("采用来源所载"), lambda item: _words(sides(item)[0])),
        Column(_l("另一来源"), lambda item: _source(item.other_source), sort="other_source"),
        Column(_l("另一来源所载"), lambda item: _words(sides(item)[1])),
        Column(
            _l("认定"),
            lambda item: "done" if item.decided else "waiting",
            kind="badge",
            label=lambda item: (
                decision.get_outcome_display()
                if (decision := decision_of(item)) is not None
                else _("待认定")
            ),
        ),
        Column(_l("发现时间"), "found_at", sort="found_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter(
            "decided",
            _l("认定"),
            [("all", _l("全部")), ("yes", _l("已认定"))],
            apply=lambda rows, value: rows,
        ),
        ChoiceFilter("field", _l("不一致的内容"), list(COMPARED.items()), apply=_with_field),
        ChoiceFilter(
            "first_source",
            _l("查询采用"),
            [(source.name.lower(), SOURCE_LABELS[source]) for source in Source],
        ),
        DateFilter("found", _l("发现时间"), "found_at__date"),
    )

    def get_queryset(self) -> QuerySet[SourceConflict]:
        """Those that wait, unless decided ones are asked for."""
        wanted = self.request.GET.get("decided", "")
        if wanted == "all":
            return all_conflicts()
        return decided_conflicts() if wanted == "yes" else open_conflicts()

    def extra_context(self) -> dict[str, Any]:
        """The other lists."""
        return {"tabs": tabs(self.account, "conflicts")}


@require_safe
@page(Action.SOURCE_CONFLICT_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Both records side by side, what a decision brings about, and those that were taken."""
    account = account_of(request)
    conflict = get_object_or_404(all_conflicts(), pk=pk)
    first, other = sides(conflict)
    decision = decision_of(conflict)
    context = {
        "item": conflict,
        "tabs": tabs(account, "conflicts"),
        "rows": [
            {
                "label": _(label),
                "first": _shown(first, key),
                "other": _shown(other, key),
                "differs": key in conflict.fields,
            }
            for key, label in COMPARED.items()
        ],
        "first_source": _source(conflict.first_source),
        "other_source": _source(conflict.other_source),
        "first_origin": _origin(conflict.first_certificate or conflict.first_legacy),
        "other_origin": _origin(conflict.other_legacy or conflict.other_reissue),
        "decision": decision,
        "old": [item for item in conflict.decisions.all() if item.revoked_at is not None],
        "consequence": _consequence(conflict, decision.outcome) if decision else "",
        "consequences": [
            (label, _consequence(conflict, value)) for value, label in Outcome.choices
        ],
        "may_decide": decision is None and may(account, Action.SOURCE_CONFLICT_DECIDE),
        "may_revoke": decision is not None and may(account, Action.SOURCE_DECISION_REVOKE),
        "form": DecisionForm(),
        "why": WhyForm(),
    }
    return render(request, "historic/conflict.html", context)


def _shown(record: Record, key: str) -> str:
    if key == "person":
        return record.id_number_masked
    if key == "approval_date" and record.month_only:
        return f"{record.approval_date:%Y-%m}"
    value = getattr(record, key)
    return str(value) if value else "—"


def _origin(item: Any) -> dict[str, str]:
    """Where a record can be looked at."""
    if isinstance(item, Certificate):
        url = reverse("certificates:detail", args=[item.pk])
        return {"text": item.issuing_unit.name, "url": url}
    if isinstance(item, LegacyRecord):
        url = reverse("historic:ledger", args=[item.ledger]) if item.ledger else ""
        if item.registration:
            url = reverse("historic:registration", args=[item.registration])
        return {"text": item.origin, "url": url}
    return {"text": item.receipt_number, "url": reverse("reissues:application", args=[item.pk])}


def _consequence(conflict: SourceConflict, outcome: str) -> str:
    """What the public answer does after the decision, and what has to follow."""
    certificate = conflict.first_certificate
    signed = certificate is not None
    if (
        certificate is not None
        and certificate.origin == Origin.HISTORIC
        and outcome
        in (
            Outcome.OTHER_RIGHT,
            Outcome.BOTH_WRONG,
        )
    ):
        return _(
            "查询仍以电子证书回答，并注明内容经认定有误；请在证书页面撤销该电子证书（证书制发有误），"
            "再由持证人申请换发更正。"
        )
    return {
        Outcome.FIRST_RIGHT.value: _("查询照旧以采用的来源回答；另一来源不再回答。"),
        Outcome.OTHER_RIGHT.value: (
            _(
                "已发放的证书内容不能改动：查询仍以它回答，并注明内容经认定有误；"
                "请通知持证人申请换发更正，换发完成后以新证书为准。"
            )
            if signed
            else _("查询改以另一来源回答，现在采用的记录不再回答。")
        ),
        Outcome.BOTH_WRONG.value: (
            _("查询仍以采用的来源回答，并注明内容经认定有误；须由持证人申请换发更正。")
            if signed
            else _("查询注明内容经认定有误；由持证人登记历史证书或申请换发更正。")
        ),
        Outcome.TWO_CERTIFICATES.value: _(
            "两本证书分别回答各自的持证人；重号的证书建议换发，使用新编号。"
        ),
    }[outcome]


@require_POST
@page(Action.SOURCE_CONFLICT_DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """认定."""
    values = cleaned(DecisionForm(request.POST))
    decisions.decide(
        actor=account_of(request),
        conflict_id=get_object_or_404(SourceConflict, pk=pk).pk,
        outcome=values["outcome"],
        reason=values["reason"],
        correct=values["correct"],
    )
    messages.success(request, _("已认定并记录。"))
    return redirect("historic:conflict", pk)


@require_POST
@page(Action.SOURCE_DECISION_REVOKE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销认定."""
    conflict = get_object_or_404(all_conflicts(), pk=pk)
    decision = decision_of(conflict)
    reason = cleaned(WhyForm(request.POST))["reason"]
    if decision is not None:
        decisions.revoke(actor=account_of(request), decision_id=decision.pk, reason=reason)
        messages.success(request, _("已撤销认定，冲突重新列出。"))
    return redirect("historic:conflict", pk)
