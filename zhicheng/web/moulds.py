"""Pages that are cast: what is the same for every question is rendered once, then only filled.

A template is rendered with places in it of which it knows nothing; what stands between them is
kept. Filling escapes every text, as the template would.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from html import escape
from types import SimpleNamespace

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeData

# Signs that no template has. What fills a place isn't looked through again.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")
_MOST = 2000

_moulds: dict[Hashable, "Mould"] = {}


def place(name: str) -> str:
    """What a template is given in place of a text that comes later."""
    return f"{_OPEN}{name}{_CLOSE}"


class Mould:
    """A rendered page with places in it."""

    def __init__(self, text: str) -> None:
        self._parts = _PLACE.split(text)

    def fill(self, texts: Mapping[str, str]) -> str:
        """The page with these texts, escaped unless they are marked as safe."""
        parts = self._parts.copy()
        parts[1::2] = [_escaped(texts[name]) for name in parts[1::2]]
        return "".join(parts)


def _escaped(text: str) -> str:
    # As conditional_escape, which is written for lazy texts as well and takes four times as long.
    return text if isinstance(text, SafeData) else escape(text)


def mould(
    template: str, key: tuple[Hashable, ...], context: Callable[[], Mapping[str, object]]
) -> Mould:
    """The mould of a template for whatever ``key`` says; rendered when it is wanted first.

    The key holds all that decides of the page but is no place: its language above all.
    """
    whole = (template, *key)
    found = _moulds.get(whole)
    if found is None:
        found = Mould(render_to_string(template, dict(context())))
        if len(_moulds) >= _MOST:
            _moulds.clear()
        if not settings.DEBUG:
            _moulds[whole] = found
    return found


def stand_in(request: HttpRequest) -> SimpleNamespace:
    """What a page's frame asks of the request: its places ``host`` and ``path``."""
    return SimpleNamespace(
        get_host=place("host"),
        get_full_path=place("path"),
        path=place("path"),
        resolver_match=request.resolver_match,
    )


def frame_texts(request: HttpRequest) -> dict[str, str]:
    """The texts of those places."""
    return {"host": request.get_host(), "path": request.get_full_path()}
