"""The journal as a list: every movement that an account may see."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhicheng.blanks.models import Custody, Movement
from zhicheng.blanks.queries.stock import RangeSize
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role


def movements(account: Account) -> QuerySet[Any]:
    """Movements with their ``size`` and whether they were ``taken_back``, the newest first.

    A unit sees those in or out of its own accounts.
    """
    rows = (
        Movement.objects.select_related(
            "source__organization",
            "target__organization",
            "source__register",
            "target__register",
            "moved_by",
        )
        .defer("source__register__source", "target__register__source")
        .annotate(
            size=RangeSize("serials"),
            taken_back=Exists(Movement.objects.filter(corrects=OuterRef("pk"))),
        )
        .order_by("-id")
    )
    if sees_all(account):
        return rows
    if account.role == Role.ADMINISTRATOR:
        return rows.none()
    ours = Custody.objects.filter(organization=account.organization_id).order_by().values("pk")
    return rows.filter(Q(source__in=ours) | Q(target__in=ours))
