"""The log for everybody: heads as text, proofs and leaves as JSON, and a page that explains it."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.credentials.queries import published_keys
from zhicheng.transparency import evidence, queries
from zhicheng.transparency.models import LogEntry, PendingEntry, TreeHead
from zhicheng.transparency.statement import KINDS, Kind, commitment

HEADS_A_PAGE = 25
LEAVES_AT_ONCE = 1_000
MAX_EVIDENCE = 1_000_000  # bytes


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The newest head, the earlier ones, and a place to check an evidence file."""
    heads = Paginator(TreeHead.objects.all(), HEADS_A_PAGE)
    context: dict[str, Any] = {
        "heads": heads.get_page(request.GET.get("page")),
        "latest": queries.latest_head(),
        "pending": PendingEntry.objects.count(),
    }
    if request.method == "POST":
        context |= _checked(request)
    return render(request, "transparency/log.html", context)


def _checked(request: HttpRequest) -> dict[str, Any]:
    file = request.FILES.get("evidence")
    if file is None:
        return {"fault": _("请选择证明文件。")}
    if (file.size or 0) > MAX_EVIDENCE:
        return {"fault": _("不是日志证明文件")}
    try:
        proved = evidence.verify(file.read().decode("utf-8", "replace"), published_keys())
    except evidence.EvidenceError as error:
        return {"fault": _(str(error))}
    return {
        "proved": proved,
        "statements": [
            {**item, "kind_label": _(KINDS[Kind(item["kind"])])} for item in proved.statements
        ],
    }


def _public(answer: HttpResponse) -> HttpResponse:
    """From any page: nothing in it is secret."""
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _note(head: TreeHead) -> HttpResponse:
    return _public(HttpResponse(head.note, content_type="text/plain; charset=utf-8"))


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed head, as C2SP's tlog-checkpoint."""
    head = queries.latest_head()
    if head is None:
        raise Http404
    answer = _note(head)
    answer["Cache-Control"] = "public, max-age=60"
    return answer


@require_safe
def past_checkpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """An earlier head; it never changes."""
    answer = _note(get_object_or_404(TreeHead, pk=pk))
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _whole(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError(f"{name}: a whole number is needed")
    return int(text)


def _proof(make: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        return _public(JsonResponse(make()))
    except ValueError as error:
        return _public(JsonResponse({"title": str(error), "status": 400}, status=400))


@require_safe
def consistency(request: HttpRequest) -> HttpResponse:
    """``?first=&second=``: that the larger tree begins with the smaller (RFC 9162, 2.1.4)."""

    def make() -> dict[str, Any]:
        first, second = _whole(request, "first"), _whole(request, "second")
        path = queries.consistency(first, second)
        return {"first": first, "second": second, "proof": [item.hex() for item in path]}

    return _proof(make)


@require_safe
def inclusion(request: HttpRequest) -> HttpResponse:
    """``?index=&size=``: the path of a leaf (RFC 9162, 2.1.3)."""

    def make() -> dict[str, Any]:
        index, leaves = _whole(request, "index"), _whole(request, "size")
        if leaves > queries.size():
            raise ValueError(f"the log has {queries.size()} leaves")
        path = queries.inclusion(index, leaves)
        return {"index": index, "size": leaves, "proof": [item.hex() for item in path]}

    return _proof(make)


@require_safe
def leaves(request: HttpRequest) -> HttpResponse:
    """``?start=``: up to a thousand leaves (commitments), for who keeps a copy of the log."""

    def make() -> dict[str, Any]:
        start = _whole(request, "start")
        found = LogEntry.objects.filter(sequence__gte=start).order_by("sequence")
        told = found.values_list("salt", "statement")[:LEAVES_AT_ONCE]
        return {
            "start": start,
            "leaves": [commitment(bytes(salt), text).hex() for salt, text in told],
        }

    return _proof(make)
