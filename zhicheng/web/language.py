"""Chinese unless somebody chose otherwise: a browser's own language decides nothing here."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

P = ParamSpec("P")
R = TypeVar("R")


def in_chinese(function: Callable[P, R]) -> Callable[P, R]:
    """What goes on paper or on record is Chinese, whatever language whoever asks for it reads.

    A new override each time: one that is shared would give a thread another one's language back.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override("zh-hans"):
            return function(*args, **kwargs)

    return run


class ChosenLanguageMiddleware(MiddlewareMixin):
    """Activates the language of the cookie that the language switch sets."""

    def process_request(self, request: HttpRequest) -> None:
        """The chosen language, or Chinese."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        translation.activate(chosen if chosen in known else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Says which language the page is in."""
        response.setdefault("Content-Language", translation.get_language() or "zh-hans")
        return response
