"""Who came and went: logins, log-outs, failures and lock-outs as audit events (N18).

A login also leaves in its session when and from where it came, for the list of logins.
"""

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.organizations.browsers import browser_of
from zhicheng.organizations.models import Account, LoginSession
from zhicheng.organizations.session_store import CAME
from zhicheng.values.text import hide_id_numbers

LOGIN, LOGOUT = "any:session:login", "any:session:logout"
FAILED, LOCKED = "any:session:failed", "any:session:locked"
CODE, RECOVERY = "any:session:code", "any:session:recovery"
SESSION_LABELS = {
    LOGIN: "登录",
    LOGOUT: "退出登录",
    FAILED: "登录失败",
    LOCKED: "账号锁定",
    CODE: "通过两步验证",
    RECOVERY: "使用恢复码",
}
# Beside the name among a failure's credentials: the password was right, the code was not.
AT_CODE = {"step": "code"}
# In a session: since when the account has the factor whose code this login passed.
PASSED = "passed"


@dataclass(frozen=True)
class Stranger:
    """Somebody who gave a name at the login page and isn't known to be anybody."""

    username: str
    pk: None = None
    organization_id: None = None


def _stranger(name: object) -> Stranger:
    # People paste anything into a login form: an ID number must not stand in the trail.
    return Stranger(hide_id_numbers(str(name or ""))[:60])


def _step(credentials: object) -> dict[str, str]:
    at_code = isinstance(credentials, dict) and credentials.get("step") == AT_CODE["step"]
    return AT_CODE if at_code else {}


@receiver(user_logged_in)
def note_login(user: Account, request: HttpRequest | None = None, **_: Any) -> None:
    """A successful login."""
    with recorded(user, LOGIN) as record:
        record(subject=user)
    if request is not None:
        _note_where(request)


def _note_where(request: HttpRequest) -> None:
    if CAME in request.session:  # logged in once more in the same session: it began when it began
        return
    request.session[CAME] = {
        "id": str(uuid4()),
        "at": timezone.now().isoformat(),
        "address": _address(request),
        "browser": browser_of(request.META.get("HTTP_USER_AGENT", "")),
    }


def _address(request: HttpRequest) -> str:
    """The address, and nothing else that a header may hold."""
    from zhicheng.web.asking.counting import address_of

    found = address_of(request)
    try:
        ip_network(found)
    except ValueError:
        return ""
    return found


@receiver(user_logged_out)
def note_logout(user: Account | None, **_: Any) -> None:
    """A log-out; nothing when nobody was logged in."""
    if isinstance(user, Account):
        with recorded(user, LOGOUT) as record:
            record(subject=user)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A wrong user name, password or code, through the pages alone."""
    if request is not None:
        with recorded(_stranger(credentials.get("username")), FAILED) as record:
            record(data=_step(credentials))


@receiver(user_locked_out)
def note_lock(username: str, request: HttpRequest | None = None, **_: Any) -> None:
    """Too many failures."""
    with recorded(_stranger(username), LOCKED) as record:
        record(data=_step(getattr(request, "axes_credentials", None)))


def note_code_lock(username: str) -> None:
    """Too many wrong codes, from wherever they came."""
    with recorded(_stranger(username), LOCKED) as record:
        record(data=AT_CODE)


def end_logins(account_id: int, *, but: UUID | None = None) -> int:
    """Ends the account's logins, whose next request is at the login page; gives how many.

    ``but``: the public id of the one that goes on. Part of an action, which records it.
    """
    found = LoginSession.objects.filter(account=account_id)
    if but is not None:
        found = found.exclude(public_id=but)
    return found.delete()[0]


def login_of(session: SessionBase) -> UUID:
    """The public id of the login whose session it is."""
    return UUID(session[CAME]["id"])


def note_passed(session: SessionBase, account: Account) -> None:
    """Notes that the login passed a code of the second factor that the account has now."""
    if account.second_factor_since is not None:
        session[PASSED] = account.second_factor_since.isoformat()


def is_owing_a_code(session: SessionBase, account: Account) -> bool:
    """Whether the account has a second factor of which this login passed no code.

    It began by the password alone, before the factor was there.
    """
    since = account.second_factor_since
    return since is not None and session.get(PASSED) != since.isoformat()
