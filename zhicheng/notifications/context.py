"""How many unread notifications the bell shows; asked only by pages that have a bell."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from zhicheng.notifications.models import Notification
from zhicheng.organizations.models import Account

MOST_COUNTED = 99


def bell(request: HttpRequest) -> dict[str, object]:
    """Context processor: ``unread`` up to 100, which the page shows as 99+."""
    user = getattr(request, "user", None)
    if not isinstance(user, Account):
        return {}
    return {"unread": SimpleLazyObject(lambda: _unread(user)[: MOST_COUNTED + 1].count())}


def _unread(account: Account) -> QuerySet[Notification]:
    return Notification.objects.filter(account=account, shown=True, read_at=None).order_by()
