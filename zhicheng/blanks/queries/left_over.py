"""Blanks that are left over once a register is complete, and what may become of them (N5)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from zhicheng.blanks import ledger
from zhicheng.blanks.allotments import standing_of, standings_of
from zhicheng.blanks.models import (
    Allotment,
    AllotmentState,
    Custody,
    CustodyState,
    Disposal,
    Holding,
    SpareDisposal,
)
from zhicheng.blanks.queries.stock import visible
from zhicheng.blanks.spares import spare_disposal
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, merge

NOT_USED = (CustodyState.UNIT, CustodyState.SPARE)


def _accounts(*states: CustodyState) -> QuerySet[Custody]:
    """The accounts of an allotment's blanks that are in one of these states."""
    return Custody.objects.filter(
        register=OuterRef("register"), grade=OuterRef("grade"), state__in=states
    )


def _lying(*states: CustodyState) -> Coalesce:
    numbers = (
        _accounts(*states)
        .order_by()
        .values("register")
        .annotate(number=Sum("balance"))
        .values("number")
    )
    return Coalesce(Subquery(numbers), Value(0), output_field=BigIntegerField())


def left_over(account: Account) -> QuerySet[Any]:
    """Complete allotments with blanks that nobody needs: ``unused`` and ``spare_left``."""
    return (
        Allotment.objects.filter(visible(account, "register__"), state=AllotmentState.RECEIVED)
        .select_related("register", "register__issuing_unit", "register__reporting_unit")
        .defer("register__source")
        .annotate(
            unused=_lying(CustodyState.UNIT),
            spare_left=_lying(CustodyState.SPARE),
            issued=_lying(CustodyState.ON_CERTIFICATE),
        )
        .annotate(left=F("unused") + F("spare_left"))
        # Of the many allotments that are done with, only those that still hold some are summed up.
        .filter(Exists(_accounts(*NOT_USED).filter(balance__gt=0)), issued__gte=F("people"))
    )


@dataclass(frozen=True)
class LeftOver:
    """One register's left-over blanks of a grade."""

    spare: list[SerialRange]
    unused: list[SerialRange]
    policy: SpareDisposal
    complete: bool
    issued: int
    people: int

    @property
    def serials(self) -> list[SerialRange]:
        """All of them."""
        return merge([*self.spare, *self.unused])

    @property
    def number(self) -> int:
        """How many."""
        return count(self.serials)

    @property
    def text(self) -> str:
        """All of them, as a person would type them."""
        return "\n".join(str(item) for item in self.serials)

    @property
    def ways(self) -> list[Disposal]:
        """What the policy in force allows."""
        return self.policy.allowed


def of_register(register: Register, grade: str) -> LeftOver:
    """What is left over of one grade."""
    found: dict[str, list[SerialRange]] = {}
    for state, value in Holding.objects.filter(
        custody__register=register,
        custody__grade=grade,
        custody__state__in=NOT_USED,
    ).values_list("custody__state", "serials"):
        found.setdefault(state, []).append(ledger.from_range(value))
    standing = standing_of(register, grade)
    return LeftOver(
        merge(found.get(CustodyState.SPARE, [])),
        merge(found.get(CustodyState.UNIT, [])),
        spare_disposal(timezone.localdate()),
        standing.complete,
        standing.counts.get(CustodyState.ON_CERTIFICATE, 0),
        standing.people,
    )


def targets(register: Register, grade: str) -> list[tuple[int, str]]:
    """Registers of the same unit that could take blanks of this grade, and how many."""
    others = list(
        Register.objects.filter(
            issuing_unit=register.issuing_unit_id,
            allotments__grade=grade,
            allotments__state=AllotmentState.RECEIVED,
        )
        .exclude(pk=register.pk)
        .defer("source")
        .select_related("reporting_unit")
        .order_by("-id")[:50]
    )
    standings = standings_of([item.pk for item in others], grade)
    found = []
    for other in others:
        standing = standings[other.pk]
        if standing.room and not standing.complete:
            name = f"{other.number} {other.reporting_unit.name}（≤ {standing.room}）"
            found.append((other.pk, name))
    return found


def carried_over(account: Account) -> list[tuple[str, str, list[SerialRange]]]:
    """What units carry over, by unit and grade: for those who see it."""
    held = Holding.objects.filter(custody__state=CustodyState.CARRIED_OVER).select_related(
        "custody__organization"
    )
    if not account.organization.is_municipal_office and account.role != "auditor":
        held = held.filter(custody__organization=account.organization_id)
    found: dict[tuple[str, str], list[SerialRange]] = {}
    for item in held.order_by("custody__organization__name", "custody__grade", "serials"):
        key = (item.custody.organization.name, item.custody.get_grade_display())
        found.setdefault(key, []).append(ledger.from_range(item.serials))
    return [(unit, grade, merge(ranges)) for (unit, grade), ranges in found.items()]
