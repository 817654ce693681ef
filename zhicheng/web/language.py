"""Chinese unless somebody chose otherwise: a browser's own language decides nothing here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin


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
