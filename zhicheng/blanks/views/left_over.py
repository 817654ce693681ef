"""剩余证书: what is left over once a register is complete, and what becomes of it (N5)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.blanks import actions
from zhicheng.blanks.forms import LeftOverForm, TransferForm
from zhicheng.blanks.models import Disposal
from zhicheng.blanks.queries import left_over as reads
from zhicheng.blanks.queries import stock
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page


class LeftOverList(ListPage):
    """Registers whose certificates are all issued and of which blanks are left."""

    title = gettext_lazy("剩余证书")
    purpose = gettext_lazy("登记表的证书全部发放后，没有用到的备用证书和空白证书交回、结转或调剂。")
    clause = "N5"
    template_name = "blanks/left_over_list.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(
            gettext_lazy("登记表"),
            "register.number",
            sort="register__number",
            kind="code",
            link=lambda row: reverse("blanks:left_over_of", args=[row.register_id, row.grade]),
        ),
        Column(
            gettext_lazy("发放单位"),
            "register.issuing_unit.name",
            sort="register__issuing_unit__name",
        ),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("人数"), "people", sort="people", kind="number"),
        Column(gettext_lazy("已发放"), "issued", sort="issued", kind="number"),
        Column(gettext_lazy("剩余备用"), "spare_left", sort="spare_left", kind="number"),
        Column(gettext_lazy("剩余空白"), "unused", sort="unused", kind="number"),
        Column(gettext_lazy("共剩余"), "left", sort="left", kind="number"),
    )
    filters = (ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),)
    search_fields = ("register__number", "register__issuing_unit__name")
    search_hint = gettext_lazy("登记表编号、单位")
    ids_first = True
    counted = COUNTED_LONG
    empty_title = gettext_lazy("没有剩余证书")
    empty_text = gettext_lazy("登记表的证书全部发放后，没有用到的备用证书列在这里。")
    export_name = "left-over"

    def get_queryset(self) -> QuerySet[Any]:
        """What the account may see."""
        return reads.left_over(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and what was carried over."""
        return {
            "tabs": tabs(self.account, "left_over"),
            "carried": reads.carried_over(self.account),
        }


def _register_or_404(request: HttpRequest, pk: int, grade: str) -> Register:
    if grade not in Grade.values:
        raise Http404
    return get_object_or_404(
        Register.objects.filter(stock.visible(account_of(request)), allotments__grade=grade)
        .defer("source")
        .select_related("issuing_unit", "reporting_unit"),
        pk=pk,
    )


@require_GET
@page(Action.BLANK_VIEW)
def detail(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """One register's left-over blanks and the ways that are open to whoever looks."""
    account = account_of(request)
    register = _register_or_404(request, pk, grade)
    left = reads.of_register(register, grade)
    open_ = left.ways if left.complete and left.serials else []
    targets = []
    if Disposal.TRANSFER in open_ and may(account, Action.UNUSED_TRANSFER, register):
        targets = reads.targets(register, grade)
    context = {
        "register": register,
        "grade": grade,
        "grade_label": Grade(grade).label,
        "left": left,
        "may_return": Disposal.RETURN in open_ and may(account, Action.UNUSED_RETURN, register),
        "may_carry_over": Disposal.CARRY_OVER in open_
        and may(account, Action.UNUSED_CARRY_OVER, register),
        "may_transfer": bool(targets),
        "transfer_form": TransferForm(targets=targets, initial={"serials": left.text}, prefix=""),
        "carry_form": LeftOverForm(initial={"serials": left.text}, auto_id="carry_%s"),
        "return_form": LeftOverForm(auto_id="return_%s"),
        "tabs": tabs(account, "left_over"),
    }
    return render(request, "blanks/left_over.html", context)


def _done(request: HttpRequest, register: Register, grade: str, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("blanks:left_over_of", register.pk, grade)


@require_POST
@page(Action.UNUSED_RETURN)
def give_back(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """交回: the office counts them into the store."""
    register = _register_or_404(request, pk, grade)
    number = actions.return_left_over(
        actor=account_of(request),
        register_id=register.pk,
        grade=grade,
        serials=cleaned(LeftOverForm(request.POST))["serials"],
    )
    return _done(request, register, grade, _("已收回入库 %(count)d 本。") % {"count": number})


@require_POST
@page(Action.UNUSED_CARRY_OVER)
def carry_over(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """结转: kept for the unit's next register."""
    register = _register_or_404(request, pk, grade)
    number = actions.carry_over(
        actor=account_of(request),
        register_id=register.pk,
        grade=grade,
        serials=cleaned(LeftOverForm(request.POST))["serials"],
    )
    text = _("已结转 %(count)d 本，下次配发同级证书时抵用。") % {"count": number}
    return _done(request, register, grade, text)


@require_POST
@page(Action.UNUSED_TRANSFER)
def transfer(request: HttpRequest, pk: int, grade: str) -> HttpResponse:
    """调剂: to another register of the unit."""
    register = _register_or_404(request, pk, grade)
    targets = reads.targets(register, grade)
    values = cleaned(TransferForm(request.POST, targets=targets))
    number = actions.transfer(
        actor=account_of(request),
        register_id=register.pk,
        grade=grade,
        serials=values["serials"],
        to_register_id=values["to"],
    )
    other = Register.objects.only("number").get(pk=values["to"])
    text = _("已调剂 %(count)d 本到登记表 %(number)s。") % {
        "count": number,
        "number": other.number,
    }
    return _done(request, register, grade, text)
