"""Turns a refusal into what a person sees: a page, or an alert where a part of a page changes."""

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from zhicheng.values.refusal import Refusal
from zhicheng.web.partial import wants_part


def response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused request; nothing was changed."""
    context = {"refusal": refusal, "back": request.META.get("HTTP_REFERER", "")}
    if wants_part(request):
        answer = render(request, "web/components/refusal.html", context, status=refusal.status)
        answer["HX-Retarget"] = "#alerts"
        answer["HX-Reswap"] = "innerHTML show:#alerts:top"
        answer["HX-Push-Url"] = "false"
        return answer
    return render(request, "web/refused.html", context, status=refusal.status)


class RefusalMiddleware(MiddlewareMixin):
    """Catches every Refusal that a view lets through."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The rendered refusal; other exceptions go on to Django."""
        if isinstance(exception, Refusal):
            return response(request, exception)
        if isinstance(exception, IntegrityError):
            return response(request, from_database(exception))
        return None


def from_database(error: IntegrityError) -> Refusal:
    """The last line of defence said no: names the constraint, never the values."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or "未知约束"
    return Refusal(
        f"database.{name}",
        "数据库的完整性约束拒绝了这次修改，没有任何内容被保存。",
        clause="N18",
        found=name,
        expected="与已有数据一致",
        mend="请刷新页面后重试；仍不成功的，请把约束名称告诉系统管理员。",
    )
