"""The second half of a login: the code of the phone, or a recovery code."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhicheng.organizations.guesses import LOCKED_OUT, is_stopped
from zhicheng.organizations.second_factor import accept
from zhicheng.organizations.sessions import AT_CODE, note_passed
from zhicheng.values.refusal import Refusal
from zhicheng.web import half_way
from zhicheng.web.accounts import is_locked_out, locked_out, note_wrong, one_try
from zhicheng.web.saying import say


class CodeForm(forms.Form):
    """六位验证码, as a phone fills it in by itself."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
                "class": "zc-code-box",
            }
        ),
    )


class RecoveryForm(forms.Form):
    """恢复码: one of those that were kept when it was set up."""

    code = forms.CharField(
        label=_("恢复码"),
        max_length=30,
        help_text=_("启用两步验证时保存的十个恢复码之一，每个只能用一次。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Asks for it after the right password, and logs in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    onward = half_way.onward(request)
    begun = half_way.going_on(request)
    if begun is None:
        return _again(onward)
    if request.method != "POST" or is_locked_out(request, begun.account.username):
        return _answered(request, begun)
    with one_try(request, begun.account.username):
        return _answered(request, begun)


def _answered(request: HttpRequest, begun: half_way.HalfWay) -> HttpResponse:
    """The box, or what becomes of the code; nothing is judged where too many were wrong."""
    username = begun.account.username
    if is_locked_out(request, username) or is_stopped(begun.account):
        half_way.end(request)
        return locked_out(request)
    by_recovery = request.POST.get("by") == "recovery"
    given = request.POST or None
    shown: dict[str, Any] = {
        "form": CodeForm(None if by_recovery else given),
        "recovery": RecoveryForm(given if by_recovery else None, auto_id="recovery_%s"),
    }
    used = shown["recovery" if by_recovery else "form"]
    if by_recovery:  # one is where one was, not at the first box of the page
        shown["form"].fields["code"].widget.attrs.pop("autofocus")
        used.fields["code"].widget.attrs["autofocus"] = True
    if given is not None and used.is_valid():
        try:
            account = accept(account_id=begun.account.pk, code=used.cleaned_data["code"])
        except Refusal as refusal:
            if refusal.rule == LOCKED_OUT:  # by others that came at the same time
                half_way.end(request)
                return locked_out(request)
            note_wrong(request, username, **AT_CODE)
            if half_way.note_wrong(request):
                return _again(begun.next)
            used.add_error("code", f"{say(refusal.message)}{say(refusal.mend)}")
        else:
            half_way.end(request)
            login(request, account, backend=begun.backend)
            note_passed(request.session, account)
            return redirect(begun.next or settings.LOGIN_REDIRECT_URL)
    return render(request, "web/login_code.html", {**shown, "by_recovery": by_recovery})


def _again(onward: str | None) -> HttpResponse:
    """Back to the password, which says why, and leads on where it was to."""
    if onward is None:
        return redirect("web:login")
    asked = {"again": "1", **({"next": onward} if onward else {})}
    return redirect(f"{reverse('web:login')}?{urlencode(asked)}")
