"""Login: labels in plain words, a clear word when an account is locked."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _


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


class LoginPage(LoginView):
    """The login page; whoever is logged in goes on to the tasks."""

    template_name = "web/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What axes shows to an account or address that failed too often."""
    return render(request, "web/locked.html", status=429)
