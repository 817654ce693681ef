"""Where found blanks go, and what a register's people lack (N5, N9, invariant 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from zhicheng.blanks import ledger
from zhicheng.blanks.case_rules import BACK, SPOILED, STORE, require_place
from zhicheng.blanks.exchange import close_served_request
from zhicheng.blanks.models import (
    Allotment,
    AllotmentState,
    Custody,
    CustodyState,
    Holding,
    Movement,
    Reason,
    Replacement,
    Spoilage,
    SpoilReason,
)
from zhicheng.blanks.rules import describe, difference
from zhicheng.organizations.models import Account, Organization
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, merge, take

# Blanks with which a register's people can get, or got, their certificates.
AT_WORK = (
    CustodyState.RESERVED,
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
)
USED = (CustodyState.UNIT, CustodyState.SPARE, CustodyState.FILLING)


@dataclass(frozen=True)
class Need:
    """A register's people of a grade, the blanks at work for them, and what they may claim."""

    people: int
    at_work: int
    spares: int
    due: tuple[Spoilage, ...]
    written_off: int
    to_store: int
    replaced: int

    @property
    def gone(self) -> int:
        """Lost blanks that don't come back to the register: written off, or found and stored."""
        return self.written_off + self.to_store


def register_need(register_id: int, grade: str) -> Need:
    """Counted from the ledger, under the caller's locks where it matters."""
    lying: dict[str, int] = {}
    spoiled: list[SerialRange] = []
    for state, serials in Holding.objects.filter(
        custody__register=register_id, custody__grade=grade
    ).values_list("custody__state", "serials"):
        item = ledger.from_range(serials)
        lying[state] = lying.get(state, 0) + len(item)
        if state == CustodyState.SPOILED:
            spoiled.append(item)
    due = Spoilage.objects.filter(
        register=register_id, grade=grade, needs_blank=True, exchange=None
    ).order_by("id")
    people = Allotment.objects.filter(register=register_id, grade=grade).values_list("people")
    replaced = Replacement.objects.filter(register=register_id, grade=grade)
    stored = Movement.objects.filter(
        source__register=register_id,
        source__grade=grade,
        source__state=CustodyState.LOST,
        target__state=CustodyState.STORE,
    ).values_list("serials", flat=True)
    return Need(
        people=sum(number for (number,) in people),
        at_work=sum(lying.get(state, 0) for state in AT_WORK),
        spares=lying.get(CustodyState.SPARE, 0),
        due=tuple(item for item in due if any(item.serial in held for held in spoiled)),
        written_off=lying.get(CustodyState.WRITTEN_OFF, 0),
        to_store=sum(len(ledger.from_range(item)) for item in stored),
        replaced=replaced.aggregate(n=Sum("count"))["n"] or 0,
    )


def bring_back(
    found: Sequence[SerialRange], *, lost: Custody, origin: Custody, place: str, actor: Account
) -> list[str]:
    """Moves found blanks out of loss; gives where they went, in words."""
    require_place(place, [origin.state])
    office = Organization.objects.municipal_office()
    state = CustodyState(origin.state)
    if lost.reissue is not None:
        targets = [_of_a_reissue(found, lost, origin, place, actor)]
    elif place == STORE:
        targets = [(ledger.custody(office, CustodyState.STORE, lost.grade), list(found))]
    elif state is CustodyState.FILLING or (place == SPOILED and state in USED):
        targets = [_spoil(found, lost, actor, written=state is CustodyState.FILLING)]
    elif place == SPOILED and state not in (CustodyState.SPOILED, CustodyState.RETURNED_SPOILED):
        waste = ledger.custody(office, CustodyState.RETURNED_SPOILED, lost.grade)
        targets = [(waste, list(found))]
    else:
        assert place in (BACK, SPOILED)
        targets = _back(found, lost, origin, office)
    words = []
    for target, ranges in targets:
        if ranges:
            ledger.move(ranges, source=lost, target=target, reason=Reason.FOUND, actor=actor)
            words.append(f"{'、'.join(describe(ranges)[:5])} {target.get_state_display()}")
    return words


def _of_a_reissue(
    found: Sequence[SerialRange], lost: Custody, origin: Custody, place: str, actor: Account
) -> tuple[Custody, list[SerialRange]]:
    """An empty blank goes to the store: its application may have ended, or got another (N11).

    One that was written on, or is no longer fit, is a spoiled one of its application; nothing is
    exchanged for it.
    """
    state = CustodyState(origin.state)
    office = Organization.objects.municipal_office()
    if state is CustodyState.UNIT and place != SPOILED:
        return ledger.custody(office, CustodyState.STORE, lost.grade), list(found)
    serials = [n for item in merge(found) for n in range(item.first, item.last + 1)]
    known = set(Spoilage.objects.filter(serial__in=serials).values_list("serial", flat=True))
    written = state is CustodyState.FILLING
    Spoilage.objects.bulk_create(
        Spoilage(
            serial=serial,
            grade=lost.grade,
            reissue=lost.reissue,
            reason=SpoilReason.OTHER if written else SpoilReason.DAMAGED,
            note="遗失后找回，已填制过" if written else "遗失后找回，已损坏",
            needs_blank=False,
            spoiled_by=actor,
        )
        for serial in serials
        if serial not in known
    )
    target = ledger.custody(
        origin.organization_id, CustodyState.SPOILED, lost.grade, reissue=lost.reissue
    )
    return target, list(found)


def _back(
    found: Sequence[SerialRange], lost: Custody, origin: Custody, office: Organization
) -> list[tuple[Custody, list[SerialRange]]]:
    state = CustodyState(origin.state)
    if state in (CustodyState.RESERVED, CustodyState.IN_TRANSIT):
        allotment = Allotment.objects.get(register=lost.register_id, grade=lost.grade)
        waits = {
            CustodyState.RESERVED: AllotmentState.ALLOTTED,
            CustodyState.IN_TRANSIT: AllotmentState.HANDED_OVER,
        }
        if allotment.state == waits[state]:
            return [(origin, list(found))]
        if state is CustodyState.RESERVED:
            # The others have left the office: this one serves another register.
            return [(ledger.custody(office, CustodyState.STORE, lost.grade), list(found))]
    elif state not in USED:
        if state is CustodyState.SPOILED:
            _due_no_more(found, lost)
        return [(origin, list(found))]
    return _to_the_unit(found, lost)


def _due_no_more(found: Sequence[SerialRange], lost: Custody) -> None:
    """Spoiled blanks whose people were served while they were lost ask for no exchange (N9)."""
    assert lost.register_id is not None
    need = register_need(lost.register_id, lost.grade)
    lacking = max(0, need.people - need.at_work - len(need.due))
    waiting = [
        pk
        for pk, serial in Spoilage.objects.filter(
            register=lost.register_id, grade=lost.grade, needs_blank=True, exchange=None
        )
        .order_by("serial")
        .values_list("pk", "serial")
        if any(serial in item for item in found)
    ]
    Spoilage.objects.filter(pk__in=waiting[lacking:]).update(needs_blank=False)


def _to_the_unit(
    found: Sequence[SerialRange], lost: Custody
) -> list[tuple[Custody, list[SerialRange]]]:
    """To be filled in while people of the register lack a blank, else a spare (N9)."""
    assert lost.register_id is not None
    register_id, grade = lost.register_id, lost.grade
    need = register_need(register_id, grade)
    lacking = max(0, need.people - (need.at_work - need.spares))
    to_fill = take(found, lacking)
    # Who has neither a blank nor a spoiled one to exchange comes first; then a spoiled one needs
    # no exchange any more.
    served = max(0, count(to_fill) - max(0, lacking - len(need.due)))
    serials = [n for item in to_fill for n in range(item.first, item.last + 1)]
    for spoilage, serial in zip(need.due, serials[len(serials) - served :], strict=False):
        spoilage.replaced_by, spoilage.needs_blank = serial, False
        spoilage.save(update_fields=["replaced_by", "needs_blank"])
    if served:
        close_served_request(Register.objects.get(pk=register_id), grade)
    unit_id = _unit_of(lost)
    return [
        (ledger.custody(unit_id, CustodyState.UNIT, grade, register_id), to_fill),
        (
            ledger.custody(unit_id, CustodyState.SPARE, grade, register_id),
            difference(found, to_fill),
        ),
    ]


def _unit_of(lost: Custody) -> int:
    """The issuing unit of the register that the blanks were allotted to."""
    assert lost.register is not None
    return lost.register.issuing_unit_id


def _spoil(
    found: Sequence[SerialRange], lost: Custody, actor: Account, *, written: bool
) -> tuple[Custody, list[SerialRange]]:
    """Found, but no longer blank or no longer fit: a spoiled one of its register (N9)."""
    assert lost.register_id is not None
    need = register_need(lost.register_id, lost.grade)
    lacking = max(0, need.people - need.at_work - len(need.due))
    serials = [n for item in merge(found) for n in range(item.first, item.last + 1)]
    Spoilage.objects.bulk_create(
        Spoilage(
            serial=serial,
            grade=lost.grade,
            register_id=lost.register_id,
            reason=SpoilReason.OTHER if written else SpoilReason.DAMAGED,
            note="遗失后找回，已填制过" if written else "遗失后找回，已损坏",
            needs_blank=position < lacking,
            spoiled_by=actor,
        )
        for position, serial in enumerate(serials)
    )
    target = ledger.custody(_unit_of(lost), CustodyState.SPOILED, lost.grade, lost.register_id)
    return target, list(found)
