"""A custodian's statement: what came in and went out, and the balance after each line."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce

from zhicheng.blanks.models import CustodyState, Movement
from zhicheng.blanks.queries.past import counts_at
from zhicheng.blanks.queries.stock import RangeSize

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Scope:
    """Which accounts: an organisation's, of one grade and one state where these are named.

    The printer's account is never among them: a delivery comes in from outside.
    """

    organization_id: int
    grade: str = ""
    state: str = ""

    def accounts(self, side: str) -> Q:
        """The movements whose ``side`` (source or target) is one of the accounts."""
        found = Q(**{f"{side}__organization": self.organization_id})
        if self.grade:
            found &= Q(**{f"{side}__grade": self.grade})
        if self.state:
            return found & Q(**{f"{side}__state": self.state})
        return found & ~Q(**{f"{side}__state": CustodyState.PRINTER})

    def balance(self, moment: datetime) -> int:
        """What the accounts held at that moment."""
        return sum(
            number
            for (grade, state), number in counts_at(self.organization_id, moment).items()
            if self.grade in ("", grade) and self.state in ("", state)
        )


@dataclass(frozen=True)
class Totals:
    """The balances at both ends, each looked up for itself, and what lies between them."""

    opening: int
    came_in: int
    went_out: int
    closing: int

    @property
    def adds_up(self) -> bool:
        """Whether the lines explain the difference."""
        return self.opening + self.came_in - self.went_out == self.closing


def _crossing(scope: Scope, since: datetime, until: datetime) -> QuerySet[Any]:
    """Movements that have one end in the accounts and the other outside."""
    inside, outside = scope.accounts("target"), scope.accounts("source")
    size = RangeSize("serials")
    return (
        Movement.objects.filter(moved_at__gte=since, moved_at__lt=until)
        .filter(inside & ~outside | outside & ~inside)
        .annotate(
            change=Case(When(inside, then=size), default=-size, output_field=BigIntegerField())
        )
    )


def totals(scope: Scope, since: datetime, until: datetime) -> Totals:
    """Opening and closing balance and the sums between: a fixed number of queries."""
    sums = (
        _crossing(scope, since, until)
        .order_by()
        .aggregate(
            came=Coalesce(Sum("change", filter=Q(change__gt=0)), Value(0)),
            went=Coalesce(Sum("change", filter=Q(change__lt=0)), Value(0)),
        )
    )
    return Totals(
        scope.balance(since - INSTANT),
        int(sums["came"]),
        -int(sums["went"]),
        scope.balance(until - INSTANT),
    )


def lines(scope: Scope, since: datetime, until: datetime, *, opening: int) -> QuerySet[Any]:
    """The lines in the order of time, each with its ``change`` and the ``balance`` after it."""
    return (
        _crossing(scope, since, until)
        .select_related(
            "source__organization",
            "target__organization",
            "source__register",
            "target__register",
            "moved_by",
        )
        .defer("source__register__source", "target__register__source")
        .annotate(
            balance=Value(opening, output_field=BigIntegerField())
            + Window(Sum("change"), order_by=[F("moved_at").asc(), F("pk").asc()])
        )
        .order_by("moved_at", "pk")
    )
