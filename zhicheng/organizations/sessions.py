"""Who came and went: logins, log-outs, failures and lock-outs as audit events (N18)."""

from dataclasses import dataclass
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from zhicheng.audit.recording import recorded
from zhicheng.organizations.models import Account
from zhicheng.values.text import hide_id_numbers

LOGIN, LOGOUT = "any:session:login", "any:session:logout"
FAILED, LOCKED = "any:session:failed", "any:session:locked"
SESSION_LABELS = {
    LOGIN: "登录",
    LOGOUT: "退出登录",
    FAILED: "登录失败",
    LOCKED: "账号锁定",
}


@dataclass(frozen=True)
class Stranger:
    """Somebody who gave a name at the login page and isn't known to be anybody."""

    username: str
    pk: None = None
    organization_id: None = None


def _stranger(name: object) -> Stranger:
    # People paste anything into a login form: an ID number must not stand in the trail.
    return Stranger(hide_id_numbers(str(name or ""))[:60])


@receiver(user_logged_in)
def note_login(user: Account, **_: Any) -> None:
    """A successful login."""
    with recorded(user, LOGIN) as record:
        record(subject=user)


@receiver(user_logged_out)
def note_logout(user: Account | None, **_: Any) -> None:
    """A log-out; nothing when nobody was logged in."""
    if isinstance(user, Account):
        with recorded(user, LOGOUT) as record:
            record(subject=user)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A wrong user name or password, through the page alone."""
    if request is not None:
        with recorded(_stranger(credentials.get("username")), FAILED) as record:
            record()


@receiver(user_locked_out)
def note_lock(username: str, **_: Any) -> None:
    """Too many failures."""
    with recorded(_stranger(username), LOCKED) as record:
        record()
