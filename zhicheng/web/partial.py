"""Whether a request asks for a part of a page."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """True when HTMX asked, which exchanges a part of the page; False for a whole page."""
    return bool(getattr(request, "htmx", False))


def page_of(request: HttpRequest) -> str:
    """The address of the page in whose window HTMX asked, without the host; empty if unknown."""
    return getattr(getattr(request, "htmx", None), "current_url_abs_path", None) or ""
