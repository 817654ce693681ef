"""Drafts that nobody goes on with end by themselves after the policy's days (N10, N18).

A stranger may begin as many as the limits allow; none of them may lie about for ever with a
telephone and an ID number in it. A draft blocks nothing, so its end gives nothing free.
"""

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.deadlines import by_beginning, late, until
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Outcome, Reissue, ReissueState, Step

AT_ONCE = 1000


def overdue() -> "QuerySet[Reissue]":
    """Drafts that nobody has touched for longer than the policy of that day allows."""
    now = timezone.now()
    kept = until(timezone.localdate(now))
    return Reissue.objects.filter(late(kept, Step.DRAFT, now), state=ReissueState.DRAFT)


def expire_drafts(*, actor: Actor) -> int:
    """Ends them all, a thousand in a transaction; gives how many."""
    ended = 0
    while overdue().exists():
        some = _expire(actor)
        if not some:
            break  # somebody works on the last ones at this moment
        ended += some
    return ended


@retrying
def _expire(actor: Actor) -> int:
    require(actor, Action.REISSUE_EXPIRE)
    kept = until(timezone.localdate())
    with recorded(actor, Action.REISSUE_EXPIRE) as record:
        locked = overdue().order_by("pk").select_for_update(skip_locked=True)
        ids = list(locked.values_list("pk", flat=True)[:AT_ONCE])
        now = timezone.now()
        reason = Case(
            *(
                When(
                    began,
                    then=Value(f"超过 {days} 天没有继续填写，已自动终止；需要时请重新申请。"),
                )
                for began, days in by_beginning(kept, Step.DRAFT)
            )
        )
        Reissue.objects.filter(pk__in=ids).update(
            state=REISSUE.target(Action.REISSUE_EXPIRE, ReissueState.DRAFT),
            outcome=Outcome.EXPIRED,
            outcome_reason=reason,
            ended_at=now,
            waiting_since=now,
        )
        record(data={"count": len(ids)}, rows=Reissue._meta.label_lower, ids=ids)
    return len(ids)
