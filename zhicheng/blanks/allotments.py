"""Blanks for an accepted register: allotted, handed over, received (N5)."""

from django.db.models import Count
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger, rules
from zhicheng.blanks.lifecycle import ALLOTMENT
from zhicheng.blanks.models import (
    Allotment,
    CustodyState,
    Reason,
)
from zhicheng.blanks.spares import spare_policy
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import (
    take,
)


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
            stock = ledger.held(store)
            rules.require_stock(people + spares, stock, str(Grade(grade).label))
            serials = take(stock, people + spares)
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
                allotted_by=account_of(actor),
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
            item.handed_over_by = account_of(actor)
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
