"""盘点: counting what is there, and what becomes of differences (N18; invariants 1 and 2).

For a model beside the database (all keyword-only):

- ``start_stocktake(actor, grade="", scope="")``: freezes what the custodian's accounts hold.
- ``count_serials(actor, stocktake_id, serials)``: in any number of sittings, by anybody of it.
- ``withdraw_count(actor, count_id)``: takes a wrong entry back.
- ``finish_stocktake(actor, stocktake_id)``: works the differences out.
- ``resume_stocktake(actor, stocktake_id)`` and ``abandon_stocktake(actor, stocktake_id, note)``.
- ``confirm_stocktake(actor, stocktake_id)``: a second person; missing ones are lost from now on and
  have a case (盘点短缺), surplus ones have a case (盘点溢出) and stay where the ledger says.

Work goes on during a count: what left the accounts or came into them between start and finish is
neither missing nor surplus, whether somebody counted it or not, and the protocol names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import alarms, case_rules, ledger, losses
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.models import (
    OFFICE_COUNTS,
    UNIT_COUNTS,
    BlankCase,
    CaseKind,
    Custody,
    CustodyState,
    Holding,
    PrintRun,
    Stocktake,
    StocktakeCount,
    StocktakeExpected,
    StocktakePolicy,
    StocktakeState,
)
from zhicheng.blanks.rules import describe, difference
from zhicheng.bulk import new_ids
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.holding import hold_shared, require_not_ended
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reference.models import Grade
from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, format_serial, merge, parse_ranges
from zhicheng.values.text import hide_id_numbers

STATE_LABELS = {item.value: str(item.label) for item in StocktakeState}
LARGEST_ENTRY = 10_000_000


@dataclass(frozen=True)
class _Counting:
    """A custodian before its count exists, for the guard."""

    organization_id: int

    def parties(self) -> dict[Relation, set[int]]:
        return {Relation.ISSUING: {self.organization_id}}


def countable(organization: Organization) -> tuple[CustodyState, ...]:
    """The states that a custodian can have before it."""
    return OFFICE_COUNTS if organization.is_municipal_office else UNIT_COUNTS


def _accounts(stocktake: Stocktake) -> list[Custody]:
    accounts = Custody.objects.filter(
        organization=stocktake.organization_id, state__in=stocktake.states
    )
    return list(accounts.filter(grade=stocktake.grade) if stocktake.grade else accounts)


def _held(accounts: Sequence[Custody]) -> dict[int, list[SerialRange]]:
    found: dict[int, list[SerialRange]] = {}
    for custody_id, serials in Holding.objects.filter(custody__in=accounts).values_list(
        "custody_id", "serials"
    ):
        found.setdefault(custody_id, []).append(ledger.from_range(serials))
    return found


def _all(held: dict[int, list[SerialRange]]) -> list[SerialRange]:
    return merge(item for ranges in held.values() for item in ranges)


@retrying
def start_stocktake(*, actor: Account, grade: str = "", scope: str = "") -> Stocktake:
    """Begins a count of what the actor's organisation holds: of a grade or all, a state or all."""
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        organization = actor.organization
        require(actor, Action.STOCKTAKE_COUNT, _Counting(organization.pk))
        require_not_ended(hold_shared(organization.pk)[organization.pk])
        allowed = [state.value for state in countable(organization)]
        if (grade and grade not in Grade.values) or (scope and scope not in allowed):
            raise Refusal(
                "stocktake.scope_unknown",
                "请选择本单位可以盘点的等级和状态。",
                clause="N18",
                found=grade or scope,
                expected="、".join(str(state.label) for state in countable(organization)),
            )
        running = Stocktake.objects.filter(
            organization=organization,
            grade=grade,
            scope=scope,
            state__in=[StocktakeState.COUNTING, StocktakeState.FINISHED],
        ).first()
        if running is not None:
            raise Refusal(
                "stocktake.running",
                "同一范围的盘点正在进行。",
                clause="N18",
                found=f"{running.number} {running.get_state_display()}",
                expected="先完成或放弃正在进行的盘点",
            )
        (pk,) = new_ids(Stocktake, 1)
        stocktake = Stocktake(
            pk=pk,
            number=f"PD{timezone.localdate().year}-{pk:06d}",
            organization=organization,
            grade=grade,
            scope=scope,
            started_by=actor,
        )
        accounts = _accounts(stocktake)
        # Nobody moves these blanks while they are written down.
        ledger.lock(accounts)
        held = _held(accounts)
        case_rules.require_something_to_count(_all(held))
        stocktake.expected_count = count(_all(held))
        stocktake.save(force_insert=True)
        StocktakeExpected.objects.bulk_create(
            StocktakeExpected(
                stocktake=stocktake, serials=ledger.as_range(item), custody_id=custody_id
            )
            for custody_id, ranges in held.items()
            for item in merge(ranges)
        )
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "step": "start",
                "grade": grade,
                "scope": scope,
                "expected": stocktake.expected_count,
            },
        )
    return stocktake


def _mine(stocktake_id: int, actor: Account, action: Action) -> Stocktake:
    stocktake = (
        Stocktake.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=stocktake_id)
    )
    require(actor, action, stocktake)
    case_rules.require_own_count(stocktake.organization_id, actor.organization_id)
    return stocktake


@dataclass(frozen=True)
class Counted:
    """What an entry brought: new serials, those counted before, those the books have elsewhere."""

    entries: tuple[StocktakeCount, ...]
    new: tuple[SerialRange, ...]
    again: tuple[SerialRange, ...]
    unexpected: tuple[SerialRange, ...]


def counted_in(stocktake: Stocktake) -> list[SerialRange]:
    """Everything counted so far."""
    values = stocktake.counts.filter(withdrawn_at=None).values_list("serials", flat=True)
    return merge(ledger.from_range(item) for item in values)


def expected_in(stocktake: Stocktake) -> list[SerialRange]:
    """What the books said when the count began."""
    return merge(
        ledger.from_range(item) for item in stocktake.expected.values_list("serials", flat=True)
    )


@retrying
def count_serials(*, actor: Account, stocktake_id: int, serials: Sequence[SerialRange]) -> Counted:
    """Counts serials that lie before the actor: one scan, or ranges.

    A lost or written-off one is refused and raises its alarm; one counted before stays counted
    once; any other is counted, whether the books expect it or not.
    """
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        stocktake = _mine(stocktake_id, actor, Action.STOCKTAKE_COUNT)
        case_rules.require_stocktake_state(stocktake.state, StocktakeState.COUNTING, STATE_LABELS)
        named = merge(serials)
        if not named or count(named) > LARGEST_ENTRY:
            raise Refusal(
                "stocktake.entry_unfit",
                "请扫描编号，或填写清点的编号区间。",
                clause="N18",
                found=f"{count(named)} 本",
                expected="至少 1 本，区间起止编号正确",
            )
        for item in alarms.blocked(named):
            raise alarms.refusal_of(item, actor)
        new = difference(named, counted_in(stocktake))
        again = difference(named, new)
        entries = StocktakeCount.objects.bulk_create(
            StocktakeCount(stocktake=stocktake, serials=ledger.as_range(item), counted_by=actor)
            for item in new
        )
        unexpected = difference(new, expected_in(stocktake))
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "step": "count",
                "serials": describe(new),
                "again": count(again),
            },
        )
    return Counted(tuple(entries), tuple(new), tuple(again), tuple(unexpected))


@retrying
def withdraw_count(*, actor: Account, count_id: int) -> StocktakeCount:
    """Takes back an entry that was typed or scanned wrongly; it stays on record as withdrawn."""
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        entry = StocktakeCount.objects.select_related("stocktake").get(pk=count_id)
        stocktake = _mine(entry.stocktake_id, actor, Action.STOCKTAKE_COUNT)
        case_rules.require_stocktake_state(stocktake.state, StocktakeState.COUNTING, STATE_LABELS)
        entry.refresh_from_db()
        if entry.withdrawn_at is not None:
            raise Refusal(
                "stocktake.withdrawn",
                "这条实盘记录已经撤销。",
                clause="N18",
                found="已撤销",
                expected="有效的实盘记录",
            )
        entry.withdrawn_at, entry.withdrawn_by = timezone.now(), actor
        entry.save()
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "step": "withdraw",
                "serials": str(ledger.from_range(entry.serials)),
            },
        )
    return entry


@retrying
def finish_stocktake(*, actor: Account, stocktake_id: int) -> Stocktake:
    """Ends the counting and works the differences out; nothing moves before the confirmation."""
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        stocktake = _mine(stocktake_id, actor, Action.STOCKTAKE_COUNT)
        case_rules.require_stocktake_state(stocktake.state, StocktakeState.COUNTING, STATE_LABELS)
        accounts = _accounts(stocktake)
        ledger.lock(accounts)
        counted = counted_in(stocktake)
        missing, surplus, moved = case_rules.stocktake_differences(
            expected_in(stocktake), _all(_held(accounts)), counted
        )
        stocktake.state = StocktakeState.FINISHED
        stocktake.counted_count = count(counted)
        stocktake.missing, stocktake.missing_count = describe(missing), count(missing)
        stocktake.surplus, stocktake.surplus_count = describe(surplus), count(surplus)
        stocktake.moved = describe(moved)
        stocktake.finished_at, stocktake.finished_by = timezone.now(), actor
        stocktake.save()
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "step": "finish",
                "expected": stocktake.expected_count,
                "counted": stocktake.counted_count,
                "missing": stocktake.missing,
                "surplus": stocktake.surplus,
                "moved": stocktake.moved,
            },
        )
    return stocktake


@retrying
def resume_stocktake(*, actor: Account, stocktake_id: int) -> Stocktake:
    """Back to counting: something was overlooked."""
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        stocktake = _mine(stocktake_id, actor, Action.STOCKTAKE_COUNT)
        case_rules.require_stocktake_state(stocktake.state, StocktakeState.FINISHED, STATE_LABELS)
        stocktake.state = StocktakeState.COUNTING
        stocktake.missing, stocktake.surplus, stocktake.moved = [], [], []
        stocktake.missing_count = stocktake.surplus_count = stocktake.counted_count = 0
        stocktake.finished_at = stocktake.finished_by = None
        stocktake.save()
        record(subject=stocktake, data={"stocktake": stocktake.number, "step": "resume"})
    return stocktake


@retrying
def abandon_stocktake(*, actor: Account, stocktake_id: int, note: str) -> Stocktake:
    """Gives a count up, with the reason; nothing follows from it."""
    with recorded(actor, Action.STOCKTAKE_COUNT) as record:
        stocktake = _mine(stocktake_id, actor, Action.STOCKTAKE_COUNT)
        if not note.strip():
            raise Refusal(
                "stocktake.no_reason",
                "放弃盘点须写明原因。",
                clause="N18",
                found="原因为空",
                expected="放弃盘点的原因",
            )
        if stocktake.state == StocktakeState.FINISHED and stocktake.missing_count:
            # A shortage that was seen doesn't go away by looking elsewhere.
            raise Refusal(
                "stocktake.shortage_seen",
                "已盘出短缺，不能放弃；请继续盘点，或由第二人确认。",
                clause="N18",
                found=f"短缺 {stocktake.missing_count} 本",
                expected="没有短缺，或仍在盘点",
            )
        if stocktake.state not in (StocktakeState.COUNTING, StocktakeState.FINISHED):
            case_rules.require_stocktake_state(
                stocktake.state, StocktakeState.COUNTING, STATE_LABELS
            )
        stocktake.state = StocktakeState.ABANDONED
        stocktake.note = hide_id_numbers(note.strip())[:300]
        stocktake.save()
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "step": "abandon",
                "note": stocktake.note,
            },
        )
    return stocktake


@retrying
def confirm_stocktake(*, actor: Account, stocktake_id: int) -> Stocktake:
    """A second person confirms; missing ones are blocked and every difference has its case."""
    with recorded(actor, Action.STOCKTAKE_CONFIRM) as record:
        stocktake = _mine(stocktake_id, actor, Action.STOCKTAKE_CONFIRM)
        case_rules.require_stocktake_state(stocktake.state, StocktakeState.FINISHED, STATE_LABELS)
        case_rules.require_other_confirms(stocktake.finished_by_id, actor.pk)
        missing = parse_ranges(",".join(stocktake.missing))
        here = Q(custody__in=_accounts(stocktake))
        done = losses.Lost()
        if missing:
            losses.hold_still(losses.where(missing, here))
            parts = losses.where(missing, here)
            found = merge(item for ranges in parts.values() for item in ranges)
            case_rules.require_nothing_moved_since(difference(missing, found))
            done = losses.lose(
                parts,
                kind=CaseKind.STOCK_SHORTAGE,
                note=f"盘点 {stocktake.number} 账面有而实物短缺。",
                actor=actor,
            )
        surplus = _surplus_cases(stocktake, actor)
        stocktake.state = StocktakeState.CONFIRMED
        stocktake.confirmed_at, stocktake.confirmed_by = timezone.now(), actor
        stocktake.save()
        cases = [*done.cases, *surplus]
        stocktake.cases.set(cases)
        record(
            subject=stocktake,
            data={
                "stocktake": stocktake.number,
                "missing": stocktake.missing,
                "surplus": stocktake.surplus,
                "cases": {case.number: case.serials for case in cases},
                "spares": {
                    format_serial(lost): format_serial(spare) for lost, spare in done.spares.items()
                },
            },
            rows=losses.CERTIFICATES if done.carried.ids else "",
            ids=done.carried.ids,
            digests=done.carried.digests,
        )
    return stocktake


def _surplus_cases(stocktake: Stocktake, actor: Account) -> list[BlankCase]:
    """A case for each grade of what lies here and belongs elsewhere; nothing moves."""
    left = parse_ranges(",".join(stocktake.surplus))
    if not left:
        return []
    by_grade: dict[str, list[SerialRange]] = {}
    overlap = Q(pk__in=[])
    for item in left:
        overlap |= Q(serials__overlap=ledger.as_range(item))
    for grade, serials in PrintRun.objects.filter(overlap).values_list("grade", "serials"):
        part = case_rules.common(left, [ledger.from_range(serials)])
        by_grade[grade] = merge([*by_grade.get(grade, []), *part])
        left = difference(left, part)
    if left:
        by_grade[""] = left
    cases = []
    for grade, serials in sorted(by_grade.items()):
        case = open_case(
            kind=CaseKind.STOCK_SURPLUS,
            grade=grade,
            serials=serials,
            holder=stocktake.organization_id,
            note=f"盘点 {stocktake.number} 实物有而本单位账面没有。"
            + ("" if grade else "这些编号从未入库。"),
            actor=actor,
        )
        for account, ranges in losses.where(serials, Q()).items():
            losses.write_entry(
                case,
                f"{'、'.join(describe(ranges)[:10])} 账面为：{account.organization.name}"
                f" {account.get_state_display()}。",
                actor,
            )
        cases.append(case)
    return cases


def set_stocktake_policy(*, actor: Actor, valid_from: date, months: int) -> StocktakePolicy:
    """After how many months a custodian is reminded to count, from a day on that isn't past.

    All that was set stays on record. Raises Refusal for an unfit period or a past day.
    """
    require(actor, Action.STOCKTAKE_POLICY_SET)
    if not 1 <= months <= 60:
        raise Refusal(
            "stocktake_policy.unfit",
            "盘点周期应为 1 至 60 个月。",
            clause="N18",
            found=f"{months} 个月",
            expected="1—60 个月",
        )
    check_from(valid_from, timezone.localdate(), "stocktake_policy.past")
    with recorded(actor, Action.STOCKTAKE_POLICY_SET) as record:
        policy = StocktakePolicy.objects.create(valid_from=valid_from, months=months)
        record(subject=policy, data={"valid_from": valid_from.isoformat(), "months": months})
    return policy
