"""Blanks for an accepted register: allotted and handed over by the office (N5)."""

from collections.abc import Mapping, Sequence

from django.db.models import Count
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import allotting, ledger, rules
from zhicheng.blanks.lifecycle import ALLOTMENT
from zhicheng.blanks.models import (
    Allotment,
    AllotmentState,
    Custody,
    CustodyState,
    Holding,
    Reason,
    SparePolicy,
    Spoilage,
)
from zhicheng.blanks.spares import spare_policy
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, take


def people_of(register: Register) -> dict[str, int]:
    """How many accepted people of each grade the register has."""
    return dict(
        RegisterRow.objects.filter(register=register, accepted=True)
        .values_list("grade")
        .annotate(people=Count("id"))
        .order_by()
    )


@retrying
def allot_register(
    *,
    actor: Actor,
    register_id: int,
    chosen: Mapping[str, Sequence[SerialRange]] | None = None,
) -> list[Allotment]:
    """Reserves blanks for an accepted register: its people of each grade and 5 % spares (N5).

    What the unit carried over from earlier registers is used first, so the office hands out
    fewer. From the store come the lowest serials, or the ``chosen`` ones of a grade, of which
    there must be exactly as many as are due. All grades or none.
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
        wanted = people_of(register)
        policy = spare_policy(timezone.localdate())
        office = Organization.objects.municipal_office()
        stores = {g: ledger.custody(office, CustodyState.STORE, g) for g in sorted(wanted)}
        carried = {
            item.grade: item
            for item in Custody.objects.filter(
                organization=register.issuing_unit_id, state=CustodyState.CARRIED_OVER
            )
            if item.grade in wanted
        }
        ledger.lock([*stores.values(), *carried.values()])
        allotments = [
            _allot(
                actor,
                register,
                policy,
                store,
                carried.get(grade),
                wanted[grade],
                (chosen or {}).get(grade),
            )
            for grade, store in stores.items()
        ]
        record(
            subject=register,
            data={
                "allotted": [
                    {
                        "grade": item.grade,
                        "people": item.people,
                        "spares": item.spares,
                        "serials": item.row_serials + item.spare_serials,
                        **({"carried": item.carried_serials} if item.carried_serials else {}),
                    }
                    for item in allotments
                ]
            },
        )
    return allotments


def _allot(
    actor: Actor,
    register: Register,
    policy: SparePolicy,
    store: Custody,
    carried: Custody | None,
    people: int,
    chosen: Sequence[SerialRange] | None,
) -> Allotment:
    """The allotment of one grade, its accounts locked."""
    grade = store.grade
    spares = rules.spares_due(people, policy.rate, round_up=policy.round_up)
    share = allotting.share(
        people, spares, ledger.held(carried) if carried else [], str(Grade(grade).label)
    )
    serials = (
        share.proposed(ledger.lowest(store, share.total_from_store))
        if chosen is None
        else share.chosen(chosen, ledger.held_within(store, chosen))
    )
    for_rows = take(serials, share.rows_from_store)
    allotment = Allotment.objects.create(
        register=register,
        grade=grade,
        people=people,
        spares=spares,
        rate=policy.rate,
        row_serials=rules.describe(for_rows),
        spare_serials=rules.describe(rules.difference(serials, for_rows)),
        carried_serials=rules.describe(share.carried),
        allotted_by=account_of(actor),
    )
    unit_id = register.issuing_unit_id
    reserved = ledger.custody(store.organization_id, CustodyState.RESERVED, grade, register.pk)
    ledger.move(serials, source=store, target=reserved, reason=Reason.ALLOTMENT, actor=actor)
    if carried is not None and share.carried:
        for state, part in (
            (CustodyState.SPARE, share.carried_as_spares),
            (CustodyState.UNIT, share.carried_as_rows),
        ):
            target = ledger.custody(unit_id, state, grade, register.pk)
            ledger.move(part, source=carried, target=target, reason=Reason.ALLOTMENT, actor=actor)
    return allotment


def stepping(register: Register, action: Action) -> list[Allotment]:
    """The register's allotments, locked, in the state that follows ``action``."""
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
        allotments = stepping(register, Action.ALLOTMENT_HAND_OVER)
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


def standings_of(register_ids: Sequence[int], grade: str) -> dict[int, allotting.Standing]:
    """How each register's blanks of a grade stand: what rules about left-over ones ask.

    Three queries, however many registers.
    """
    numbers: dict[int, dict[str, int]] = {key: {} for key in register_ids}
    for register_id, state, value in Holding.objects.filter(
        custody__register__in=register_ids, custody__grade=grade
    ).values_list("custody__register_id", "custody__state", "serials"):
        of_it = numbers[register_id or 0]
        of_it[state] = of_it.get(state, 0) + len(ledger.from_range(value))
    due = dict(
        Spoilage.objects.filter(
            register__in=register_ids, grade=grade, needs_blank=True, exchange=None
        )
        .order_by()
        .values_list("register")
        .annotate(number=Count("id"))
    )
    allotments = {
        item.register_id: item
        for item in Allotment.objects.filter(register__in=register_ids, grade=grade)
    }
    found = {}
    for key in register_ids:
        allotment = allotments.get(key)
        found[key] = allotting.Standing(
            people=allotment.people if allotment else 0,
            spares_allotted=allotment.spares if allotment else 0,
            received=allotment is not None and allotment.state == AllotmentState.RECEIVED,
            counts=numbers[key],
            due=due.get(key, 0),
        )
    return found


def standing_of(register: Register, grade: str) -> allotting.Standing:
    """The same of one register."""
    return standings_of([register.pk], grade)[register.pk]
