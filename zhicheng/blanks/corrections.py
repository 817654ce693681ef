"""A movement made in error is taken back by a movement that names it, with a reason (invariant 2).

Nothing is changed or removed. Steps of an allotment are taken back as a whole, for all grades of
the register. Movements on which a certificate, an exchange or a case depends stay.
"""

from collections.abc import Sequence

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import correcting, ledger
from zhicheng.blanks.destruction import lapse_proposals
from zhicheng.blanks.lifecycle import ALLOTMENT
from zhicheng.blanks.models import (
    Allotment,
    AllotmentState,
    CustodyState,
    Movement,
    Reason,
    Spoilage,
)
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.holding import hold_shared, require_not_ended
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial
from zhicheng.values.text import hide_id_numbers

STEPS = (Reason.ALLOTMENT.value, Reason.HAND_OVER.value, Reason.RECEIPT.value)


def step_of(movement: Movement) -> list[Movement]:
    """The movements that are taken back together with this one."""
    if movement.reason not in STEPS:
        return [movement]
    register = movement.target.register_id or movement.source.register_id
    return list(
        Movement.objects.filter(
            target__register=register, reason=movement.reason, corrected_by=None
        )
        .select_related("source", "target")
        .order_by("id")
    )


@retrying
def correct(*, actor: Actor, movement_id: int, reason: str) -> list[Movement]:
    """Takes a movement back, as the municipal office's officer who didn't make it (N18).

    Raises Refusal when it was corrected before, its blanks went on since, something that can't be
    undone here depends on it, or who gave them has ended; the refusal says what to do instead.
    """
    require(actor, Action.MOVEMENT_CORRECT)
    with recorded(actor, Action.MOVEMENT_CORRECT) as record:
        movement = Movement.objects.select_related("source", "target").get(pk=movement_id)
        correcting.require_reason(reason)
        correcting.require_correctable(movement.reason, Reason(movement.reason).label)
        # The blanks come back to it.
        back = movement.source.organization_id
        require_not_ended(hold_shared(back)[back])
        register_id = movement.target.register_id or movement.source.register_id
        register = None
        if register_id is not None:
            register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        ledger.lock([movement.source, movement.target])
        if movement.corrected_by.exists():
            raise correcting.corrected_before(_name(movement))
        together = step_of(movement)
        ledger.lock(account for item in together for account in (item.source, item.target))
        account = account_of(actor)
        for item in together:
            correcting.require_second_person(
                item.moved_by_id, account.pk if account else None, _name(item)
            )
            _require_still_there(item)
        if movement.reason in STEPS and register is not None:
            _step_back(register, movement)
        _require_nothing_depends(movement)
        note = hide_id_numbers(reason.strip())[:200]
        written = [
            Movement(
                serials=item.serials,
                source=item.target,
                target=item.source,
                reason=Reason.CORRECTION,
                note=note,
                corrects=item,
                moved_by=account,
            )
            for item in together
        ]
        Movement.objects.bulk_create(written)
        lapsed = [
            proposal.number
            for item in together
            if item.target.state == CustodyState.RETURNED_SPOILED
            for proposal in lapse_proposals(item.target.grade, [ledger.from_range(item.serials)])
        ]
        record(
            subject=movement,
            data={
                "corrected": Reason(movement.reason).value,
                "serials": [_name(item) for item in together],
                "reason": note,
                **({"lapsed": lapsed} if lapsed else {}),
            },
        )
    return written


def _name(movement: Movement) -> str:
    return str(ledger.from_range(movement.serials))


def later_than(movement: Movement) -> Movement | None:
    """What moved some of its blanks on since; what was taken back doesn't count."""
    return (
        Movement.objects.filter(
            pk__gt=movement.pk,
            serials__overlap=movement.serials,
            corrects=None,
            corrected_by=None,
        )
        .order_by("id")
        .first()
    )


def _require_still_there(movement: Movement) -> None:
    """All serials lie where the movement put them."""
    later = later_than(movement)
    if later is not None:
        raise correcting.moved_on(_name(movement), Reason(later.reason).label, _name(later))


def _step_back(register: Register, movement: Movement) -> None:
    """The register's allotments go one step back."""
    after = {
        Reason.ALLOTMENT: AllotmentState.ALLOTTED,
        Reason.HAND_OVER: AllotmentState.HANDED_OVER,
        Reason.RECEIPT: AllotmentState.RECEIVED,
    }[Reason(movement.reason)]
    allotments = list(register.allotments.order_by("grade").select_for_update(no_key=True))
    for item in allotments:
        correcting.require_last_step(after.label, item.get_state_display(), item.state == after)
        correcting.require_no_difference([*item.missing_serials, *item.damaged_serials])
        item.state = ALLOTMENT.target(Action.MOVEMENT_CORRECT, item.state)
        if after != AllotmentState.ALLOTTED:
            item.received_at = item.received_by = None
        if after == AllotmentState.HANDED_OVER:
            item.handed_over_at = item.handed_over_by = None
            item.collected_by = ""
        item.save()


def _require_nothing_depends(movement: Movement) -> None:
    """No exchange was made for these spoiled blanks, and none of them serves a spoiled one."""
    serials = ledger.from_range(movement.serials)
    if movement.reason == Reason.RETURN_SPOILED:
        found = Spoilage.objects.filter(
            serial__range=(serials.first, serials.last), exchange__isnull=False
        ).first()
        if found is not None:
            raise correcting.exchanged(format_serial(found.serial))
    if movement.reason == Reason.TRANSFER:
        found = Spoilage.objects.filter(replaced_by__range=(serials.first, serials.last)).first()
        if found is not None:
            raise correcting.in_place_of(
                format_serial(found.replaced_by or 0), format_serial(found.serial)
            )


def correctable(movements: Sequence[Movement]) -> dict[int, bool]:
    """Whether each movement may be corrected as far as the ledger alone says: for buttons."""
    corrected = set(
        Movement.objects.filter(corrects__in=[item.pk for item in movements]).values_list(
            "corrects", flat=True
        )
    )
    return {
        item.pk: item.reason in correcting.CORRECTABLE and item.pk not in corrected
        for item in movements
    }


def withdrawn(register: Register) -> list[Allotment]:
    """Allotments of the register that a correction took back: for its page."""
    return list(
        Allotment.everything.filter(register=register, state=AllotmentState.WITHDRAWN).order_by(
            "-id"
        )
    )
