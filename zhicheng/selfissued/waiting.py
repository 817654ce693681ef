"""Reports that wait for the office, and those that came back to their unit."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.selfissued import queries
from zhicheng.selfissued.models import ReportState
from zhicheng.web.tasks import TaskGroup

SHOWN = 5


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
    found = list(rows.order_by("pk")[:SHOWN])
    if not found:
        return []
    return [
        TaskGroup(
            title=title,
            count=len(found) if len(found) < SHOWN else rows.count(),
            url=f"{reverse('selfissued:list')}?state={state}",
            oldest=found[0].decided_at or found[0].filed_at,
            items=tuple(
                (
                    _("%(number)s（%(count)d 本）")
                    % {"number": report.number, "count": report.people_count},
                    report.get_absolute_url(),
                    report.decided_at or report.filed_at,
                )
                for report in found
            ),
            clause="N16",
            order=75,
            kind=kind,
        )
    ]
