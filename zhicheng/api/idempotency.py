"""A writing call happens once, however often it is sent (draft-ietf-httpapi-idempotency-key).

The claim, the change and the kept answer are one transaction: a process that dies in between
leaves none of them, and the repeated call does it afresh. Two at once: the second waits for the
first at the unique key and then gets its answer.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zhicheng.api import problems, rules
from zhicheng.api.authentication import Caller
from zhicheng.api.models import IdempotentCall
from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.privacy import holds_id_number

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEPT_STATUS = frozenset({200, 201, 202, 422})


def once(
    request: HttpRequest, caller: Caller, body: bytes, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """The answer of ``act``, done now or kept from the first call with this key and body."""
    key = _key(request)
    with transaction.atomic():
        if key:
            kept = _claim(request, caller, key, body)
            if isinstance(kept, HttpResponse):
                return kept
        try:
            with transaction.atomic():
                answer = act()
        except Refusal as refusal:
            answer = problems.of_refusal(refusal)
        if key and answer.status_code in _KEPT_STATUS:
            kept.status = answer.status_code
            kept.answer = protect_bytes(answer.content)
            kept.save(update_fields=["status", "answer"])
        elif key:
            kept.delete()
    return answer


def _key(request: HttpRequest) -> str:
    key = request.headers.get(HEADER, "").strip().strip('"')
    if not key:
        return ""
    if len(key) > 255 or not key.isascii() or not key.isprintable() or holds_id_number(key):
        raise Refusal(
            "idempotency.key",
            "幂等键（Idempotency-Key）不能使用。",
            found=hide_id_numbers(key)[:40],
            expected="1 至 255 个 ASCII 字符，建议用 UUID；不含身份证号码",
        )
    return key


def _claim(request: HttpRequest, caller: Caller, key: str, body: bytes) -> Any:
    digest = rules.body_digest(request.method or "", request.path, body)
    client = caller.key.client
    oldest = timezone.now() - rules.IDEMPOTENCY_KEPT
    IdempotentCall.objects.filter(client=client, key=key, called_at__lt=oldest).delete()
    IdempotentCall.objects.bulk_create(
        [IdempotentCall(client=client, key=key, body_digest=digest)], ignore_conflicts=True
    )
    call = IdempotentCall.objects.select_for_update().get(client=client, key=key)
    if call.body_digest != digest:
        raise rules.other_body()
    if call.status is None or call.answer is None:
        return call
    content_type = "application/json" if call.status < 400 else problems.MEDIA_TYPE
    answer = HttpResponse(
        reveal_bytes(bytes(call.answer)), status=call.status, content_type=content_type
    )
    answer[REPLAYED] = "true"
    return answer
