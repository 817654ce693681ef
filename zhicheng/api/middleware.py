"""What every answer below ``/api/v1/`` has: problem+json for faults, the rate's headers."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from zhicheng.api import problems

ROOT = "/api/v1/"


class ProblemMiddleware(MiddlewareMixin):
    """Turns what Django itself refuses (404, 405, too large a body) into a problem."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The response with its headers, or the problem in its place."""
        if not request.path.startswith(ROOT):
            return response
        kind = response.get("Content-Type", "")
        if response.status_code >= 400 and not kind.startswith(problems.MEDIA_TYPE):
            response = _problem(response)
        for name, value in getattr(request, "rate_headers", {}).items():
            response.setdefault(name, value)
        return response


def _problem(response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    match status:
        case 404:
            return problems.problem(404, "address.unknown", "没有这个地址。")
        case 405:
            allowed = response.get("Allow", "")
            return problems.problem(
                405,
                "method.not_allowed",
                "这个地址不支持这种方法。",
                headers={"Allow": allowed},
                expected=allowed,
            )
        case 413:
            return problems.problem(413, "body.too_large", "内容过大。")
        case 500:
            return problems.problem(500, "fault", "系统没有完成这个请求。请稍后重试。")
        case _:
            return problems.problem(status, "request.refused", "请求没有办理。")
