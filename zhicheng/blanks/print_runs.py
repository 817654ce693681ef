"""Printed blanks: ordered, delivered, counted into the municipal store (N1)."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import counting, ledger
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.models import (
    BlankCase,
    CaseEntry,
    CaseKind,
    CaseOutcome,
    Custody,
    CustodyState,
    Delivery,
    PrintOrder,
    PrintRun,
    Reason,
    Settlement,
)
from zhicheng.blanks.rules import common, describe, difference
from zhicheng.bulk import new_ids
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, parse_ranges
from zhicheng.values.text import hide_id_numbers


def printed_among(ranges: Sequence[SerialRange]) -> list[SerialRange]:
    """Those of the serials that a print run has named already."""
    if not ranges:
        return []
    whole = SerialRange(min(item.first for item in ranges), max(item.last for item in ranges))
    runs = PrintRun.objects.filter(serials__overlap=ledger.as_range(whole))
    known = [ledger.from_range(value) for value in runs.values_list("serials", flat=True)]
    return common(ranges, known)


@retrying
def place_order(
    *,
    actor: Actor,
    grade: str,
    serials: SerialRange,
    quantity: int,
    ordered_on: date,
    printer: str = "",
    note: str = "",
    edition: int | None = None,
) -> PrintOrder:
    """Orders blanks of a grade at the printer's, with the serials that they shall bear (N1).

    ``edition`` is the year of the blank (印制年度), where it is known already.
    """
    require(actor, Action.PRINT_ORDER_PLACE)
    with recorded(actor, Action.PRINT_ORDER_PLACE) as record:
        order = _ordered(actor, grade, serials, quantity, ordered_on, printer, note, edition)
        record(
            subject=order,
            data={
                "grade": grade,
                "serials": str(serials),
                "count": quantity,
                "printer": printer,
                **({"edition": edition} if edition else {}),
            },
        )
    return order


def _ordered(
    actor: Actor,
    grade: str,
    serials: SerialRange,
    quantity: int,
    ordered_on: date,
    printer: str,
    note: str,
    edition: int | None,
) -> PrintOrder:
    counting.require_edition(edition, ordered_on.year)
    # One order after another: two that overlap meet here, not at the constraint.
    office = Organization.objects.municipal_office()
    ledger.lock([ledger.custody(office, CustodyState.PRINTER, grade)])
    counting.require_quantity(serials, quantity)
    clash = PrintOrder.objects.filter(
        serials__overlap=ledger.as_range(serials), cancelled_at=None
    ).first()
    if clash is not None:
        raise counting.ordered_before(clash.number, ledger.from_range(clash.serials))
    counting.require_not_printed(printed_among([serials]))
    (pk,) = new_ids(PrintOrder, 1)
    return PrintOrder.objects.create(
        pk=pk,
        number=f"YZ{ordered_on.year}-{pk:05d}",
        grade=grade,
        serials=ledger.as_range(serials),
        quantity=quantity,
        printer=printer.strip(),
        ordered_on=ordered_on,
        edition=edition,
        note=hide_id_numbers(note.strip()),
        ordered_by=account_of(actor),
    )


@retrying
def cancel_order(*, actor: Actor, order_id: int) -> PrintOrder:
    """Takes an order back of which nothing came yet; its serials may be ordered again."""
    require(actor, Action.PRINT_ORDER_CANCEL)
    with recorded(actor, Action.PRINT_ORDER_CANCEL) as record:
        order = PrintOrder.objects.select_for_update(no_key=True).get(pk=order_id)
        counting.require_open_order(order.number, cancelled=order.cancelled_at is not None)
        if order.deliveries.exists():
            raise Refusal(
                "print_order.delivered",
                "该印制单已有到货，不能撤销。",
                clause="N1",
                found=f"{order.number} 已清点入库",
                expected="尚未到货的印制单",
                mend="尚未到货的编号可继续等待印刷单位补足，或由案卷核销。",
            )
        order.cancelled_at = timezone.now()
        order.cancelled_by = account_of(actor)
        order.save()
        record(subject=order, data={"serials": str(ledger.from_range(order.serials))})
    return order


def at_the_printer(order: PrintOrder) -> tuple[list[SerialRange], list[SerialRange]]:
    """Serials of the order that never came, and those that were missing and are still due."""
    whole = [ledger.from_range(order.serials)]
    printed = printed_among(whole)
    waiting = Custody.objects.filter(state=CustodyState.PRINTER, grade=order.grade)
    lying = [item for ranges in ledger.held_in(waiting).values() for item in ranges]
    return difference(whole, printed), common(printed, lying)


@retrying
def count_in(
    *,
    actor: Actor,
    order_id: int,
    good: Sequence[SerialRange],
    delivered_on: date,
    damaged: Sequence[SerialRange] = (),
    missing: Sequence[SerialRange] = (),
    note: str = "",
    edition: int | None = None,
) -> Delivery:
    """Counts a delivery in, in part or in whole (N1).

    ``edition`` is the year of the blank as it is printed (印制年度); the order's, or the day's.

    Good blanks go to the store, damaged ones to those that two people destroy, missing ones stay
    with the printer and open a case. Blanks that were missing before may come now.
    """
    require(actor, Action.PRINT_RUN_RECORD)
    with recorded(actor, Action.PRINT_RUN_RECORD) as record:
        delivery, made_good = _counted(
            actor, order_id, good, damaged, missing, delivered_on, note, edition
        )
        record(
            subject=delivery,
            data={
                "edition": edition or delivery.order.edition or delivered_on.year,
                "order": delivery.order.number,
                "good": delivery.good,
                "damaged": delivery.damaged,
                "missing": delivery.missing,
                "case": delivery.case.number if delivery.case else "",
                "made_good": made_good,
            },
        )
    return delivery


def _counted(
    actor: Actor,
    order_id: int,
    good: Sequence[SerialRange],
    damaged: Sequence[SerialRange],
    missing: Sequence[SerialRange],
    delivered_on: date,
    note: str,
    edition: int | None,
) -> tuple[Delivery, list[str]]:
    counting.require_edition(edition, delivered_on.year)
    office = Organization.objects.municipal_office()
    order = PrintOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    counting.require_open_order(order.number, cancelled=order.cancelled_at is not None)
    printer, store, to_destroy = (
        ledger.custody(office, state, order.grade)
        for state in (CustodyState.PRINTER, CustodyState.STORE, CustodyState.RETURNED_SPOILED)
    )
    ledger.lock([printer, store, to_destroy])
    announced = counting.require_named_once(good, damaged, missing)
    counting.require_ordered(announced, ledger.from_range(order.serials))
    printed = printed_among(announced)
    counting.require_not_printed(difference(printed, ledger.held_within(printer, printed)))
    cases = list(
        BlankCase.objects.filter(
            kind=CaseKind.SHORT_DELIVERY, grade=order.grade, outcome=""
        ).order_by("pk")
    )
    due = [item for case in cases for item in parse_ranges(",".join(case.serials))]
    counting.require_not_missing_before(common(missing, due))
    case = None
    if missing:
        found = f"印制单 {order.number} 到货清点缺少 {count(missing)} 本。"
        case = open_case(
            kind=CaseKind.SHORT_DELIVERY,
            grade=order.grade,
            serials=missing,
            holder=office,
            note=found + note,
            actor=actor,
        )
    delivery = Delivery.objects.create(
        order=order,
        delivered_on=delivered_on,
        good=describe(good),
        damaged=describe(damaged),
        missing=describe(missing),
        good_count=count(good),
        damaged_count=count(damaged),
        missing_count=count(missing),
        note=hide_id_numbers(note.strip())[:200],
        case=case,
        counted_by=account_of(actor),
    )
    for item in difference(announced, printed):
        PrintRun.objects.create(
            serials=ledger.as_range(item),
            grade=order.grade,
            printer=order.printer,
            received_on=delivered_on,
            edition=edition or order.edition or delivered_on.year,
            delivery=delivery,
            custody=printer,
            recorded_by=account_of(actor),
        )
    ledger.move(good, source=printer, target=store, reason=Reason.DELIVERY, actor=actor)
    ledger.move(damaged, source=printer, target=to_destroy, reason=Reason.DAMAGED, actor=actor)
    return delivery, _make_good(actor, cases, [*good, *damaged], ledger.held(printer), delivery)


def _make_good(
    actor: Actor,
    cases: Sequence[BlankCase],
    came: Sequence[SerialRange],
    still_missing: Sequence[SerialRange],
    delivery: Delivery,
) -> list[str]:
    """Notes in the cases what has come after all, and closes those of which nothing is missing.

    Whoever opened a case can't close it: then the entry tells the second person what came.
    """
    account = account_of(actor)
    touched = []
    for case in cases:
        named = parse_ranges(",".join(case.serials))
        now = common(named, came)
        if not now:
            continue
        touched.append(case.number)
        told = f"印制单 {delivery.order.number} 再次到货，补到 {'、'.join(describe(now))}。"
        CaseEntry.objects.create(case=case, text=told[:500], written_by=account)
        missing = common(named, still_missing)
        second = account is None or case.opened_by_id != account.pk
        if not missing and second:
            case.outcome = CaseOutcome.MADE_GOOD
            case.conclusion = f"缺少的 {case.count} 本已由印刷单位补足。"
            case.closed_at = timezone.now()
            case.closed_by = account
            case.save()
    return touched


@retrying
def write_off_missing(*, actor: Actor, case_id: int, conclusion: str) -> BlankCase:
    """Gives up what the printer never delivered: a second officer closes the case (N1, N18)."""
    require(actor, Action.SHORT_DELIVERY_WRITE_OFF)
    with recorded(actor, Action.SHORT_DELIVERY_WRITE_OFF) as record:
        case = BlankCase.objects.select_for_update(no_key=True).get(pk=case_id)
        account = account_of(actor)
        counting.require_short_delivery(
            case.number, short=case.kind == CaseKind.SHORT_DELIVERY, open_=case.is_open
        )
        counting.require_other_officer(case.opened_by_id, account.pk if account else None)
        counting.require_conclusion(conclusion)
        printer = ledger.custody(case.holder_id, CustodyState.PRINTER, case.grade)
        gone = ledger.custody(case.holder_id, CustodyState.WRITTEN_OFF, case.grade)
        ledger.lock([printer, gone])
        named = parse_ranges(",".join(case.serials))
        missing = common(named, ledger.held_within(printer, named))
        ledger.move(
            missing,
            source=printer,
            target=gone,
            reason=Reason.WRITE_OFF,
            actor=actor,
            note=case.number,
        )
        case.outcome = CaseOutcome.WRITTEN_OFF if missing else CaseOutcome.MADE_GOOD
        case.conclusion = hide_id_numbers(conclusion.strip())[:500]
        if missing:
            Settlement.objects.create(
                case=case,
                serials=describe(missing),
                count=count(missing),
                outcome=CaseOutcome.WRITTEN_OFF,
                text=case.conclusion,
                settled_by=account,
            )
        case.closed_at = timezone.now()
        case.closed_by = account
        case.save()
        record(subject=case, data={"case": case.number, "serials": describe(missing)})
    return case


@retrying
def record_print_run(
    *,
    actor: Actor,
    grade: str,
    serials: SerialRange,
    received_on: date,
    printer: str = "",
    edition: int | None = None,
) -> PrintRun:
    """Takes a whole delivery into the store that nobody ordered here before (N1).

    Order and counting in as one step. Raises Refusal when one of the serials was printed before.
    """
    require(actor, Action.PRINT_RUN_RECORD)
    with recorded(actor, Action.PRINT_RUN_RECORD) as record:
        counting.require_not_printed(printed_among([serials]))
        order = _ordered(
            actor, grade, serials, len(serials), received_on, printer, "直接入库", edition
        )
        delivery, _none = _counted(actor, order.pk, [serials], [], [], received_on, "", edition)
        run = delivery.print_runs.get()
        record(subject=run, data={"grade": grade, "serials": str(serials), "count": len(serials)})
    return run
