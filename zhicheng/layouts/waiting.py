"""What waits about layouts: drafts that somebody else may put in use."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.layouts.models import LayoutState
from zhicheng.layouts.queries import versions
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import first_due
from zhicheng.web.tasks import TaskGroup


def drafts_waiting(account: Account) -> list[TaskGroup]:
    """Drafts that the officer had no hand in, the longest untouched first."""
    if not may(account, Action.LAYOUT_PUT_IN_USE):
        return []
    waiting = versions().filter(state=LayoutState.DRAFT).exclude(editors__contains=[account.pk])
    found = first_due(waiting.order_by("changed_at", "pk"), "changed_at", "layout.put_in_use")
    if not found:
        return []
    return [
        TaskGroup(
            title=_("套打版式草稿，核对后启用"),
            count=waiting.count(),
            url=f"{reverse('layouts:list')}?state={LayoutState.DRAFT.value}",
            oldest=found[0].changed_at,
            items=tuple((str(item), item.get_absolute_url(), item.changed_at) for item in found),
            clause="N8",
            order=75,
            kind="layout.put_in_use",
        )
    ]
