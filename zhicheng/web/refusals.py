"""Turns a refusal into what a person sees: a page, or an alert where a part of a page changes."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.web.limits import Challenged, TooOften, challenge_context
from zhicheng.web.partial import page_of, wants_part

# Deadlock, serialization failure, lock not to be had: somebody else was at the same rows.
CONTENTION = {"40P01", "40001", "55P03"}


def response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused request; nothing was changed.

    422, 403 for :class:`NotPermitted`, 409 for :class:`Conflict`. To HTMX it is an alert that goes
    to the page's ``#alerts`` whatever part was asked for.
    """
    if isinstance(refusal, Challenged) and not wants_part(request):
        shown = challenge_context(request, refusal)
        return render(request, "web/challenge.html", shown, status=refusal.status)
    context = {"refusal": refusal, "back": _back(request)}
    if wants_part(request):
        answer = render(request, "web/components/refusal.html", context, status=refusal.status)
        answer["HX-Retarget"] = "#alerts"
        answer["HX-Reswap"] = "innerHTML show:#alerts:top"
        # What was asked with hx-select would pick nothing out of an alert.
        answer["HX-Reselect"] = "unset"
        answer["HX-Push-Url"] = "false"
        return answer
    answer = render(request, "web/refused.html", context, status=refusal.status)
    if isinstance(refusal, TooOften):
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def _back(request: HttpRequest) -> str:
    """The page before, when it is one of ours."""
    before = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(before, {request.get_host()})
    return before if ours else ""


class RefusalMiddleware(MiddlewareMixin):
    """Catches every Refusal that a view lets through, and what the database refuses."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The rendered refusal; other exceptions go on to Django."""
        if isinstance(exception, Refusal):
            return response(request, exception)
        if isinstance(exception, IntegrityError):
            return response(request, from_database(exception))
        if isinstance(exception, OperationalError) and _state(exception) in CONTENTION:
            return response(request, _contention())
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Sends the whole window to the login page when the session has ended meanwhile.

        HTMX would follow the redirect and put the login page into the part that it asked for.
        """
        if not wants_part(request) or response.status_code not in (301, 302):
            return response
        if urlsplit(response.headers.get("Location", "")).path != settings.LOGIN_URL:
            return response
        page = page_of(request) or settings.LOGIN_REDIRECT_URL
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = f"{settings.LOGIN_URL}?{urlencode({'next': page})}"
        return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a page that was opened before the last login, or one from elsewhere."""
    return response(
        request,
        NotPermitted(
            "form.stale",
            _("页面已经过期，没有办理。"),
            found=_("页面打开后重新登录过，或表单不是从本系统提交的"),
            expected=_("从本次登录打开的页面提交"),
            mend=_("请返回、刷新页面后重新办理。"),
        ),
    )


def from_database(error: IntegrityError) -> Refusal:
    """The last line of defence said no: names the constraint, never the values."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or _("未知约束")
    return Refusal(
        f"database.{name}",
        _("数据库的完整性约束拒绝了这次修改，没有任何内容被保存。"),
        clause="N18",
        found=name,
        expected=_("与已有数据一致"),
        mend=_("请刷新页面后重试；仍不成功的，请把约束名称告诉系统管理员。"),
    )


def _state(error: OperationalError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def _contention() -> Refusal:
    return Conflict(
        "database.busy",
        _("另一项办理正在修改同样的内容，这一步没有办理。"),
        mend=_("请刷新页面，看是否仍需办理，再重试。"),
    )
