"""A login that ended while its request was under way: to the login page, as with the next one."""

from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.web.partial import wants_part


def way_to_login(request: HttpRequest) -> HttpResponse:
    """The login page, and from there on to the page that was asked for."""
    if wants_part(request):
        return HttpResponseClientRedirect(reverse("web:login"))
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    return redirect("web:login")


class EndedSessionMiddleware(SessionMiddleware):
    """Django's own, to which a session that somebody deleted meanwhile is a bad request."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Saves the session; the way to the login page when there is none any more."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            # The cookie stays: the browser may have got another meanwhile, with a new password.
            return way_to_login(request)
