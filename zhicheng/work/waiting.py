"""Unfinished work, and what was refused and not looked at, on the first page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.models import Account
from zhicheng.web.tasks import TaskGroup
from zhicheng.work.kinds import label_of
from zhicheng.work.models import UNFINISHED, Work, WorkState

SHOWN = 5


def waiting(account: Account) -> list[TaskGroup]:
    """One group; nothing when all is done and seen."""
    unsettled = Work.objects.filter(account=account, seen_at=None).exclude(state=WorkState.DONE)
    found = list(unsettled.defer("payload").order_by("id")[: SHOWN + 1])
    if not found:
        return []
    return [
        TaskGroup(
            title=_("后台处理"),
            count=len(found) if len(found) <= SHOWN else unsettled.count(),
            url=reverse("work:list"),
            oldest=found[0].asked_at if found[0].state in UNFINISHED else None,
            items=tuple(
                (
                    f"{label_of(work.kind)} {work.subject} · {work.get_state_display()}",
                    work.get_absolute_url(),
                    work.asked_at,
                )
                for work in found[:SHOWN]
            ),
            order=5,
        )
    ]
