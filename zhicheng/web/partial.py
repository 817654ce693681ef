"""Whether a request asks for a part of a page."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """True when HTMX asked, which exchanges a part of the page; False for a whole page."""
    return bool(getattr(request, "htmx", False))
