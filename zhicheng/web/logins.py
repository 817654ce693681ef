"""The own logins: which browsers are in, and ending the others."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhicheng.organizations import logins
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import login_of
from zhicheng.web.pages import account_of, page


@page(Action.SESSION_END)
@require_safe
def own_logins(request: HttpRequest) -> HttpResponse:
    """Every login that lives, this one in front."""
    here = request.session.session_key
    living = sorted(logins.living(account_of(request)), key=lambda item: item.session_key != here)
    shown = {"logins": living, "here": here, "others": any(x.session_key != here for x in living)}
    return render(request, "web/logins.html", shown)


@page(Action.SESSION_END)
@require_POST
def end_login(request: HttpRequest, login: UUID) -> HttpResponse:
    """Ends one; ending this one is logging out."""
    if login == login_of(request.session):
        logout(request)
        return redirect("web:login")
    logins.end_own(actor=account_of(request), login=login)
    messages.success(request, gettext("已退出这台设备上的登录。"))
    return redirect("web:logins")


@page(Action.SESSION_END)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Ends all but this one."""
    count = logins.end_others(actor=account_of(request), but=login_of(request.session))
    messages.success(request, gettext("已退出其他 %(count)d 处登录。") % {"count": count})
    return redirect("web:logins")
