"""Login and the own password: plain words, and a clear one when an account is locked."""

from contextlib import AbstractContextManager
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_ip_address
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.actions import change_password
from zhicheng.organizations.guesses import lock_refusal
from zhicheng.organizations.one_try import one_at_a_time
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.web import half_way, refusals
from zhicheng.web.forms import said
from zhicheng.web.pages import account_of
from zhicheng.web.partial import wants_part
from zhicheng.web.privacy import holds_id_number


class LoginForm(AuthenticationForm):
    """用户名 and 密码; one message for every reason of failure."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _("用户名或密码不正确。连续输错 5 次，账号会被锁定一段时间。"),
        "inactive": _("用户名或密码不正确。连续输错 5 次，账号会被锁定一段时间。"),
    }

    def clean_username(self) -> str:
        """Turns away an ID number before it is tried: failed names are kept in the database.

        It counts as a failed login all the same, under its masked form.
        """
        username: str = self.cleaned_data["username"]
        if holds_id_number(username):
            user_login_failed.send(
                sender=__name__,
                credentials={"username": hide_id_numbers("".join(username.split()))},
                request=self.request,
            )
            # So that the page doesn't show it again either.
            self.data = {**self.data, "username": ""}
            raise ValidationError(_("用户名不是身份证号码；请填写系统管理员发给您的用户名。"))
        return username

    def clean(self) -> dict[str, Any]:
        """Judges the password while no other try at this name from this address is judged."""
        request, username = self.request, self.cleaned_data.get("username")
        if request is None or not username or not self.cleaned_data.get("password"):
            return super().clean()
        if is_locked_out(request, username):  # nothing is judged: nobody waits to be told so
            return super().clean()
        try:
            with one_try(request, username):
                return super().clean()
        except Refusal as refusal:
            raise said(refusal) from refusal


class LoginPage(LoginView):
    """The login page; whoever is logged in goes on to the tasks."""

    template_name = "web/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Logs in, or asks for the code first where the account has a second factor."""
        account = form.get_user()
        if account.second_factor_since is None:
            return super().form_valid(form)
        half_way.begin(self.request, account, self.get_redirect_url())
        return redirect("web:login_code")


class PasswordPage(PasswordChangeView):
    """The own password; every other session of the account ends with the change."""

    template_name = "web/password.html"
    success_url = reverse_lazy("web:tasks")

    def form_valid(self, form: Any) -> HttpResponse:
        """Changes it and says so."""
        account = change_password(
            actor=account_of(self.request), password=form.cleaned_data["new_password1"]
        )
        update_session_auth_hash(self.request, account)  # this session goes on, under a new key
        messages.success(self.request, gettext("密码已修改；其他设备上的登录已全部退出。"))
        return redirect(self.get_success_url())


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What axes shows to an account or address that failed too often."""
    if wants_part(request):
        return refusals.response(request, lock_refusal())
    return render(request, "web/locked.html", status=429)


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Whether too many wrong passwords or codes lock this name out from this address."""
    if not settings.AXES_ENABLED:
        return False
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def one_try(request: HttpRequest, username: str) -> AbstractContextManager[None]:
    """Around ``is_locked_out``, the judgement, and ``note_wrong``: of those at once one at a time.

    Raises Refusal where too many wait.
    """
    return one_at_a_time(username, get_client_ip_address(request) or "")


def note_wrong(request: HttpRequest, username: str, **step: str) -> None:
    """Counts a failure beside those of the login, which lock the name out together."""
    user_login_failed.send(
        sender=__name__, credentials={"username": username, **step}, request=request
    )
