"""流转记录: the journal as a list, one movement, and its correction (invariant 2, N18)."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.blanks import actions, correcting, ledger
from zhicheng.blanks.corrections import later_than, step_of
from zhicheng.blanks.forms import CorrectionForm
from zhicheng.blanks.models import Custody, Movement, Reason
from zhicheng.blanks.queries import movements as reads
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.serials import parse_ranges
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage, TextFilter
from zhicheng.web.pages import account_of, page


def _place(custody: Custody) -> str:
    name = custody.organization.called
    return f"{name} {custody.get_state_display()}"


def _register(row: Movement) -> str:
    register = row.target.register or row.source.register
    return register.number if register else ""


def serials_of(row: Movement) -> str:
    """The serials as people write them."""
    return str(ledger.from_range(row.serials))


class SerialFilter(TextFilter):
    """A box for a serial or a range, typed or scanned."""

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Movements of any of these serials; Refusal for what is no serial."""
        wanted = Q(pk__in=[])
        for item in parse_ranges(request.GET.get(self.name, "")):
            wanted |= Q(serials__overlap=ledger.as_range(item))
        return rows.filter(wanted) if wanted != Q(pk__in=[]) else rows


class Movements(ListPage):
    """Every line of the ledger."""

    title = gettext_lazy("流转记录")
    purpose = gettext_lazy("空白证书的每一次流转，只增不改；登记有误的由另一名负责人反向更正。")
    clause = "N18"
    template_name = "blanks/list.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(
            gettext_lazy("编号"),
            serials_of,
            sort="serials",
            kind="code",
            link=lambda row: reverse("blanks:movement", args=[row.pk]),
        ),
        Column(gettext_lazy("本数"), "size", sort="size", kind="number"),
        Column(gettext_lazy("等级"), "source.get_grade_display", sort="source__grade"),
        Column(gettext_lazy("事由"), "get_reason_display", sort="reason"),
        Column(gettext_lazy("从"), lambda row: _place(row.source)),
        Column(gettext_lazy("到"), lambda row: _place(row.target)),
        Column(gettext_lazy("登记表"), _register, kind="code"),
        Column(gettext_lazy("更正"), lambda row: _("已更正") if row.taken_back else ""),
        Column(gettext_lazy("备注"), "note"),
        Column(gettext_lazy("经办"), "moved_by.display_name"),
        Column(gettext_lazy("时间"), "moved_at", sort="moved_at", kind="time"),
    )
    filters = (
        SerialFilter("serials", gettext_lazy("编号"), "serials"),
        ChoiceFilter("reason", gettext_lazy("事由"), Reason.choices),
        ChoiceFilter(
            "grade",
            gettext_lazy("等级"),
            Grade.choices,
            apply=lambda rows, value: rows.filter(source__grade=value),
        ),
        DateFilter("moved", gettext_lazy("日期"), "moved_at__date"),
    )
    ids_first = True
    empty_title = gettext_lazy("还没有流转记录")
    export_name = "movements"

    def get_queryset(self) -> QuerySet[Any]:
        """What the account may see."""
        return reads.movements(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "movements")}


@require_GET
@page(Action.BLANK_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One movement, whether it was corrected, and what a correction would take back."""
    account = account_of(request)
    movement = get_object_or_404(reads.movements(account), pk=pk)
    may_correct = may(account, Action.MOVEMENT_CORRECT)
    open_ = movement.reason in correcting.CORRECTABLE and not movement.taken_back
    later = later_than(movement) if open_ else None
    context = {
        "movement": movement,
        "later": later,
        "later_serials": serials_of(later) if later else "",
        "serials": serials_of(movement),
        "places": (_place(movement.source), _place(movement.target)),
        "corrected_by": movement.corrected_by.select_related("moved_by").first(),
        "corrects": reads.movements(account).filter(pk=movement.corrects_id or 0).first(),
        "may_correct": may_correct
        and open_
        and later is None
        and movement.moved_by_id != account.pk,
        "own": may_correct and open_ and movement.moved_by_id == account.pk,
        "instead": correcting.INSTEAD.get(movement.reason, ""),
        "together": [serials_of(item) for item in step_of(movement)] if open_ else [],
        "form": CorrectionForm(),
        "tabs": tabs(account, "movements"),
    }
    return render(request, "blanks/movement.html", context)


@require_POST
@page(Action.MOVEMENT_CORRECT)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """更正: a movement back, with the reason."""
    account = account_of(request)
    get_object_or_404(reads.movements(account), pk=pk)
    values = cleaned(CorrectionForm(request.POST))
    done = actions.correct(actor=account, movement_id=pk, reason=values["reason"])
    messages.success(
        request,
        _("已更正：%(serials)s 回到原处。")
        % {"serials": "、".join(serials_of(item) for item in done[:5])},
    )
    return redirect("blanks:movement", pk)
