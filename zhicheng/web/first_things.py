"""What comes before everything else: an own password, and a second factor where it is required."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.organizations.models import Account
from zhicheng.organizations.second_factor import is_missing
from zhicheng.organizations.sessions import is_owing_a_code
from zhicheng.web.ended import way_to_login
from zhicheng.web.partial import wants_part

# Open whatever is due: the way out, the language, and what pages are drawn with.
_OPEN = frozenset({"web:logout", "web:language", "web:healthz", "web:rare_fonts", "web:rare_font"})
# The page where what is due is done, and what else belongs to it.
_PASSWORD = ("web:password",)
_SECOND_FACTOR = ("web:second_factor", "web:begin_second_factor", *_PASSWORD)


def _due(account: Account) -> tuple[str, ...]:
    """The pages of what the account has to do first, the one to go to in front; or none."""
    if account.must_change_password:
        return _PASSWORD
    return _SECOND_FACTOR if is_missing(account) else ()


class FirstThingsMiddleware(MiddlewareMixin):
    """Sends whoever has something to do first to its page, and to nothing else.

    That is the login itself, where it passed no code of a second factor that came later; a
    password which somebody else made; a second factor that is required and not set up. An
    interface has no session, so it never comes here with an account.
    """

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """The way to the page, for everything but the page, logging out and the language."""
        # Looking at the user makes an answer vary by cookie, which a stranger's must not.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        asked = request.resolver_match.view_name if request.resolver_match else ""
        if not isinstance(user, Account) or asked in _OPEN:
            return None
        if is_owing_a_code(request.session, user):
            logout(request)
            return way_to_login(request)
        due = _due(user)
        if not due or asked in due:
            return None
        if wants_part(request):
            return HttpResponseClientRedirect(reverse(due[0]))
        return redirect(due[0])
