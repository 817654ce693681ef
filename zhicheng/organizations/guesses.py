"""How often an account's code may be guessed, wherever from (N18).

A guess takes one of the tries before it is judged, in a transaction of its own under the lock of
the factor's row, and a right one gives all back: so of many at once no more than the limit are
judged, and a refusal, which undoes what its action did, undoes no try.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from zhicheng.organizations.models import Account, SecondFactor
from zhicheng.organizations.sessions import note_code_lock
from zhicheng.values.refusal import Refusal

WRONG_CODE, LOCKED_OUT = "second_factor.wrong_code", "account.locked"


def limit() -> int:
    """How many wrong codes in a quarter of an hour stop an account's code.

    Whoever gets to the code knows the password, and may have as many addresses as codes to try: so
    this counts them all, beside the lock of one address.
    """
    return 2 * int(settings.AXES_FAILURE_LIMIT)


def stopped() -> QuerySet[SecondFactor]:
    """The factors whose codes aren't judged now; ``wrong_since`` says since when."""
    since: datetime = timezone.now() - settings.AXES_COOLOFF_TIME
    return SecondFactor.objects.filter(wrong_count__gte=limit(), wrong_since__gt=since)


def is_stopped(account: Account) -> bool:
    """Whether wrong codes stop the account's, wherever they came from."""
    return stopped().filter(account=account).exists()


def forgive(account_id: int) -> bool:
    """Forgets the wrong codes; gives whether there were any. Part of an action."""
    counted = SecondFactor.objects.filter(account=account_id, wrong_count__gt=0)
    return counted.update(wrong_count=0, wrong_since=None) > 0


@contextmanager
def guessing(account_id: int) -> Iterator[None]:
    """Around the whole action that judges one code, outside its transaction.

    Raises Refusal, and judges nothing, when there were too many wrong ones.
    """
    taken = _take(account_id)
    try:
        yield
    except Refusal as refusal:
        if refusal.rule != WRONG_CODE:  # no code was judged
            if taken:
                _give_back(account_id)
        elif taken == limit():
            note_code_lock(Account.objects.get(pk=account_id).username)
        raise


def _take(account_id: int) -> int:
    """Takes a try; gives which of them it is, 0 where there is nothing to guess."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(account=account_id).first()
        if factor is None or factor.confirmed_at is None:
            return 0
        now = timezone.now()
        if factor.wrong_since is None or factor.wrong_since <= now - settings.AXES_COOLOFF_TIME:
            factor.wrong_count, factor.wrong_since = 0, now
        if factor.wrong_count >= limit():
            raise lock_refusal()
        factor.wrong_count += 1
        if factor.wrong_count == limit():
            factor.wrong_since = now  # stopped from here on for as long as any lock
        factor.save(update_fields=["wrong_count", "wrong_since"])
    return factor.wrong_count


def _give_back(account_id: int) -> None:
    taken = SecondFactor.objects.filter(account=account_id, wrong_count__gt=1)
    if not taken.update(wrong_count=F("wrong_count") - 1):
        forgive(account_id)


def lock_refusal() -> Refusal:
    """What is said to whoever guessed at a password or a code too often."""
    return Refusal(
        LOCKED_OUT,
        "连续输错太多次，15 分钟内不能再试。",
        clause="N18",
        mend="请稍后再试；急用的请联系系统管理员解除锁定。",
    )
