"""Reports that wait for the office, and those that came back to their unit."""

from typing import Any

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.selfissued import queries
from zhicheng.selfissued.models import ReportState
from zhicheng.web.deadlines import NAMED, first_due
from zhicheng.web.tasks import TaskGroup


def waiting(account: Account) -> list[TaskGroup]:
    """One group: to accept for the office, to mend for the unit."""
    if may(account, Action.SELF_ISSUED_ACCEPT):
        rows = queries.reports(account).filter(state=ReportState.FILED)
        title, state, kind = _("待收录的自主发放证书"), "filed", "self_issued.accept"
    elif may(account, Action.SELF_ISSUED_REPORT, account.organization):
        rows = queries.to_correct(account.organization_id)
        title, state, kind = _("被退回的自主发放证书报送"), "returned", "self_issued.correct"
    else:
        return []
    dated = rows.annotate(since=Coalesce("decided_at", "filed_at")).order_by("since", "pk")
    found: list[Any] = first_due(dated, "since", kind)
    if not found:
        return []
    return [
        TaskGroup(
            title=title,
            count=len(found) if len(found) < NAMED else rows.count(),
            url=f"{reverse('selfissued:list')}?state={state}",
            oldest=found[0].since,
            items=tuple(
                (
                    _("%(number)s（%(count)d 本）")
                    % {"number": report.number, "count": report.people_count},
                    report.get_absolute_url(),
                    report.since,
                )
                for report in found
            ),
            clause="N16",
            order=75,
            kind=kind,
        )
    ]
