"""Refusals and faults as problem+json (RFC 9457): the same objects that pages show."""

import json
import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, OperationalError
from django.http import HttpResponse

from zhicheng.api.words import marked as _
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.refusals import CONTENTION, from_database

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:zhicheng:problem:{}"
logger = logging.getLogger("zhicheng.api")

TITLES: Mapping[int, str] = {
    400: _("请求无法读取"),
    401: _("没有有效的接口密钥"),
    403: _("没有权限"),
    404: _("没有找到"),
    405: _("不支持的方法"),
    406: _("没有这种格式"),
    409: _("与已有内容冲突"),
    413: _("内容过大"),
    415: _("不支持的内容类型"),
    422: _("没有办理"),
    429: _("请求过于频繁"),
    500: _("系统故障"),
    503: _("暂时不能提供"),
}


def problem(
    status: int,
    rule: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """One problem; empty members are left out."""
    told = {
        "type": TYPE.format(rule),
        "title": TITLES.get(status, TITLES[422]),
        "status": status,
        "detail": hide_id_numbers(detail),
        "rule": rule,
        **{
            name: hide_id_numbers(value) if isinstance(value, str) else value
            for name, value in members.items()
            if value not in ("", None)
        },
    }
    answer = HttpResponse(
        json.dumps(told, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    for name, value in (headers or {}).items():
        answer[name] = value
    # Django would log the address, in which a caller may have put anything.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def of_refusal(refusal: Refusal, *, findings: Sequence[Any] | None = None) -> HttpResponse:
    """A refused call; nothing was changed."""
    return problem(
        refusal.status,
        refusal.rule,
        refusal.message,
        headers=getattr(refusal, "headers", None),
        clause=refusal.clause,
        found=refusal.found,
        expected=refusal.expected,
        mend=refusal.mend,
        findings=findings,
    )


def of_fault(error: Exception) -> HttpResponse:
    """What nobody foresaw; the log gets places and the kind of error, never its text."""
    if isinstance(error, IntegrityError):
        return of_refusal(from_database(error))
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError) and state in CONTENTION:
        return of_refusal(
            Conflict(
                "database.busy",
                "另一项办理正在修改同样的内容，这一步没有办理。",
                mend="请稍后原样重试。",
            )
        )
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in list(frames)[:12])
    logger.error("api fault %s: %s", type(error).__name__, places)
    return problem(500, "fault", "系统没有完成这个请求，没有任何内容被改动。请稍后重试。")


class NotFound(Refusal):
    """Nothing there, or nothing that this key may see."""

    status = 404


class Unauthenticated(Refusal):
    """No key, or one that opens nothing."""

    status = 401
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer realm="zhicheng"'}


class TooMany(Refusal):
    """The key asked too often."""

    status = 429

    def __init__(self, *, seconds: int, limit: int, headers: Mapping[str, str]) -> None:
        super().__init__(
            "rate.too_many",
            "请求过于频繁。",
            found=f"本分钟已超过 {limit} 次",
            expected=f"每分钟不超过 {limit} 次",
            mend=f"请在 {seconds} 秒后重试。",
        )
        self.headers = {**headers, "Retry-After": str(seconds)}
