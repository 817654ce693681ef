"""Every change of the stock: print runs, allotment, hand-over, exchange, destruction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger, rules
from zhicheng.blanks.lifecycle import ALLOTMENT
from zhicheng.blanks.models import (
    Allotment,
    CustodyState,
    Destruction,
    Exchange,
    PrintRun,
    Reason,
    SparePolicy,
    Spoilage,
)
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import (
    SerialRange,
    count,
    format_serial,
    parse_ranges,
    ranges_of,
    take,
)


def _account(actor: Actor) -> Account | None:
    return actor if isinstance(actor, Account) else None


@retrying
def record_print_run(
    *,
    actor: Actor,
    grade: str,
    serials: SerialRange,
    received_on: date,
    printer: str = "",
) -> PrintRun:
    """Takes a delivery of printed blanks into the municipal store (N1).

    Raises Refusal when one of the serials was printed before.
    """
    require(actor, Action.PRINT_RUN_RECORD)
    office = Organization.objects.municipal_office()
    with recorded(actor, Action.PRINT_RUN_RECORD) as record:
        source = ledger.custody(office, CustodyState.PRINTER, grade)
        target = ledger.custody(office, CustodyState.STORE, grade)
        ledger.lock([source, target])
        clash = PrintRun.objects.filter(serials__overlap=ledger.as_range(serials)).first()
        if clash is not None:
            raise Refusal(
                "print_run.printed_before",
                "这批编号中有空白证书已经入库，同一编号只能印制一次。",
                clause="N1",
                found=f"与 {ledger.from_range(clash.serials)} 重叠",
                expected="未使用过的编号区间",
                mend="请核对送货单上的起止编号。",
            )
        run = PrintRun.objects.create(
            serials=ledger.as_range(serials),
            grade=grade,
            printer=printer,
            received_on=received_on,
            custody=source,
            recorded_by=_account(actor),
        )
        ledger.move([serials], source=source, target=target, reason=Reason.DELIVERY, actor=actor)
        record(subject=run, data={"grade": grade, "serials": str(serials), "count": len(serials)})
    return run


def set_spare_policy(
    *, actor: Actor, valid_from: date, rate: Decimal, round_up: bool = True
) -> SparePolicy:
    """Sets the share of spares from a day on; earlier allotments keep theirs (N5)."""
    require(actor, Action.SPARE_POLICY_SET)
    if not 0 <= rate <= 1:
        raise Refusal(
            "spare_policy.not_a_share",
            "超发比例应在 0% 与 100% 之间。",
            clause="N5",
            found=f"{rate:%}",
            expected="例如 5%",
        )
    with recorded(actor, Action.SPARE_POLICY_SET) as record:
        policy, _created = SparePolicy.objects.update_or_create(
            valid_from=valid_from, defaults={"rate": rate, "round_up": round_up}
        )
        record(
            subject=policy,
            data={
                "valid_from": valid_from.isoformat(),
                "rate": str(rate),
                "round_up": round_up,
            },
        )
    return policy


def spare_policy(day: date) -> SparePolicy:
    """The policy in force on ``day``; the notice's own 5 % when none was set."""
    found = SparePolicy.objects.filter(valid_from__lte=day).first()
    return found or SparePolicy(valid_from=day, rate=Decimal("0.05"), round_up=True)


@retrying
def allot_register(*, actor: Actor, register_id: int) -> list[Allotment]:
    """Reserves blanks for an accepted register: its people of each grade and 5 % spares (N5).

    All grades or none. Raises Refusal when the register isn't accepted, was allotted already, or
    the store is too low.
    """
    with recorded(actor, Action.ALLOTMENT_ALLOT) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.ALLOTMENT_ALLOT, register)
        if register.state != RegisterState.ACCEPTED:
            raise Refusal(
                "allotment.register_not_accepted",
                "空白证书按已受理的登记表配发。",
                clause="N5",
                found=register.get_state_display(),
                expected=str(RegisterState.ACCEPTED.label),
                mend="请先受理登记表。",
            )
        if register.allotments.exists():
            raise Refusal(
                "allotment.twice",
                "该登记表已经配发过空白证书。",
                clause="N5",
                found=f"{register.number} 已配发",
                expected="每份登记表只配发一次",
            )
        wanted = dict(
            RegisterRow.objects.filter(register=register, accepted=True)
            .values_list("grade")
            .annotate(people=Count("id"))
            .order_by()
        )
        policy = spare_policy(timezone.localdate())
        office = Organization.objects.municipal_office()
        allotments = []
        stores = {g: ledger.custody(office, CustodyState.STORE, g) for g in sorted(wanted)}
        ledger.lock(stores.values())
        for grade, store in stores.items():
            people = wanted[grade]
            spares = rules.spares_due(people, policy.rate, round_up=policy.round_up)
            serials = ledger.lowest(store, people + spares)
            rules.require_stock(people + spares, serials, str(Grade(grade).label))
            for_rows = take(serials, people)
            reserved = ledger.custody(office, CustodyState.RESERVED, grade, register.pk)
            ledger.move(
                serials, source=store, target=reserved, reason=Reason.ALLOTMENT, actor=actor
            )
            allotment = Allotment.objects.create(
                register=register,
                grade=grade,
                people=people,
                spares=spares,
                rate=policy.rate,
                row_serials=rules.describe(for_rows),
                spare_serials=rules.describe(rules.difference(serials, for_rows)),
                allotted_by=_account(actor),
            )
            allotments.append(allotment)
        record(
            subject=register,
            data={
                "allotted": [
                    {
                        "grade": item.grade,
                        "people": item.people,
                        "spares": item.spares,
                        "serials": item.row_serials + item.spare_serials,
                    }
                    for item in allotments
                ]
            },
        )
    return allotments


def _allotments(register: Register, action: Action) -> list[Allotment]:
    found = list(register.allotments.order_by("grade").select_for_update(no_key=True))
    if not found:
        raise Refusal(
            "allotment.none",
            "该登记表还没有配发空白证书。",
            clause="N5",
            found=register.number,
            expected="已配发",
            mend="请先由市职改办配发。",
        )
    for item in found:
        item.state = ALLOTMENT.target(action, item.state)
    return found


@retrying
def hand_over(*, actor: Actor, register_id: int, collected_by: str) -> list[Allotment]:
    """Hands the reserved blanks of a register over to whoever collects them for the unit."""
    with recorded(actor, Action.ALLOTMENT_HAND_OVER) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.ALLOTMENT_HAND_OVER, register)
        if not collected_by.strip():
            raise Refusal(
                "allotment.nobody_collects",
                "移交时须登记领取人姓名。",
                clause="N18",
                found="领取人为空",
                expected="领取人姓名",
            )
        allotments = _allotments(register, Action.ALLOTMENT_HAND_OVER)
        office = Organization.objects.municipal_office()
        moved = []
        for item in allotments:
            source = ledger.custody(office, CustodyState.RESERVED, item.grade, register.pk)
            target = ledger.custody(
                register.issuing_unit_id, CustodyState.IN_TRANSIT, item.grade, register.pk
            )
            ledger.lock([source, target])
            serials = ledger.held(source)
            ledger.move(serials, source=source, target=target, reason=Reason.HAND_OVER, actor=actor)
            item.handed_over_at = timezone.now()
            item.handed_over_by = _account(actor)
            item.collected_by = collected_by.strip()
            item.save()
            moved += rules.describe(serials)
        record(subject=register, data={"serials": moved, "collected_by": collected_by.strip()})
    return allotments


@retrying
def receive(*, actor: Account, register_id: int) -> list[Allotment]:
    """The issuing unit confirms that it has the blanks: people's and spares apart (N5, N18)."""
    with recorded(actor, Action.ALLOTMENT_RECEIVE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.ALLOTMENT_RECEIVE, register)
        allotments = _allotments(register, Action.ALLOTMENT_RECEIVE)
        unit_id, moved = register.issuing_unit_id, []
        for item in allotments:
            rules.require_other_side(item.handed_over_by_id, actor.pk)
            source = ledger.custody(unit_id, CustodyState.IN_TRANSIT, item.grade, register.pk)
            rows = ledger.custody(unit_id, CustodyState.UNIT, item.grade, register.pk)
            spares = ledger.custody(unit_id, CustodyState.SPARE, item.grade, register.pk)
            ledger.lock([source, rows, spares])
            serials = ledger.held(source)
            for_rows = take(serials, item.people)
            for target, part in (
                (rows, for_rows),
                (spares, rules.difference(serials, for_rows)),
            ):
                ledger.move(part, source=source, target=target, reason=Reason.RECEIPT, actor=actor)
            item.received_at = timezone.now()
            item.received_by = actor
            item.save()
            moved += rules.describe(serials)
        record(subject=register, data={"serials": moved})
    return allotments


@retrying
def exchange_spoiled(
    *, actor: Actor, register_id: int, grade: str, returned: Sequence[SerialRange]
) -> Exchange:
    """Counts spoiled blanks in and hands out as many new ones, when no spare is left (N9)."""
    with recorded(actor, Action.SPOILED_EXCHANGE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.SPOILED_EXCHANGE, register)
        office, unit_id = Organization.objects.municipal_office(), register.issuing_unit_id
        store = ledger.custody(office, CustodyState.STORE, grade)
        counted_in = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        unit = ledger.custody(unit_id, CustodyState.UNIT, grade, register.pk)
        spare = ledger.custody(unit_id, CustodyState.SPARE, grade, register.pk)
        spoiled = ledger.custody(unit_id, CustodyState.SPOILED, grade, register.pk)
        ledger.lock([store, counted_in, unit, spare, spoiled])
        rules.require_exchange_due(count(ledger.held(spare)), returned, ledger.held(spoiled))
        wanted = count(returned)
        due = dict(
            Spoilage.objects.filter(
                register=register, grade=grade, needs_blank=True, exchange=None
            ).values_list("serial", "pk")
        )
        rules.require_no_spare_took_its_place(returned, ranges_of(due))
        given = ledger.lowest(store, wanted)
        rules.require_stock(wanted, given, str(Grade(grade).label))
        ledger.move(
            returned, source=spoiled, target=counted_in, reason=Reason.RETURN_SPOILED, actor=actor
        )
        ledger.move(given, source=store, target=unit, reason=Reason.EXCHANGE, actor=actor)
        exchange = Exchange.objects.create(
            register=register,
            grade=grade,
            spoiled=rules.describe(returned),
            given=rules.describe(given),
            count=wanted,
            exchanged_by=_account(actor),
        )
        Spoilage.objects.filter(
            pk__in=[pk for serial, pk in due.items() if any(serial in item for item in returned)]
        ).update(exchange=exchange)
        record(
            subject=register,
            data={"grade": grade, "spoiled": exchange.spoiled, "given": exchange.given},
        )
    return exchange


@retrying
def return_spoiled(
    *, actor: Actor, register_id: int, grade: str, returned: Sequence[SerialRange]
) -> int:
    """Counts in spoiled blanks that a spare has replaced already; gives how many (N9)."""
    with recorded(actor, Action.SPOILED_EXCHANGE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.SPOILED_EXCHANGE, register)
        office = Organization.objects.municipal_office()
        source = ledger.custody(register.issuing_unit_id, CustodyState.SPOILED, grade, register.pk)
        target = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        ledger.lock([source, target])
        rules.require_something_returned(returned)
        missing = rules.difference(returned, ledger.held(source))
        if missing:
            raise rules.unknown_serial(missing[0].first)
        due = Spoilage.objects.filter(
            register=register, grade=grade, needs_blank=True, exchange=None
        ).values_list("serial", flat=True)
        rules.require_not_due_for_exchange(returned, ranges_of(due))
        ledger.move(
            returned, source=source, target=target, reason=Reason.RETURN_SPOILED, actor=actor
        )
        record(subject=register, data={"grade": grade, "returned": rules.describe(returned)})
    return count(returned)


@dataclass(frozen=True)
class TakenBack:
    """What the office took in at once: exchanged one for one, or only returned."""

    exchange: Exchange | None
    returned: int


@retrying
def take_back(
    *, actor: Actor, register_id: int, grade: str, brought: Sequence[SerialRange]
) -> TakenBack:
    """Counts in whatever spoiled blanks a unit brings: due ones are exchanged, others returned.

    All of them or none; two audit events where both kinds are among them (N9).
    """
    due = ranges_of(
        Spoilage.objects.filter(
            register=register_id, grade=grade, needs_blank=True, exchange=None
        ).values_list("serial", flat=True)
    )
    replaced = rules.difference(brought, due)
    exchangeable = rules.difference(brought, replaced)
    with recorded(actor, Action.SPOILED_EXCHANGE):
        exchange = None
        if exchangeable or not brought:
            exchange = exchange_spoiled(
                actor=actor, register_id=register_id, grade=grade, returned=exchangeable
            )
        returned = 0
        if replaced:
            returned = return_spoiled(
                actor=actor, register_id=register_id, grade=grade, returned=replaced
            )
    return TakenBack(exchange, returned)


@retrying
def propose_destruction(
    *, actor: Account, grade: str, serials: Sequence[SerialRange]
) -> Destruction:
    """The first of two people: names the returned spoiled blanks that shall be destroyed (N9)."""
    require(actor, Action.DESTRUCTION_PROPOSE)
    with recorded(actor, Action.DESTRUCTION_PROPOSE) as record:
        office = Organization.objects.municipal_office()
        source = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        ledger.lock([source])
        missing = rules.difference(serials, ledger.held(source))
        if missing or not serials:
            raise Refusal(
                "destruction.not_returned",
                "只有已交回市职改办的废旧证书才能销毁。",
                clause="N9",
                found=format_serial(missing[0].first) if missing else "未指定编号",
                expected="已交回的废旧证书编号",
            )
        for other in Destruction.objects.filter(grade=grade, confirmed_by=None):
            rules.require_proposed_once(serials, parse_ranges(",".join(other.serials)))
        proposal = Destruction.objects.create(
            grade=grade,
            serials=rules.describe(serials),
            count=count(serials),
            proposed_by=actor,
        )
        record(subject=proposal, data={"grade": grade, "serials": proposal.serials})
    return proposal


@retrying
def confirm_destruction(*, actor: Account, destruction_id: int) -> Destruction:
    """The second person confirms, and the blanks are destroyed (N9, N18)."""
    require(actor, Action.DESTRUCTION_CONFIRM)
    with recorded(actor, Action.DESTRUCTION_CONFIRM) as record:
        proposal = Destruction.objects.select_for_update().get(pk=destruction_id)
        if proposal.confirmed_by_id is not None:
            raise Refusal(
                "destruction.done",
                "这批废旧证书已经销毁。",
                clause="N9",
                found=f"{proposal.confirmed_at:%Y-%m-%d} 已销毁",
                expected="待销毁",
            )
        rules.require_second_person(proposal.proposed_by_id, actor.pk)
        office = Organization.objects.municipal_office()
        source = ledger.custody(office, CustodyState.RETURNED_SPOILED, proposal.grade)
        target = ledger.custody(office, CustodyState.DESTROYED, proposal.grade)
        ledger.lock([source, target])
        serials = parse_ranges(",".join(proposal.serials))
        missing = rules.difference(serials, ledger.held(source))
        if missing:
            raise Refusal(
                "destruction.not_returned",
                "这批废旧证书已不在市职改办。",
                clause="N9",
                found=format_serial(missing[0].first),
                expected="已交回且未销毁的废旧证书",
            )
        ledger.move(serials, source=source, target=target, reason=Reason.DESTRUCTION, actor=actor)
        proposal.confirmed_by = actor
        proposal.confirmed_at = timezone.now()
        proposal.save()
        record(subject=proposal, data={"serials": proposal.serials, "count": proposal.count})
    return proposal
