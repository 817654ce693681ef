"""盘点: begun, counted by scanner or ranges in several sittings, finished, confirmed (N18)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.blanks import stocktaking
from zhicheng.blanks.case_forms import CountForm, PolicyForm, ReasonForm, StartForm
from zhicheng.blanks.case_papers import protocol_of, scope_of
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.models import Stocktake, StocktakePolicy, StocktakeState
from zhicheng.blanks.queries import stocktakes as reads
from zhicheng.blanks.tabs import tabs
from zhicheng.blanks.views.alarms import blocked_answer
from zhicheng.database.dated import with_replaced
from zhicheng.organizations.guard import may, might, require, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import count, parse_ranges
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


def _result(row: Stocktake, number: int) -> int | None:
    """A number of the result, once there is one."""
    return number if row.finished_at else None


class Stocktakes(ListPage):
    """Past and running counts."""

    title = gettext_lazy("盘点")
    purpose = gettext_lazy("保管单位清点实物与账面，差异一律立案，不直接改账；由第二人监盘确认。")
    clause = "N18"
    template_name = "blanks/stocktakes.html"
    action = Action.STOCKTAKE_VIEW
    columns = (
        Column(
            gettext_lazy("盘点编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: reverse("blanks:stocktake", args=[row.pk]),
        ),
        Column(gettext_lazy("保管单位"), "organization.name", sort="organization__name"),
        Column(gettext_lazy("范围"), scope_of),
        Column(
            gettext_lazy("进度"), "state", sort="state", kind="badge", label="get_state_display"
        ),
        Column(gettext_lazy("账面"), "expected_count", sort="expected_count", kind="number"),
        Column(
            gettext_lazy("实盘"),
            lambda row: _result(row, row.counted_count),
            sort="counted_count",
            kind="number",
        ),
        Column(
            gettext_lazy("短缺"),
            lambda row: _result(row, row.missing_count),
            sort="missing_count",
            kind="number",
        ),
        Column(
            gettext_lazy("溢出"),
            lambda row: _result(row, row.surplus_count),
            sort="surplus_count",
            kind="number",
        ),
        Column(gettext_lazy("开始"), "started_at", sort="started_at", kind="time"),
        Column(gettext_lazy("盘点人"), "finished_by.display_name"),
        Column(gettext_lazy("监盘人"), "confirmed_by.display_name"),
        Column(gettext_lazy("确认"), "confirmed_at", sort="confirmed_at", kind="time"),
    )
    filters = (
        ChoiceFilter("state", gettext_lazy("进度"), StocktakeState.choices),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        DateFilter("started", gettext_lazy("开始日期"), "started_at__date"),
    )
    search_fields = ("number", "organization__name")
    search_hint = gettext_lazy("盘点编号、单位")
    empty_title = gettext_lazy("还没有盘点过")
    empty_text = gettext_lazy("选择等级和状态，点“开始盘点”。")
    export_name = "stocktakes"

    def get_queryset(self) -> QuerySet[Stocktake]:
        """What the account may see."""
        return reads.visible_stocktakes(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, the form to begin, the reminder."""
        account = self.account
        counting = might(account, Action.STOCKTAKE_COUNT)
        today = timezone.localdate()
        return {
            "tabs": tabs(account, "stocktakes"),
            "may_count": counting,
            "start_form": StartForm(states=stocktaking.countable(account.organization)),
            "late": reads.overdue(account.organization, today) if counting else [],
            "months": reads.period(today),
            "whole_city": sees_all(account),
        }


@require_POST
@page(Action.STOCKTAKE_COUNT)
def start(request: HttpRequest) -> HttpResponse:
    """开始盘点."""
    account = account_of(request)
    values = cleaned(StartForm(request.POST, states=stocktaking.countable(account.organization)))
    made = stocktaking.start_stocktake(actor=account, grade=values["grade"], scope=values["scope"])
    messages.success(
        request,
        _("盘点 %(number)s 已开始，账面 %(count)d 本。请逐本扫描，或按捆填写编号区间。")
        % {"number": made.number, "count": made.expected_count},
    )
    return redirect("blanks:stocktake", made.pk)


def _stocktake_or_404(request: HttpRequest, pk: int) -> Stocktake:
    return get_object_or_404(reads.visible_stocktakes(account_of(request)), pk=pk)


def _mine(account: Account, stocktake: Stocktake, action: Action) -> bool:
    own = stocktake.organization_id == account.organization_id
    return own and may(account, action, stocktake)


@require_GET
@page(Action.STOCKTAKE_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One count: progress, the box to scan, entries, differences, what may be done."""
    account, stocktake = account_of(request), _stocktake_or_404(request, pk)
    counting = stocktake.state == StocktakeState.COUNTING
    counts = _mine(account, stocktake, Action.STOCKTAKE_COUNT)
    confirms = _mine(account, stocktake, Action.STOCKTAKE_CONFIRM)
    finished = stocktake.state == StocktakeState.FINISHED
    found = reads.progress(stocktake)
    context = {
        "stocktake": stocktake,
        "scope": scope_of(stocktake),
        "progress": found,
        "left": found.left[:40],
        "left_count": found.total - found.done,
        "left_more": len(found.left) > 40,
        "entries": reads.entries(stocktake),
        "seen": reads.seen_while_counting(stocktake),
        "cases": stocktake.cases.order_by("id"),
        "counting": counting,
        "may_count": counting and counts,
        "may_resume": finished and counts,
        "may_abandon": counting and counts,
        "may_confirm": finished and confirms and stocktake.finished_by_id != account.pk,
        "own_finish": finished and stocktake.finished_by_id == account.pk,
        "count_form": CountForm(),
        "reason_form": ReasonForm(auto_id="abandon_%s"),
        "tabs": tabs(account, "stocktakes"),
    }
    return render(request, "blanks/stocktake.html", context)


@require_POST
@page(Action.STOCKTAKE_COUNT)
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """One scanned blank or a bundle: counted, counted before, not in the books, or blocked."""
    stocktake = _stocktake_or_404(request, pk)
    text = request.POST.get("text", "")[:60]
    try:
        (scanned,) = parse_ranges(text)
    except (Refusal, ValueError):
        return JsonResponse(
            {"outcome": "unreadable", "label": _("无法识别：%(text)s") % {"text": text[:20]}}
        )
    try:
        done = stocktaking.count_serials(
            actor=account_of(request),
            stocktake_id=stocktake.pk,
            serials=[scanned],
        )
    except SerialBlocked as refusal:
        return blocked_answer(refusal)
    number = str(scanned)
    if not done.new:
        return JsonResponse({"outcome": "again", "label": number})
    if done.unexpected:
        elsewhere = "、".join(str(item) for item in done.unexpected)
        label = _("%(number)s 账面不在这里，已记为溢出，请单独存放") % {"number": elsewhere}
        return JsonResponse({"outcome": "unexpected", "label": label})
    return JsonResponse({"outcome": "known", "label": number})


@require_POST
@page(Action.STOCKTAKE_COUNT)
def count_ranges(request: HttpRequest, pk: int) -> HttpResponse:
    """Whole bundles, by their first and last serial."""
    stocktake = _stocktake_or_404(request, pk)
    values = cleaned(CountForm(request.POST))
    done = stocktaking.count_serials(
        actor=account_of(request), stocktake_id=stocktake.pk, serials=values["serials"]
    )
    text = _("已清点 %(new)d 本。") % {"new": count(done.new)}
    if done.again:
        text += _("其中 %(again)d 本先前已清点，不重复计数。") % {"again": count(done.again)}
    if done.unexpected:
        text += _("%(n)d 本账面不在这里，记为溢出：%(serials)s。") % {
            "n": count(done.unexpected),
            "serials": "、".join(str(item) for item in done.unexpected[:5]),
        }
        messages.warning(request, text)
    else:
        messages.success(request, text)
    return redirect("blanks:stocktake", stocktake.pk)


@require_POST
@page(Action.STOCKTAKE_COUNT)
def withdraw(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """A wrong entry."""
    stocktake = _stocktake_or_404(request, pk)
    found = get_object_or_404(stocktake.counts, pk=entry)
    stocktaking.withdraw_count(actor=account_of(request), count_id=found.pk)
    messages.success(request, _("已撤销一条实盘记录。"))
    return redirect("blanks:stocktake", stocktake.pk)


@require_POST
@page(Action.STOCKTAKE_COUNT)
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """盘完."""
    stocktake = _stocktake_or_404(request, pk)
    done = stocktaking.finish_stocktake(actor=account_of(request), stocktake_id=stocktake.pk)
    text = _("已盘完：短缺 %(missing)d 本，溢出 %(surplus)d 本。下一步：由第二人监盘确认。") % {
        "missing": done.missing_count,
        "surplus": done.surplus_count,
    }
    show = messages.warning if done.missing_count or done.surplus_count else messages.success
    show(request, text)
    return redirect("blanks:stocktake", stocktake.pk)


@require_POST
@page(Action.STOCKTAKE_COUNT)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """继续盘点."""
    stocktake = _stocktake_or_404(request, pk)
    stocktaking.resume_stocktake(actor=account_of(request), stocktake_id=stocktake.pk)
    messages.success(request, _("已退回继续盘点。"))
    return redirect("blanks:stocktake", stocktake.pk)


@require_POST
@page(Action.STOCKTAKE_COUNT)
def abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """放弃盘点."""
    stocktake = _stocktake_or_404(request, pk)
    values = cleaned(ReasonForm(request.POST))
    stocktaking.abandon_stocktake(
        actor=account_of(request), stocktake_id=stocktake.pk, note=values["note"]
    )
    messages.success(request, _("已放弃盘点。"))
    return redirect("blanks:stocktake", stocktake.pk)


@require_POST
@page(Action.STOCKTAKE_CONFIRM)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """监盘确认."""
    stocktake = _stocktake_or_404(request, pk)
    done = stocktaking.confirm_stocktake(actor=account_of(request), stocktake_id=stocktake.pk)
    numbers = "、".join(done.cases.order_by("id").values_list("number", flat=True))
    if numbers:
        messages.warning(request, _("已确认，差异已立案：%(cases)s。") % {"cases": numbers})
    else:
        messages.success(request, _("已确认，账实相符。"))
    return redirect("blanks:stocktake", stocktake.pk)


@require_GET
@page(Action.STOCKTAKE_VIEW)
def protocol(request: HttpRequest, pk: int) -> HttpResponse:
    """盘点表 as PDF."""
    stocktake = _stocktake_or_404(request, pk)
    answer = HttpResponse(protocol_of(stocktake), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{stocktake.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@page(Action.STOCKTAKE_VIEW)
def policy(request: HttpRequest) -> HttpResponse:
    """How often custodians count, as a dated setting."""
    account = account_of(request)
    may_set = may(account, Action.STOCKTAKE_POLICY_SET)
    form = PolicyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(account, Action.STOCKTAKE_POLICY_SET)
        if form.is_valid():
            stocktaking.set_stocktake_policy(actor=account, **form.cleaned_data)
            messages.success(request, _("已保存盘点周期。"))
            return redirect("blanks:stocktake_policy")
    context = {
        "form": form if may_set else None,
        "policies": with_replaced(StocktakePolicy.objects.all()),
        "months": reads.period(timezone.localdate()),
        "today": timezone.localdate(),
        "tabs": tabs(account, "stocktakes"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "blanks/stocktake_policy.html", context, status=status)
