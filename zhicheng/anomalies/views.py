"""异常线索: the list, one with its evidence, what becomes of it, from which figures on (N18)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.anomalies import actions, evidence, queries
from zhicheng.anomalies.background import ask_look
from zhicheng.anomalies.forms import JoinForm, OpenForm, PolicyForm, SetAsideForm
from zhicheng.anomalies.models import Anomaly, AnomalyKind, DetectionPolicy
from zhicheng.anomalies.tabs import tabs
from zhicheng.anomalies.views_queue import ToLookInto
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.web.cells import Listed
from zhicheng.web.forms import come_back
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

PROGRESS = {
    "new": gettext_lazy("待办理"),
    "gone": gettext_lazy("不再符合"),
    "open": gettext_lazy("核查中"),
    "closed": gettext_lazy("已结案"),
    "aside": gettext_lazy("已排除"),
}
ROWS_SHOWN = 10  # of a table of the evidence; its own page shows all
RELATED = 20


class Anomalies(ListPage):
    """Everything unusual that was found."""

    title = gettext_lazy("异常线索")
    purpose = gettext_lazy(
        "每夜全市查找一次不寻常的情况，每条附依据；线索不是结论，由纪检人员排除或立案核查。"
    )
    clause = "N18"
    action = Action.ANOMALY_VIEW
    template_name = "anomalies/list.html"
    export_name = "anomalies"
    columns = (
        Column(gettext_lazy("类别"), "get_kind_display", sort="kind"),
        Column(gettext_lazy("情况"), "told", link=lambda row: row.get_absolute_url()),
        Column(gettext_lazy("单位"), "organization.name", sort="organization__name"),
        Column(gettext_lazy("程度"), lambda row: f"{row.weight:g}", sort="weight", kind="number"),
        Column(gettext_lazy("首次发现"), "first_found_at", sort="first_found_at", kind="time"),
        Column(gettext_lazy("最近发现"), "last_found_at", sort="last_found_at", kind="time"),
        Column(
            gettext_lazy("状态"),
            "progress",
            kind="badge",
            label=lambda row: PROGRESS[row.progress],
        ),
    )
    filters = (
        ChoiceFilter(
            "progress", gettext_lazy("状态"), tuple(PROGRESS.items()), queries.by_progress
        ),
        ChoiceFilter("kind", gettext_lazy("类别"), AnomalyKind.choices),
        DateFilter("found", gettext_lazy("发现日期"), "first_found_at__date"),
    )
    search_fields = ("summary", "organization__name")
    search_hint = gettext_lazy("情况、单位")
    default_sort = ("-last_found_at",)
    empty_title = gettext_lazy("没有异常线索")
    empty_text = gettext_lazy("每夜自动查找；也可以立即查找。")

    def get_queryset(self) -> QuerySet[Anomaly]:
        """All: whoever may see any sees all."""
        return queries.anomalies()

    def extra_context(self) -> dict[str, Any]:
        """Tabs, the buttons, when the last search was."""
        return {
            "tabs": tabs("list"),
            "may_look": may(self.account, Action.ANOMALY_LOOK),
            "set_aside_url": reverse("web:queue", args=[ToLookInto.key])
            if may(self.account, Action.ANOMALY_SET_ASIDE)
            else "",
            "last_look": queries.last_look(),
        }


@require_POST
@page(Action.ANOMALY_LOOK)
def look_now(request: HttpRequest) -> HttpResponse:
    """立即查找: the worker does it."""
    return redirect(ask_look(account_of(request)))


@require_safe
@page(Action.ANOMALY_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One with its evidence."""
    return _shown(request, pk)


def _shown(request: HttpRequest, pk: int, **faulty: Form) -> HttpResponse:
    """The page; with a faulty form it is the answer to what was sent, and has the form open."""
    account = account_of(request)
    anomaly = get_object_or_404(queries.anomalies().select_related("set_aside_by"), pk=pk)
    period = evidence.period_of(anomaly)
    joins = queries.open_inquiries().exists()
    shown = render(
        request,
        "anomalies/detail.html",
        {
            "anomaly": anomaly,
            "progress": anomaly.progress,
            "progress_label": PROGRESS[anomaly.progress],
            "figures": [
                (_(label), _(value) if value else "—")
                for label, value in anomaly.evidence.get("figures", ())
            ],
            "person": evidence.person_of(anomaly),
            "period": period,
            "rates_url": _rates(period) if period else "",
            "tables": [_table(group) for group in evidence.groups(anomaly)],
            "may_export": may(account, Action.LIST_EXPORT),
            "related": _related(anomaly),
            "chosen": _chosen(request, pk),
            "may_settle": anomaly.progress in ("new", "gone") and may(account, Action.INQUIRY_OPEN),
            "aside_form": faulty.get("aside") or SetAsideForm(auto_id="aside_%s"),
            "open_form": faulty.get("opening") or OpenForm(auto_id="open_%s"),
            "join_form": (faulty.get("joining") or JoinForm(auto_id="join_%s")) if joins else None,
            "tabs": tabs("list"),
        },
    )
    return come_back(shown) if faulty else shown


def _table(group: evidence.Group) -> dict[str, Any]:
    """The beginning of one of its tables."""
    rows = list(group.rows.order_by(*group.order)[:ROWS_SHOWN])
    return {
        "group": group,
        "rows": [Listed(row, group.columns) for row in rows],
        "more": len(group.ids) > ROWS_SHOWN,
    }


def _rates(period: str) -> str:
    """The ledger's own page of these days, which counts and judges as the detector does."""
    first, _dash, last = period.partition("—")
    return f"{reverse('blanks:spoilage_rates')}?{urlencode({'day_from': first, 'day_to': last})}"


def _related(anomaly: Anomaly) -> list[Anomaly]:
    """Others about the same unit or account that nobody has dealt with."""
    same = Q(pk__in=[])
    if anomaly.organization_id:
        same |= Q(organization=anomaly.organization_id)
    if anomaly.account_id:
        same |= Q(account=anomaly.account_id)
    return list(queries.not_looked_at().filter(same).exclude(pk=anomaly.pk)[:RELATED])


def _chosen(request: HttpRequest, pk: int) -> list[int]:
    return [pk, *(int(value) for value in request.POST.getlist("with") if value.isdecimal())]


@require_POST
@page(Action.ANOMALY_SET_ASIDE)
def set_one_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """排除."""
    form = SetAsideForm(request.POST, auto_id="aside_%s")
    if not form.is_valid():
        return _shown(request, pk, aside=form)
    reason = form.cleaned_data["reason"]
    actions.set_aside(actor=account_of(request), anomaly_ids=[pk], reason=reason)
    messages.success(request, _("已排除这条线索。"))
    return redirect("anomalies:detail", pk)


@require_POST
@page(Action.INQUIRY_OPEN)
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """立案, with related ones that were ticked."""
    form = OpenForm(request.POST, auto_id="open_%s")
    if not form.is_valid():
        return _shown(request, pk, opening=form)
    inquiry = actions.open_inquiry(
        actor=account_of(request),
        anomaly_ids=_chosen(request, pk),
        subject=form.cleaned_data["subject"],
    )
    messages.success(request, _("已立案 %(number)s。") % {"number": inquiry.number})
    return redirect(inquiry)


@require_POST
@page(Action.INQUIRY_JOIN)
def join_one(request: HttpRequest, pk: int) -> HttpResponse:
    """并入案卷."""
    form = JoinForm(request.POST, auto_id="join_%s")
    if not form.is_valid():
        return _shown(request, pk, joining=form)
    inquiry = actions.join_inquiry(
        actor=account_of(request),
        inquiry_id=form.cleaned_data["inquiry"].pk,
        anomaly_ids=[pk],
    )
    messages.success(request, _("已并入 %(number)s。") % {"number": inquiry.number})
    return redirect(inquiry)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.ANOMALY_VIEW)
def policy(request: HttpRequest) -> HttpResponse:
    """From which figures on something is listed, as dated settings."""
    account, today = account_of(request), timezone.localdate()
    current = queries.thresholds_on(today)
    form = PolicyForm(request.POST if request.method == "POST" else None, current=current)
    if request.method == "POST" and form.is_valid():
        actions.set_detection_policy(
            actor=account,
            valid_from=form.cleaned_data["valid_from"],
            thresholds=form.thresholds(),
        )
        messages.success(request, _("已保存线索标准。"))
        return redirect("anomalies:policy")
    fields = [
        (DetectionPolicy._meta.get_field(name).verbose_name, value)  # type: ignore[union-attr]
        for name, value in vars(current).items()
    ]
    return render(
        request,
        "anomalies/policy.html",
        {
            "form": form if may(account, Action.ANOMALY_POLICY_SET) else None,
            "current": fields,
            "policies": [
                (item, item.valid_from > today, [getattr(item, n) for n in vars(current)])
                for item in queries.policies()
            ],
            "tabs": tabs("policy"),
        },
    )
