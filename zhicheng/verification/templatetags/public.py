"""Pictures inside the page: one request less on a slow line than the sprite of the inside pages."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# The sprite has no picture of scanning; these are its corners and line.
_SCAN = (
    '<path d="M4 7v-1a2 2 0 0 1 2 -2h2M4 17v1a2 2 0 0 0 2 2h2M16 4h2a2 2 0 0 1 2 2v1'
    'M16 20h2a2 2 0 0 0 2 -2v-1M5 12h14"/>'
)


@cache
def _shapes() -> dict[str, str]:
    path = finders.find("vendor/icons.svg")
    sprite = Path(str(path)).read_text("utf-8") if path else ""
    found = re.findall(r'<symbol id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', sprite, re.DOTALL)
    return {**dict(found), "scan": _SCAN}


@register.simple_tag
def glyph(name: str) -> SafeString:
    """A decorative picture of the sprite, drawn into the page."""
    return format_html(
        '<svg class="qry-glyph" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
        ' aria-hidden="true">{}</svg>',
        mark_safe(_shapes().get(name, "")),  # noqa: S308 - our own file
    )
