"""The interface put together: routers, who may call, and how every fault is told."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from zhicheng.api import (
    endpoints_filing,
    endpoints_online,  # noqa: F401
    endpoints_reading,
    endpoints_verifying,
    problems,
)
from zhicheng.api.authentication import Bearer
from zhicheng.api.words import marked as _
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

VERSION = "1.0.0"

api = NinjaAPI(
    title=_("职称证书开放数据接口"),
    version=VERSION,
    description=_(
        "读取证书数据、失效清单和基础数据，报送核准文件和登记表，批量核验。错误为 problem+json。"
    ),
    urls_namespace="api",
    auth=Bearer(),
    docs_url=None,
    openapi_url=None,
)
api.add_router("", endpoints_reading.reference)
api.add_router("", endpoints_reading.certificates)
# endpoints_online adds to this router: both have operations at /approvals.
api.add_router("", endpoints_filing.filing)
api.add_router("", endpoints_verifying.verifying)


@api.exception_handler(Refusal)
def _refused(_request: HttpRequest, refusal: Any) -> HttpResponse:
    return problems.of_refusal(refusal)


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    """What doesn't fit the description; the values themselves are not repeated."""
    found = [
        {
            "place": ".".join(
                str(step) for step in fault["loc"] if step not in ("given", "body_params")
            ),
            "message": hide_id_numbers(str(fault["msg"]))[:200],
        }
        for fault in error.errors[:50]
    ]
    return problems.problem(
        422,
        "request.invalid",
        "请求的内容不符合接口说明。",
        mend="请对照 errors 更正。",
        errors=found,
    )


@api.exception_handler(HttpError)
def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problems.problem(
        error.status_code,
        "request.unreadable",
        "请求的内容不能读取。",
        expected="UTF-8 的 JSON",
    )


@api.exception_handler(RequestDataTooBig)
def _too_big(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problems.problem(
        413, "body.too_large", "内容过大。", mend="请改用文件报送，或分成几次。"
    )


@api.exception_handler(UnreadablePostError)
def _broken_off(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problems.problem(400, "body.broken_off", "请求的内容没有收完。")


@api.exception_handler(DataError)
def _not_to_be_stored(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problems.problem(422, "value.unusable", "内容中有数据库不能保存的值。")


@api.exception_handler(Http404)
def _not_found(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problems.problem(404, "address.unknown", "没有这个地址。")


@api.exception_handler(Exception)
def _fault(_request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of_fault(error)
