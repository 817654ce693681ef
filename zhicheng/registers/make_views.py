"""A register or a filled-in template from approval documents: choose documents, then people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.forms import EARLIEST_YEAR
from zhicheng.registers.listed import documents_for, waiting_people
from zhicheng.registers.making import make_register, this_year
from zhicheng.registers.models import Register
from zhicheng.registers.numbering.models import NumberingRule
from zhicheng.registers.numbering.taking import rule_of
from zhicheng.registers.page import account_of
from zhicheng.registers.prefilling import LONGEST_REASON, prefilled_template
from zhicheng.registers.routing import route
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.forms import no_id_number
from zhicheng.web.pages import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PEOPLE = 5000


class YearForm(forms.Form):
    """The year of the register."""

    year = forms.IntegerField(
        label=_l("年度"),
        min_value=EARLIEST_YEAR,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean_year(self) -> int:
        """A year that has begun."""
        year: int = self.cleaned_data["year"]
        if year > this_year():
            raise forms.ValidationError(_("年度不能晚于今年。"))
        return year


class MakeForm(YearForm):
    """What the form's head asks for; the people are ticked in the table."""

    filler = forms.CharField(
        label=_l("填报人"), max_length=60, required=False, validators=[no_id_number]
    )
    telephone = forms.CharField(
        label=_l("联系电话"), max_length=40, required=False, validators=[no_id_number]
    )


class PrefillForm(YearForm):
    """What is to stand in the template beside the names."""

    id_numbers = forms.BooleanField(label=_l("预填完整身份证号码，记入审计"), required=False)
    reason = forms.CharField(
        label=_l("查看身份证号码的用途"),
        max_length=LONGEST_REASON,
        required=False,
        validators=[no_id_number],
        help_text=_l("预填身份证号码时必填，例如：填报2026年度登记表。"),
    )
    numbers = forms.BooleanField(label=_l("分配并预填证书编号"), required=False)


def _chosen(request: HttpRequest, name: str) -> list[int]:
    asked = request.POST if request.method == "POST" else request.GET
    return sorted({int(text) for text in asked.getlist(name) if text.isdecimal()})


def _initial(account: Account) -> dict[str, object]:
    return {
        "year": this_year(),
        "filler": account.display_name,
        "telephone": account.telephone,
    }


def _rule(account: Account) -> NumberingRule | None:
    try:
        return rule_of(route(account.organization).issuing_unit)
    except Refusal:
        return None


@page(Action.REGISTER_MAKE)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Documents, then their people who are on no register yet, then a register in draft."""
    account = account_of(request)
    unit = account.organization
    require(account, Action.REGISTER_MAKE, unit)
    form = MakeForm(request.POST or None, initial=_initial(account))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            register = make_register(
                actor=account,
                unit=unit,
                person_ids=_chosen(request, "person"),
                with_numbers=request.POST.get("numbers") == "1",
                **form.cleaned_data,
            )
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _made(register))
            return redirect("registers:detail", register.pk)
    chosen = _chosen(request, "document")
    context: dict[str, Any] = {
        "listed": documents_for(unit),
        "chosen": chosen,
        "people": list(waiting_people(unit, chosen)[:MOST_PEOPLE]) if chosen else [],
        "ticked": set(_chosen(request, "person")) if request.method == "POST" else None,
        "form": form,
        "rule": _rule(account),
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registers/make.html", context, status=status)


@page(Action.REGISTER_MAKE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prefilled(request: HttpRequest) -> HttpResponse:
    """附件1 as a workbook: empty, or with the people of the chosen documents filled in."""
    account = account_of(request)
    unit = account.organization
    require(account, Action.REGISTER_MAKE, unit)
    form = PrefillForm(request.POST or None, initial=_initial(account))
    chosen = _chosen(request, "document")
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            content = prefilled_template(
                actor=account,
                unit=unit,
                document_ids=chosen,
                year=form.cleaned_data["year"],
                whole_numbers=form.cleaned_data["id_numbers"],
                reason=form.cleaned_data["reason"],
                with_numbers=form.cleaned_data["numbers"],
            )
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            response = HttpResponse(content, content_type=XLSX)
            name = _("附件1 职称证书领取、办理登记表（已预填）.xlsx")
            response["Content-Disposition"] = content_disposition_header(True, name) or ""
            return response
    context = {
        "listed": documents_for(unit),
        "chosen": chosen,
        "form": form,
        "rule": _rule(account),
        "may_unmask": may(account, Action.PERSON_UNMASK, unit),
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registers/prefilled.html", context, status=status)


def _made(register: Register) -> str:
    """What was made, and what is left to do before it can be submitted."""
    text = ngettext(
        "已生成登记表 %(number)s，共 %(count)d 人。",
        "已生成登记表 %(number)s，共 %(count)d 人。",
        register.row_count,
    ) % {"number": register.number, "count": register.row_count}
    if register.error_count:
        return text + _("请补齐标出的内容（如证书编号）后提交。")
    return text + _("核对后可以提交。")
