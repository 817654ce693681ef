"""The own second factor: set up by a picture and a code, recovery codes, another phone, off."""

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhicheng.documents.qr import QUIET_ZONE, encode
from zhicheng.organizations import second_factor as actions
from zhicheng.organizations import second_factor_rules as rules
from zhicheng.organizations.guesses import WRONG_CODE, lock_refusal
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import AT_CODE, login_of, note_passed
from zhicheng.values.refusal import Refusal
from zhicheng.web.accounts import is_locked_out, note_wrong, one_try
from zhicheng.web.pages import account_of, page

T = TypeVar("T")


class ConfirmForm(forms.Form):
    """The first code of the new secret, and the password."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "zc-code-box"}
        ),
        help_text=_("验证器显示的 6 位数字。"),
    )
    password = forms.CharField(
        label=_("当前密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProofForm(ConfirmForm):
    """Who it is: whatever changes a second factor asks for it and the password."""

    code = forms.CharField(
        label=_("验证码或恢复码"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("验证器显示的 6 位数字；手机不在身边的，填一个恢复码。"),
    )


@sensitive_post_parameters("code", "password")
@page(Action.SECOND_FACTOR_SET_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """How it stands; while it is being set up the picture; the first code turns it on."""
    account = account_of(request)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here = login_of(request.session)
        codes = _tried(
            request, lambda: actions.confirm(actor=account, login=here, **form.cleaned_data)
        )
        account.refresh_from_db(fields=["second_factor_since"])
        note_passed(request.session, account)
        return _kept(request, codes)
    secret = actions.pending_secret(account, login_of(request.session))
    shown: dict[str, object] = {
        "form": form,
        "required": actions.is_required_of(account),
        "missing": actions.is_missing(account),
        "minutes": int(rules.PENDING_FOR.total_seconds() // 60),
    }
    if secret is not None:
        code = encode(rules.address_of(secret, account.username))
        shown |= {
            "key": rules.key_text(secret),
            "path": code.svg_path(),
            "box": f"{-QUIET_ZONE} {-QUIET_ZONE} {code.modules + 2 * QUIET_ZONE}"
            f" {code.modules + 2 * QUIET_ZONE}",
            "quiet": -QUIET_ZONE,
        }
    if account.second_factor_since is not None:
        shown["left"] = actions.codes_left(account)
    return render(request, "web/second_factor.html", shown)


@page(Action.SECOND_FACTOR_SET_UP)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new secret, whose picture the page shows."""
    actions.begin(actor=account_of(request), login=login_of(request.session))
    return redirect("web:second_factor")


@sensitive_post_parameters("code", "password")
@page(Action.SECOND_FACTOR_SET_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest) -> HttpResponse:
    """Another phone: the old one goes on counting until the first code of the new one."""
    account, form = account_of(request), ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here = login_of(request.session)
        _tried(request, lambda: actions.begin(actor=account, login=here, **form.cleaned_data))
        return redirect("web:second_factor")
    return _asking(request, form, "web/second_factor_replace.html")


@sensitive_post_parameters("code", "password")
@page(Action.SECOND_FACTOR_RENEW_CODES)
@require_http_methods(["GET", "HEAD", "POST"])
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes; those of before end."""
    account, form = account_of(request), ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = _tried(request, lambda: actions.renew_codes(actor=account, **form.cleaned_data))
        return _kept(request, codes)
    return _asking(request, form, "web/second_factor_codes.html")


@sensitive_post_parameters("code", "password")
@page(Action.SECOND_FACTOR_TURN_OFF)
@require_http_methods(["GET", "HEAD", "POST"])
def turn_off(request: HttpRequest) -> HttpResponse:
    """Only the password from then on; not where it is required."""
    account, form = account_of(request), ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _tried(request, lambda: actions.turn_off(actor=account, **form.cleaned_data))
        messages.success(request, gettext("两步验证已停用。"))
        return redirect("web:second_factor")
    return _asking(request, form, "web/second_factor_off.html")


def _asking(request: HttpRequest, form: forms.Form, template: str) -> HttpResponse:
    """The page of one change; without a second factor there is nothing to change."""
    account = account_of(request)
    if account.second_factor_since is None:
        return redirect("web:second_factor")
    shown = {"form": form, "required": actions.is_required_of(account)}
    return render(request, template, shown)


def _kept(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The codes, shown this once."""
    shown = {"codes": codes, "all": "\n".join(codes)}
    return render(request, "web/recovery_codes.html", shown)


def _tried(request: HttpRequest, change: Callable[[], T]) -> T:
    """The change; a wrong password or code counts with those of the login."""
    username = account_of(request).username
    with one_try(request, username):
        if is_locked_out(request, username):
            raise lock_refusal()
        try:
            return change()
        except Refusal as refusal:
            if refusal.rule == WRONG_CODE:
                note_wrong(request, username, **AT_CODE)
            elif refusal.rule == actions.WRONG_PASSWORD:
                note_wrong(request, username)
            raise
