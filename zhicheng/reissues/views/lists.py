"""The list of applications with the register of re-issues (台账), and what is ready for a blank."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.reissues import actions_blank, listing
from zhicheng.reissues.models import Kind, Match, Reissue, ReissueState, Source
from zhicheng.reissues.papers import newspaper
from zhicheng.reissues.queries import units_seen, visible_to
from zhicheng.reissues.staff_forms import CollectForm
from zhicheng.reissues.tabs import tabs
from zhicheng.values.serials import format_serial
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


def _units(request: HttpRequest) -> list[tuple[str, str]]:
    found = units_seen(account_of(request)).order_by("name")
    return [(str(pk), name) for pk, name in found.values_list("pk", "name")]


def _link(row: Any) -> str:
    return reverse("reissues:application", args=[row.pk])


def _due_words(row: Any) -> str:
    return _("超时") if listing.is_overdue(row) else ""


LEDGER = (
    Column(gettext_lazy("受理号"), "receipt_number", kind="code"),
    Column(gettext_lazy("类别"), "get_kind_display"),
    Column(gettext_lazy("姓名"), "name"),
    Column(gettext_lazy("身份证号码"), "id_number_masked", kind="code"),
    Column(gettext_lazy("原证书编号"), "old_number", kind="code"),
    Column(gettext_lazy("新证书编号"), "new_number", kind="code"),
    Column(gettext_lazy("空白证书编号"), listing.serial_words, kind="code"),
    Column(gettext_lazy("专业名称"), "specialty"),
    Column(gettext_lazy("资格名称"), "qualification"),
    Column(gettext_lazy("等级"), "get_grade_display"),
    Column(gettext_lazy("批准时间"), "approval_date", kind="date"),
    Column(gettext_lazy("批准文号"), "document_number"),
    Column(gettext_lazy("工作单位"), "work_unit"),
    Column(gettext_lazy("办理单位"), "unit.name"),
    Column(gettext_lazy("资格核准部门"), "approving_department.name"),
    Column(gettext_lazy("原证书信息来源"), "get_source_display"),
    Column(gettext_lazy("遗失登报报纸名称及时间"), newspaper),
    Column(gettext_lazy("更正事项"), listing.corrections_words),
    Column(gettext_lazy("提交"), "submitted_at", kind="time"),
    Column(gettext_lazy("受理"), "accepted_at", kind="time"),
    Column(gettext_lazy("受理报失"), "lost_at", kind="time"),
    Column(gettext_lazy("签章完备"), "granted_at", kind="time"),
    Column(gettext_lazy("领取空白证书"), "collected_at", kind="time"),
    Column(gettext_lazy("领取人"), "collected_by"),
    Column(gettext_lazy("填制"), "made_filled", kind="time"),
    Column(gettext_lazy("加盖公章"), "made_sealed", kind="time"),
    Column(gettext_lazy("加盖钢印"), "made_embossed", kind="time"),
    Column(gettext_lazy("核发新证书、原证书作废"), "done_at", kind="time"),
    Column(gettext_lazy("终止"), "ended_at", kind="time"),
    Column(gettext_lazy("终止原因"), "get_outcome_display"),
    Column(gettext_lazy("状态"), listing.place),
    Column(gettext_lazy("待谁办理"), listing.waits_for),
    Column(gettext_lazy("时限"), "due", kind="time"),
)


class Reissues(ListPage):
    """Every application that the account may see; its Excel file is the register (台账)."""

    title = gettext_lazy("补办换发")
    purpose = gettext_lazy("证书遗失的补办，内容有误或毁损的换发：材料、意见、空白证书到新证书。")
    clause = "N10"
    template_name = "reissues/list.html"
    action = Action.REISSUE_VIEW
    columns = (
        Column(
            gettext_lazy("受理号"), "receipt_number", sort="receipt_number", kind="code", link=_link
        ),
        Column(gettext_lazy("类别"), "get_kind_display", sort="kind"),
        Column(gettext_lazy("姓名"), "name", sort="name"),
        Column(gettext_lazy("原证书编号"), "old_number", sort="old_number", kind="code"),
        Column(
            gettext_lazy("办理单位"),
            "unit.called",
            kind="code",
            sort="unit__name",
        ),
        Column(gettext_lazy("状态"), "state", sort="state", kind="badge", label=listing.place),
        Column(gettext_lazy("待谁办理"), listing.waits_for),
        Column(gettext_lazy("自何时"), "waiting_since", sort="waiting_since", kind="date"),
        Column(gettext_lazy("时限"), "due", sort="due", kind="date"),
        Column(
            gettext_lazy("超时"),
            lambda row: "late" if listing.is_overdue(row) else "",
            kind="badge",
            label=_due_words,
        ),
        Column(gettext_lazy("新证书编号"), "new_number", sort="new_number", kind="code"),
    )
    exported = LEDGER
    filters = (
        ChoiceFilter("state", gettext_lazy("状态"), ReissueState.choices),
        ChoiceFilter("kind", gettext_lazy("类别"), Kind.choices),
        ChoiceFilter(
            "waits",
            gettext_lazy("办理"),
            (
                (listing.MINE, gettext_lazy("轮到本单位签署意见")),
                ("late", gettext_lazy("已超时限")),
                ("decide", gettext_lazy("待市职改办认定")),
                ("dispose", gettext_lazy("收回的原证书待处理")),
            ),
            apply=lambda rows, value: listing.NARROWED.get(value, lambda same: same)(rows),
        ),
        ChoiceFilter(
            "unit",
            gettext_lazy("办理单位"),
            _units,
            apply=lambda rows, value: rows.filter(unit=int(value)),
        ),
        ChoiceFilter("source", gettext_lazy("信息来源"), Source.choices),
        ChoiceFilter("match", gettext_lazy("核准文件比对"), Match.choices),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        DateFilter("submitted", gettext_lazy("提交日期"), "submitted_at__date"),
    )
    search_fields = ("receipt_number", "name", "old_number", "new_number")
    search_beginnings = search_fields
    search_hint = gettext_lazy("受理号、姓名、新旧证书编号")
    ids_first = True
    counted = COUNTED_LONG
    empty_title = gettext_lazy("没有补办换发申请")
    empty_text = gettext_lazy("持证人在公开页面申请，或由单位经办人代为申请。")
    export_name = "reissues"

    def get_queryset(self) -> QuerySet[Reissue]:
        """What the account may see; the filter of one's own turn needs to know whose."""
        rows = listing.listed(self.account).defer(
            "id_number_cipher", "id_number_index", "telephone_cipher"
        )
        if self.request.GET.get("waits") == listing.MINE:
            rows = listing.mine(rows, self.account)
        return rows

    def beginnings_among(self) -> list[QuerySet[Reissue]]:
        """What the account may see: others' would crowd its own out."""
        return [visible_to(self.account)]

    def extra_context(self) -> dict[str, Any]:
        """Tabs and the buttons."""
        return {
            "tabs": tabs(self.account, "list"),
            "may_apply": might(self.account, Action.REISSUE_APPLY),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.REISSUE_HAND_OUT)
def ready(request: HttpRequest) -> HttpResponse:
    """The office's list of those ready for a blank; several are handed out in one step (N11)."""
    account = account_of(request)
    require(account, Action.REISSUE_HAND_OUT)
    waiting = listing.listed(account).filter(state=ReissueState.GRANTED)
    if request.method == "POST":
        form = CollectForm(request.POST)
        picked = [int(value) for value in request.POST.getlist("picked") if value.isdecimal()]
        named = cleaned(form)["collected_by"]
        chosen = list(waiting.filter(pk__in=picked).order_by("pk").values_list("pk", flat=True))
        if not chosen:
            messages.error(request, _("没有选择申请，没有办理。"))
            return redirect("reissues:ready")
        with recorded(account, Action.REISSUE_HAND_OUT):
            given = [
                actions_blank.hand_out(actor=account, reissue_id=pk, collected_by=named)
                for pk in chosen
            ]
        told = "、".join(format_serial(serial) for serial in given)
        messages.success(
            request,
            _("已发放空白证书 %(count)d 本：%(given)s。") % {"count": len(given), "given": told},
        )
        return redirect("reissues:ready")
    grades = waiting.order_by().values_list("grade").annotate(n=Count("pk"))
    context = {
        "rows": waiting.order_by("unit__name", "granted_at"),
        "grades": [(Grade(grade).label, number) for grade, number in sorted(grades)],
        "form": CollectForm(),
        "tabs": tabs(account, "ready"),
    }
    return render(request, "reissues/ready.html", context)
