"""Between the password and the code: what a stranger's session knows of a login that began.

Nobody is logged in yet, so no page opens. It ends by itself, by a changed password, and with a
few wrong codes.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from zhicheng.organizations.models import Account
from zhicheng.organizations.second_factor_rules import HALF_WAY_FOR, HALF_WAY_TRIES

_KEY = "half_way"


@dataclass(frozen=True)
class HalfWay:
    """Whose login it is, through which backend, and where it leads."""

    account: Account
    backend: str
    next: str


def begin(request: HttpRequest, account: Account, onward: str) -> None:
    """The password was right: a new session, under a new key, that knows nothing else.

    ``account`` comes from ``authenticate()``, which says through which backend.
    """
    request.session.flush()
    request.session[_KEY] = {
        "account": account.pk,
        "password": account.get_session_auth_hash(),
        "backend": account.backend,
        "next": onward,
        "until": (timezone.now() + HALF_WAY_FOR).timestamp(),
        "tries": 0,
    }


def going_on(request: HttpRequest) -> HalfWay | None:
    """The login that began in this session; None when there is none any more."""
    kept = request.session.get(_KEY)
    if not kept:
        return None
    account = (
        Account.objects.select_related("organization")
        .filter(pk=kept["account"], is_active=True)
        .first()
    )
    if (
        account is None
        or kept["until"] < timezone.now().timestamp()
        or not constant_time_compare(kept["password"], account.get_session_auth_hash())
    ):
        end(request)
        return None
    return HalfWay(account, kept["backend"], kept["next"])


def onward(request: HttpRequest) -> str | None:
    """Where the login that began here was to lead, also when its time is over; None: none began."""
    kept = request.session.get(_KEY)
    return str(kept["next"]) if kept else None


def note_wrong(request: HttpRequest) -> bool:
    """One more wrong code; gives whether it was the last one, which ends it."""
    kept = request.session[_KEY]
    tries = kept["tries"] + 1
    if tries >= HALF_WAY_TRIES:
        end(request)
        return True
    request.session[_KEY] = {**kept, "tries": tries}
    return False


def end(request: HttpRequest) -> None:
    """Forgets it."""
    request.session.pop(_KEY, None)
