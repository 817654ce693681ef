"""What waits for the discipline inspector: anomalies nobody has looked at, open inquiries (N18)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.anomalies.queries import not_looked_at, open_inquiries
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import first_due
from zhicheng.web.tasks import TaskGroup


def anomalies_waiting(account: Account) -> list[TaskGroup]:
    """Two groups; empty ones are left out by the page."""
    if not may(account, Action.ANOMALY_VIEW):
        return []
    unseen, inquiries = not_looked_at().order_by("first_found_at", "pk"), open_inquiries()
    some = first_due(unseen, "first_found_at", "anomaly.look_into")
    opened = first_due(inquiries.order_by("opened_at", "pk"), "opened_at", "inquiry.close")
    return [
        TaskGroup(
            title=_("待办理异常线索"),
            count=unseen.count() if some else 0,
            url=f"{reverse('anomalies:list')}?progress=new",
            oldest=some[0].first_found_at if some else None,
            items=tuple((item.told, item.get_absolute_url(), item.first_found_at) for item in some),
            clause="N18",
            order=45,
            kind="anomaly.look_into",
        ),
        TaskGroup(
            title=_("核查中的案卷"),
            count=inquiries.count() if opened else 0,
            url=f"{reverse('anomalies:inquiries')}?progress=open",
            oldest=opened[0].opened_at if opened else None,
            items=tuple(
                (f"{item.number} {item.subject}", item.get_absolute_url(), item.opened_at)
                for item in opened
            ),
            clause="N18",
            order=46,
            kind="inquiry.close",
        ),
    ]
