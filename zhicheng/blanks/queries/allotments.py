"""Registers on their way to their blanks: waiting, allotted, handed over, received."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks import allotting, ledger, rules
from zhicheng.blanks.models import Allotment, AllotmentState, Custody, CustodyState, Holding
from zhicheng.blanks.queries.stock import GRADES, visible
from zhicheng.blanks.spares import spare_policy
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.serials import SerialRange, count

TO_ALLOT = "to_allot"


def allotments(account: Account) -> QuerySet[Any]:
    """Accepted registers with their people and how far their blanks are (``progress``)."""
    of_register = Allotment.objects.filter(register=OuterRef("pk")).order_by()

    def summed(column: str) -> Coalesce:
        numbers = of_register.values("register").annotate(number=Sum(column)).values("number")
        return Coalesce(Subquery(numbers), Value(0), output_field=BigIntegerField())

    return (
        Register.objects.filter(visible(account), state=RegisterState.ACCEPTED)
        .defer("source")
        .select_related("reporting_unit", "issuing_unit")
        .annotate(
            progress=Coalesce(
                Subquery(of_register.values("state")[:1]),
                Value(TO_ALLOT),
                output_field=CharField(),
            ),
            people=summed("people"),
            spares=summed("spares"),
            allotted_at=Subquery(
                of_register.values("register").annotate(at=Min("allotted_at")).values("at")
            ),
            handed_over_at=Subquery(
                of_register.values("register").annotate(at=Min("handed_over_at")).values("at")
            ),
        )
        .order_by("-accepted_at", "-id")
    )


# Of what is in force: a withdrawn allotment leaves its register waiting for another.
PROGRESS_LABELS: Mapping[str, str | Promise] = {
    TO_ALLOT: _("待配发"),
    **{state.value: state.label for state in AllotmentState if state != AllotmentState.WITHDRAWN},
}


def at(rows: QuerySet[Register], progress: str) -> QuerySet[Register]:
    """Those of the registers that are so far: one of ``PROGRESS_LABELS``.

    By what allotments there are, not by each one's ``progress``: there are ever more registers.
    """
    if progress == TO_ALLOT:
        return rows.filter(~Exists(Allotment.objects.filter(register=OuterRef("pk"))))
    return rows.filter(pk__in=Allotment.objects.filter(state=progress).values("register"))


@dataclass(frozen=True)
class Preview:
    """What the allotment of one grade of a register would be, and whether the store has it."""

    grade_label: str
    people: int
    spares: int
    store: int
    serials: list[SerialRange]
    grade: str = ""
    carried: int = 0

    @property
    def total(self) -> int:
        """People and spares, less what the unit carried over."""
        return self.people + self.spares - self.carried

    @property
    def missing(self) -> int:
        """How many blanks the store lacks."""
        return max(0, self.total - self.store)


def preview(register: Register, day: date) -> tuple[list[Preview], str]:
    """What ``actions.allot_register`` would write now, and the share of spares in per cent."""
    policy = spare_policy(day)
    people = dict(
        RegisterRow.objects.filter(register=register, accepted=True)
        .order_by()
        .values_list("grade")
        .annotate(people=Count("id"))
    )
    stores = {
        store.grade: store
        for store in Custody.objects.filter(state=CustodyState.STORE, grade__in=people)
    }
    kept: dict[str, list[SerialRange]] = {}
    for grade, serials in Holding.objects.filter(
        custody__state=CustodyState.CARRIED_OVER, custody__organization=register.issuing_unit_id
    ).values_list("custody__grade", "serials"):
        kept.setdefault(grade, []).append(ledger.from_range(serials))
    lines = []
    for grade in GRADES:
        if grade in people:
            spares = rules.spares_due(people[grade], policy.rate, round_up=policy.round_up)
            share = allotting.share(people[grade], spares, kept.get(grade, []), str(grade.label))
            store = stores.get(grade)
            lines.append(
                Preview(
                    str(grade.label),
                    people[grade],
                    spares,
                    in_store(store),
                    ledger.lowest(store, share.total_from_store) if store else [],
                    grade.value,
                    count(share.carried),
                )
            )
    return lines, f"{(policy.rate * 100).normalize():f}"


def in_store(store: Custody | None) -> int:
    """How many blanks lie there."""
    return store.balance if store else 0


def allotments_of(register: Register) -> list[Allotment]:
    """The register's allotments with the people who signed for them, senior grade first."""
    found = register.allotments.select_related("allotted_by", "handed_over_by", "received_by")
    return sorted(found, key=lambda item: GRADES.index(Grade(item.grade)))


def waiting(account: Account, progress: str) -> QuerySet[Any]:
    """Registers in this state of allotment; of a unit only those that it issues itself."""
    rows = at(allotments(account), progress)
    if not sees_all(account):
        rows = rows.filter(issuing_unit=account.organization_id)
    return rows.order_by()
