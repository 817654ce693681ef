"""Blanks and spares that are left over once a register is complete (N5, invariant 6).

The dated policy says which of three ways are open: back to the store, carried over to the unit's
next allotment, or moved to another register of the same unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import allotting, ledger, rules
from zhicheng.blanks.allotments import standing_of
from zhicheng.blanks.exchange import close_served_request, due_serials
from zhicheng.blanks.models import Custody, CustodyState, Disposal, Reason, Spoilage
from zhicheng.blanks.spares import spare_disposal
from zhicheng.bulk import update_rows
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, take


def _locked(*register_ids: int) -> dict[int, Register]:
    """The registers, locked in one order."""
    found = Register.objects.filter(pk__in=register_ids).order_by("pk")
    locked = {item.pk: item for item in found.select_for_update(no_key=True).defer("source")}
    for wanted in register_ids:
        if wanted not in locked:
            raise Register.DoesNotExist
    return locked


@dataclass
class Left:
    """What a register has left of one grade: accounts, and the serials in each."""

    register: Register
    grade: str
    accounts: list[Custody] = field(default_factory=list)
    held: dict[int, list[SerialRange]] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Register, grade: str, *others: Custody) -> "Left":
        """The register's blanks and spares, locked together with the other accounts."""
        unit_id = register.issuing_unit_id
        accounts = [
            ledger.custody(unit_id, state, grade, register.pk)
            for state in (CustodyState.SPARE, CustodyState.UNIT)
        ]
        ledger.lock([*accounts, *others])
        return cls(register, grade, accounts, ledger.held_in(accounts))

    @property
    def serials(self) -> list[SerialRange]:
        """All of them."""
        return [item for ranges in self.held.values() for item in ranges]

    def require(self, way: Disposal, serials: Sequence[SerialRange]) -> None:
        """Refuses what policy, progress of the register or custody forbid."""
        allowed = [item.value for item in spare_disposal(timezone.localdate()).allowed]
        labels = {item.value: str(item.label) for item in Disposal}
        allotting.require_allowed(way.value, allowed, labels)
        allotting.require_complete(standing_of(self.register, self.grade), self.register.number)
        allotting.require_held(serials, self.serials, self.register.number)

    def move(
        self, serials: Sequence[SerialRange], target: Custody, reason: Reason, actor: Actor
    ) -> None:
        """Moves the serials out of whichever account holds them."""
        for account in self.accounts:
            part = rules.common(serials, self.held.get(account.pk, []))
            ledger.move(part, source=account, target=target, reason=reason, actor=actor)


@retrying
def return_left_over(
    *, actor: Actor, register_id: int, grade: str, serials: Sequence[SerialRange]
) -> int:
    """The office counts left-over blanks in: back to the store (N5); gives how many."""
    with recorded(actor, Action.UNUSED_RETURN) as record:
        register = _locked(register_id)[register_id]
        require(actor, Action.UNUSED_RETURN, register)
        office = Organization.objects.municipal_office()
        store = ledger.custody(office, CustodyState.STORE, grade)
        left = Left.of(register, grade, store)
        left.require(Disposal.RETURN, serials)
        left.move(serials, store, Reason.RETURN_UNUSED, actor)
        record(subject=register, data={"grade": grade, "serials": rules.describe(serials)})
    return count(serials)


@retrying
def carry_over(
    *, actor: Actor, register_id: int, grade: str, serials: Sequence[SerialRange]
) -> int:
    """The unit keeps left-over blanks for its next register of that grade (N5)."""
    with recorded(actor, Action.UNUSED_CARRY_OVER) as record:
        register = _locked(register_id)[register_id]
        require(actor, Action.UNUSED_CARRY_OVER, register)
        kept = ledger.custody(register.issuing_unit_id, CustodyState.CARRIED_OVER, grade)
        left = Left.of(register, grade, kept)
        left.require(Disposal.CARRY_OVER, serials)
        left.move(serials, kept, Reason.CARRY_OVER, actor)
        record(subject=register, data={"grade": grade, "serials": rules.describe(serials)})
    return count(serials)


@retrying
def transfer(
    *,
    actor: Actor,
    register_id: int,
    grade: str,
    serials: Sequence[SerialRange],
    to_register_id: int,
) -> int:
    """Moves left-over blanks to another register of the same unit that is in work (N5).

    They take the places of spoiled blanks that wait for an exchange first, then of missing ones;
    the others are spares. The register never gets more than its people and spares.
    """
    with recorded(actor, Action.UNUSED_TRANSFER) as record:
        registers = _locked(register_id, to_register_id)
        register, other = registers[register_id], registers[to_register_id]
        require(actor, Action.UNUSED_TRANSFER, register)
        allotting.require_same_unit(
            register.issuing_unit_id,
            other.issuing_unit_id,
            same_register=register.pk == other.pk,
        )
        unit, spare = (
            ledger.custody(other.issuing_unit_id, state, grade, other.pk)
            for state in (CustodyState.UNIT, CustodyState.SPARE)
        )
        left = Left.of(register, grade, unit, spare)
        left.require(Disposal.TRANSFER, serials)
        standing = standing_of(other, grade)
        allotting.require_room(count(serials), standing, other.number)
        in_place = take(serials, standing.short)
        left.move(in_place, unit, Reason.TRANSFER, actor)
        left.move(rules.difference(serials, in_place), spare, Reason.TRANSFER, actor)
        _serve_spoiled(other, grade, in_place)
        close_served_request(other, grade)
        record(
            subject=register,
            data={"grade": grade, "serials": rules.describe(serials), "to": other.number},
        )
    return count(serials)


def _serve_spoiled(register: Register, grade: str, in_place: Sequence[SerialRange]) -> None:
    """Spoiled blanks that waited for an exchange have their spare now."""
    due = Spoilage.objects.filter(
        register=register, grade=grade, serial__in=due_serials(register.pk, grade)
    )
    waiting = due.order_by("serial").values_list("pk", flat=True)
    served = list(zip(waiting, rules.each(in_place), strict=False))
    if served:
        update_rows(
            Spoilage,
            ["needs_blank", "replaced_by"],
            [(pk, False, serial) for pk, serial in served],
        )
