"""An account's logins: which live, and how they are ended (N18)."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, LoginSession
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import end_logins
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.text import hide_id_numbers


def living(account: Account) -> QuerySet[LoginSession]:
    """The logins that would still be answered, the newest request first."""
    found = LoginSession.objects.filter(account=account, expire_date__gt=timezone.now())
    return found.order_by("-expire_date", "session_key")


@retrying
def end_own(*, actor: Account, login: UUID) -> None:
    """Ends one of one's own logins; raises Refusal when it has ended meanwhile."""
    require(actor, Action.SESSION_END)
    with recorded(actor, Action.SESSION_END) as record:
        browser = _end(actor, login)
        record(subject=actor, data={"browser": browser, "sessions": 1})


@retrying
def end_others(*, actor: Account, but: UUID) -> int:
    """Ends all of one's own logins but ``but``; gives how many."""
    require(actor, Action.SESSION_END)
    with recorded(actor, Action.SESSION_END) as record:
        ended = end_logins(actor.pk, but=but)
        if not ended:
            raise _gone()
        record(subject=actor, data={"sessions": ended})
    return ended


@retrying
def end_of(*, actor: Actor, account_id: int, login: UUID | None = None) -> Account:
    """Ends one login of somebody else, or all; raises Refusal when there is none any more."""
    require(actor, Action.SESSION_END_OF_OTHERS)
    if account_id == actor.pk:
        raise NotPermitted(
            "session.own",
            "这是您自己的登录。",
            clause="N18",
            mend="请在“登录的设备”里退出。",
        )
    with recorded(actor, Action.SESSION_END_OF_OTHERS) as record:
        account = Account.objects.get(pk=account_id)
        data: dict[str, object] = {"username": hide_id_numbers(account.username)}
        if login is not None:
            data |= {"browser": _end(account, login), "sessions": 1}
        else:
            ended = end_logins(account.pk)
            if not ended:
                raise _gone()
            data["sessions"] = ended
        record(subject=account, data=data)
    return account


def _end(account: Account, login: UUID) -> str:
    found = living(account).select_for_update().filter(public_id=login).first()
    if found is None:
        raise _gone()
    found.delete()
    return found.browser


def _gone() -> Refusal:
    return Refusal(
        "session.gone",
        "这些登录已经退出，或已超过 30 分钟没有操作。",
        clause="N18",
        mend="请刷新页面。",
    )
