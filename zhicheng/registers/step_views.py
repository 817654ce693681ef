"""The steps of a register: 提交, 撤回, 签章, 受理, 退回. Each says what happens next, and who."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions, background
from zhicheng.registers.forms import ReasonForm
from zhicheng.registers.models import Register
from zhicheng.registers.page import account_of, office_name, register_or_404
from zhicheng.registers.steps import require_step
from zhicheng.values.refusal import Refusal

Step = Callable[[Account, Register], str]


def _take(request: HttpRequest, pk: int, step: Step) -> HttpResponse:
    register = register_or_404(request, pk)
    messages.success(request, step(account_of(request), register))
    return redirect("registers:detail", pk)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """提交: every row is checked again, by the worker."""
    register = register_or_404(request, pk)
    account = account_of(request)
    require_step(account, Action.REGISTER_SUBMIT, register)
    return redirect(background.ask_submit(account, register))


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回."""

    def step(account: Account, register: Register) -> str:
        actions.withdraw(actor=account, register_id=register.pk)
        return _("%(number)s 已撤回，可以继续更正；更正后请重新提交。") % {
            "number": register.number
        }

    return _take(request, pk, step)


@login_required
@require_POST
def endorse(request: HttpRequest, pk: int) -> HttpResponse:
    """签章 (N3)."""

    def step(account: Account, register: Register) -> str:
        actions.endorse(actor=account, register_id=register.pk)
        return _("%(number)s 已签章。下一步由%(who)s受理。") % {
            "number": register.number,
            "who": office_name(),
        }

    return _take(request, pk, step)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """受理 (N6): every row is checked again, by the worker."""
    register = register_or_404(request, pk)
    account = account_of(request)
    require_step(account, Action.REGISTER_ACCEPT, register)
    return redirect(background.ask_accept(account, register))


@login_required
@require_POST
def return_register(request: HttpRequest, pk: int) -> HttpResponse:
    """退回, with the reason."""

    def step(account: Account, register: Register) -> str:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            raise Refusal(
                "register.reason_missing",
                _("退回登记表须写明原因。"),
                clause="N6",
                expected=_("写明哪些行、哪些内容须更正，不超过 500 字"),
                mend=_("请填写退回原因后再退回。"),
            )
        actions.return_register(
            actor=account, register_id=register.pk, reason=form.cleaned_data["reason"]
        )
        return _("%(number)s 已退回%(who)s，等待更正后重新提交。") % {
            "number": register.number,
            "who": register.reporting_unit.name,
        }

    return _take(request, pk, step)
