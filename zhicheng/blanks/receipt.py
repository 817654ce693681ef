"""The unit's side of a hand-over: receives, and names every difference on the spot (N5, N18)."""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import allotting, ledger, rules
from zhicheng.blanks.allotments import stepping
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.models import (
    Allotment,
    BlankCase,
    CaseKind,
    Custody,
    CustodyState,
    Reason,
    Spoilage,
    SpoilReason,
)
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, parse_ranges, take

DAMAGED_ON_THE_WAY = "签收时发现损坏"


@retrying
def receive(
    *,
    actor: Account,
    register_id: int,
    missing: Sequence[SerialRange] = (),
    damaged: Sequence[SerialRange] = (),
    note: str = "",
) -> list[Allotment]:
    """The issuing unit confirms that it has the blanks: people's and spares apart (N5, N18).

    Serials that stand on the slip and didn't arrive are lost and open a case; damaged ones are
    spoiled at the unit. Spares take the places of both; what is still short is exchanged.
    """
    with recorded(actor, Action.ALLOTMENT_RECEIVE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.ALLOTMENT_RECEIVE, register)
        allotments = stepping(register, Action.ALLOTMENT_RECEIVE)
        unit_id, moved, cases = register.issuing_unit_id, [], []
        sources = {
            item.grade: ledger.custody(unit_id, CustodyState.IN_TRANSIT, item.grade, register.pk)
            for item in allotments
        }
        ledger.lock(sources.values())
        on_slip = ledger.held_in(sources.values())
        everything = [serial for ranges in on_slip.values() for serial in ranges]
        allotting.require_difference(missing, damaged, everything)
        for item in allotments:
            rules.require_other_side(item.handed_over_by_id, actor.pk)
            serials = on_slip.get(sources[item.grade].pk, [])
            receipt = Receipt(register, item, actor, sources[item.grade], serials)
            lost = rules.common(missing, serials)
            spoiled = rules.common(damaged, serials)
            receipt.take_in(lost, spoiled)
            if lost:
                cases.append(receipt.lose(lost, note))
            item.missing_serials = rules.describe(lost)
            item.damaged_serials = rules.describe(spoiled)
            item.received_at = timezone.now()
            item.received_by = actor
            item.save()
            moved += rules.describe(rules.difference(serials, [*lost, *spoiled]))
        record(
            subject=register,
            data={
                "serials": moved,
                **({"missing": rules.describe(missing)} if missing else {}),
                **({"damaged": rules.describe(damaged)} if damaged else {}),
                **({"cases": [case.number for case in cases]} if cases else {}),
            },
        )
    return allotments


class Receipt:
    """One grade of a hand-over that arrives at the unit."""

    def __init__(
        self,
        register: Register,
        allotment: Allotment,
        actor: Account,
        source: Custody,
        serials: Sequence[SerialRange],
    ) -> None:
        self.register, self.allotment, self.actor = register, allotment, actor
        self.source, self.serials = source, serials

    def _account(self, state: CustodyState) -> Custody:
        unit_id = self.register.issuing_unit_id
        return ledger.custody(unit_id, state, self.allotment.grade, self.register.pk)

    def take_in(self, lost: Sequence[SerialRange], spoiled: Sequence[SerialRange]) -> None:
        """Good ones to the people first, the rest are spares; damaged ones are spoiled."""
        unit, spare = self._account(CustodyState.UNIT), self._account(CustodyState.SPARE)
        ledger.lock([self.source, unit, spare])
        good = rules.difference(self.serials, [*lost, *spoiled])
        carried = parse_ranges(",".join(self.allotment.carried_serials))
        share = allotting.share(self.allotment.people, self.allotment.spares, carried, "")
        # A receipt that was corrected may have drawn spares before; they serve people already.
        drawn_before = max(0, count(ledger.held(unit)) - count(share.carried_as_rows))
        due = max(0, share.rows_from_store - drawn_before)
        for_rows = take(good, due)
        for target, part in ((unit, for_rows), (spare, rules.difference(good, for_rows))):
            ledger.move(
                part, source=self.source, target=target, reason=Reason.RECEIPT, actor=self.actor
            )
        # Spares that lie at the unit already, carried over, serve people who would be short.
        short = due - count(for_rows)
        drawn = take(ledger.held(spare), short) if short else []
        ledger.move(drawn, source=spare, target=unit, reason=Reason.SPARE, actor=self.actor)
        if spoiled:
            target = self._account(CustodyState.SPOILED)
            ledger.move(
                spoiled,
                source=self.source,
                target=target,
                reason=Reason.SPOILAGE,
                actor=self.actor,
                note=DAMAGED_ON_THE_WAY,
            )
            self._write_spoiled(spoiled, [*for_rows, *drawn])

    def _write_spoiled(
        self, spoiled: Sequence[SerialRange], for_rows: Sequence[SerialRange]
    ) -> None:
        """Which spare took the place of which damaged blank; those without one are exchanged."""
        meant_for_rows = parse_ranges(",".join(self.allotment.row_serials))
        stood_in = rules.each(rules.difference(for_rows, meant_for_rows))
        for_people = rules.common(spoiled, meant_for_rows)
        replaced = dict(zip(rules.each(for_people), stood_in, strict=False))
        Spoilage.objects.bulk_create(
            Spoilage(
                serial=serial,
                grade=self.allotment.grade,
                register=self.register,
                reason=SpoilReason.DAMAGED,
                note=DAMAGED_ON_THE_WAY,
                replaced_by=replaced.get(serial),
                needs_blank=serial not in replaced and any(serial in r for r in for_people),
                spoiled_by=self.actor,
            )
            for serial in rules.each(spoiled)
        )

    def lose(self, lost: Sequence[SerialRange], note: str) -> BlankCase:
        """What didn't arrive is lost, and somebody looks for it."""
        target = self._account(CustodyState.LOST)
        ledger.move(lost, source=self.source, target=target, reason=Reason.LOSS, actor=self.actor)
        return open_case(
            kind=CaseKind.RECEIPT_DIFFERENCE,
            grade=self.allotment.grade,
            serials=lost,
            holder=self.register.issuing_unit_id,
            register_id=self.register.pk,
            note=f"签收 {self.register.number} 的空白证书时缺少 {count(lost)} 本。{note}",
            actor=self.actor,
        )
