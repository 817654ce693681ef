"""Serves the pieces of the fonts for rare names; they are no secret and are kept by browsers."""

import gzip
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhicheng.documents.font_pieces import FontPieces
from zhicheng.documents.fonts import data_folder, default_fonts
from zhicheng.values.refusal import Refusal

DAY = 24 * 60 * 60


@cache
def _pieces() -> FontPieces | None:
    try:
        return FontPieces(default_fonts(), data_folder() / "cache" / "font-pieces")
    except Refusal:
        return None  # an installation without fonts can't print, but its pages work


@cache
def _style() -> tuple[bytes, bytes]:
    pieces = _pieces()
    content = (pieces.style if pieces else "").encode()
    return content, gzip.compress(content, mtime=0)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """/fonts/rare.css: which piece is for which characters."""
    plain, packed = _style()
    # The same for everybody, with nothing of a request in it: packing betrays nothing.
    small = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(packed if small else plain, content_type="text/css; charset=utf-8")
    if small:
        answer["Content-Encoding"] = "gzip"
    patch_vary_headers(answer, ["Accept-Encoding"])
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer


@require_safe
def piece(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """One piece; under another version's address it is the same, for a day."""
    pieces = _pieces()
    content = pieces.woff(name) if pieces else None
    if pieces is None or content is None:
        raise Http404
    answer = HttpResponse(content, content_type="font/woff")
    current = version == pieces.version
    answer["Cache-Control"] = (
        f"public, max-age={365 * DAY}, immutable" if current else f"public, max-age={DAY}"
    )
    return answer
