"""Where spoilage, losses, stock-taking and corrections meet (N9, N18; invariants 1, 2 and 6)."""

import pytest
from django.db import connection, transaction

from tests.core.life_stock import TODAY
from tests.core.test_around_the_code import refused_by
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.blanks import actions as stock
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.exchange import due_serials
from zhicheng.blanks.investigations import replace_written_off, report_loss, settle_case
from zhicheng.blanks.models import BlankCase, CaseKind, Holding, Movement
from zhicheng.blanks.rules import each
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, parse_ranges, ranges_of

GRADE = "intermediate"


def lying(state: str, register: int | None = None) -> list[int]:
    """The serials in this state (of this register), lowest first."""
    held = Holding.objects.filter(custody__state=state)
    if register is not None:
        held = held.filter(custody__register=register)
    return sorted(n for h in held for n in range(h.serials.lower, h.serials.upper))


def proved() -> None:
    """Reconciliation passes."""
    report = reconcile()
    assert report.passed, report.faults


def test_n9_a_spare_that_is_spoiled_too_takes_nobodys_place(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 4)
    carry(city, register, "filled")
    (spare,) = lying("spare", register.pk)
    first = lying("filling", register.pk)[0]
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[first, spare],
        reason="damaged",
    )
    assert lying("spoiled", register.pk) == [first, spare]
    assert due_serials(register.pk, GRADE) == [first]
    waiting = Certificate.objects.get(state="awaiting_blank")
    assert waiting.blank_serial is None
    proved()


def test_n18_a_case_answers_for_its_own_losses_alone(city: City) -> None:
    """A blank that was found and lost again belongs to the newer case."""
    deliver(city, 3)
    clerk, chief = city.who("office", "clerk"), city.who("office", "officer")

    def settle(case: BlankCase, outcome: str, serials: list[int] | None = None) -> None:
        settle_case(
            actor=chief,
            case_id=case.pk,
            outcome=outcome,
            conclusion="查明",
            serials=None if serials is None else ranges_of(serials),
        )

    (first,) = report_loss(actor=clerk, serials=ranges_of([12001, 12002]), note="不见了")
    settle(first, "found", [12001])
    (second,) = report_loss(actor=clerk, serials=ranges_of([12001]), note="又不见了")
    settle(first, "written_off")
    assert lying("written_off") == [12002]
    assert lying("lost") == [12001]
    proved()
    settle(second, "found")
    assert lying("store") == [12001, 12003]
    proved()


def test_n1_a_short_delivery_does_not_settle_a_later_loss(city: City) -> None:
    chief, second = city.who("office", "officer"), city.who("office", "officer2")
    order = stock.place_order(
        actor=chief,
        grade=GRADE,
        serials=SerialRange(12001, 12003),
        quantity=3,
        ordered_on=TODAY,
    )
    delivery = stock.count_in(
        actor=chief,
        order_id=order.pk,
        good=ranges_of([12001]),
        missing=ranges_of([12002, 12003]),
        delivered_on=TODAY,
    )
    stock.count_in(actor=chief, order_id=order.pk, good=ranges_of([12002]), delivered_on=TODAY)
    (loss,) = report_loss(
        actor=city.who("office", "clerk"), serials=ranges_of([12002]), note="不见了"
    )
    with pytest.raises(Refusal), transaction.atomic():
        settle_case(
            actor=second,
            case_id=delivery.case_id or 0,
            outcome="written_off",
            conclusion="查明",
        )
    assert lying("lost") == [12002]
    settle_case(actor=second, case_id=loss.pk, outcome="found", conclusion="找到")
    proved()


def test_n9_a_spoiled_blank_that_is_lost_asks_for_no_exchange(city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 8)
    carry(city, register, "filled")
    clerk, chief = city.who("health", "clerk"), city.who("office", "officer")
    # The spare goes, then one has no blank any more.
    for _ in range(2):
        serial = lying("filling", register.pk)[0]
        spoil(actor=clerk, register_id=register.pk, serials=[serial], reason="damaged")
    (due,) = due_serials(register.pk, GRADE)
    request = stock.request_exchange(actor=clerk, register_id=register.pk, grade=GRADE)
    (case,) = report_loss(actor=clerk, serials=ranges_of([due]), note="废证不见了")
    assert due_serials(register.pk, GRADE) == []
    with pytest.raises(Refusal, match="换取"), transaction.atomic():
        stock.request_exchange(actor=clerk, register_id=register.pk, grade=GRADE)
    settle_case(actor=chief, case_id=case.pk, outcome="written_off", conclusion="找不到")
    replace_written_off(actor=chief, case_id=case.pk)
    path.fill_in(actor=clerk, register_id=register.pk)
    assert len(lying("filling", register.pk)) == 2
    assert due_serials(register.pk, GRADE) == []
    request.refresh_from_db()
    assert request.closed_at is not None
    proved()


def test_n9_a_lost_blank_does_not_hold_up_the_destruction_of_the_others(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 42)
    carry(city, register, "received")
    clerk, chief = city.who("health", "clerk"), city.who("office", "officer")
    bad = lying("unit", register.pk)[:2]
    spoil(actor=clerk, register_id=register.pk, serials=bad, reason="damaged")
    stock.return_spoiled(actor=chief, register_id=register.pk, grade=GRADE, returned=ranges_of(bad))
    stuck = stock.propose_destruction(actor=chief, grade=GRADE, serials=ranges_of(bad))
    (case,) = report_loss(
        actor=city.who("office", "clerk"), serials=ranges_of(bad[:1]), note="不见了"
    )
    settle_case(actor=chief, case_id=case.pk, outcome="written_off", conclusion="找不到")
    again = stock.propose_destruction(actor=chief, grade=GRADE, serials=ranges_of(bad[1:]))
    stock.confirm_destruction(actor=city.who("office", "officer2"), destruction_id=again.pk)
    assert lying("destroyed") == bad[1:]
    with pytest.raises(Refusal), transaction.atomic():
        stock.confirm_destruction(actor=city.who("office", "officer2"), destruction_id=stuck.pk)
    proved()


def test_n5_who_lacks_a_blank_after_a_found_one_went_to_the_store_is_served(city: City) -> None:
    register = accepted_register(city, 1)
    deliver(city, 8)
    carry(city, register, "received")
    clerk, chief = city.who("health", "clerk"), city.who("office", "officer")
    everything = lying("unit", register.pk) + lying("spare", register.pk)
    (case,) = report_loss(actor=clerk, serials=ranges_of(everything), note="不见了")
    settle_case(actor=chief, case_id=case.pk, outcome="found", conclusion="找到", place="store")
    assert lying("unit", register.pk) == []
    replace_written_off(actor=chief, case_id=case.pk)
    assert len(lying("unit", register.pk)) == 1
    with pytest.raises(Refusal), transaction.atomic():
        replace_written_off(actor=chief, case_id=case.pk)
    proved()


def test_n5_a_corrected_receipt_draws_no_spare_twice(city: City) -> None:
    """One of the reserved blanks is lost; the spares at the unit were carried over."""
    first = accepted_register(city, 21)
    deliver(city, 60)
    carry(city, first, "issued")
    clerk, chief = city.who("health", "clerk"), city.who("office", "officer")
    stock.carry_over(
        actor=clerk,
        register_id=first.pk,
        grade=GRADE,
        serials=ranges_of(lying("spare", first.pk)),
    )
    register = accepted_register(city, 21)
    stock.allot_register(actor=chief, register_id=register.pk)
    report_loss(
        actor=city.who("office", "clerk"),
        serials=ranges_of(lying("reserved", register.pk)[:1]),
        note="不见了",
    )
    stock.hand_over(actor=chief, register_id=register.pk, collected_by="王领取")
    stock.receive(actor=clerk, register_id=register.pk)
    held = (lying("unit", register.pk), lying("spare", register.pk))
    assert [len(item) for item in held] == [21, 1]
    receipt = Movement.objects.filter(reason="receipt", target__register=register).latest("pk")
    stock.correct(actor=chief, movement_id=receipt.pk, reason="未点清")
    stock.receive(actor=clerk, register_id=register.pk)
    assert (lying("unit", register.pk), lying("spare", register.pk)) == held
    proved()


def test_n18_a_surplus_case_does_not_answer_for_a_loss(city: City) -> None:
    deliver(city, 3)
    (case,) = report_loss(
        actor=city.who("office", "clerk"), serials=ranges_of([12001]), note="不见了"
    )
    open_case(
        kind=CaseKind.STOCK_SURPLUS,
        grade=GRADE,
        serials=ranges_of([12001]),
        holder=city.health,
        note="多出一本",
        actor=city.who("health", "officer"),
    )
    closing = (
        "UPDATE blanks_blankcase SET outcome = 'found', conclusion = '了', closed_at = now()"
        f" WHERE id = {case.pk}"
    )
    assert refused_by(closing) == "closed_case_leaves_nothing_lost"


AROUND = {
    "one_movement_per_number": (
        "INSERT INTO blanks_movement (id, serials, source_id, target_id, reason, note)"
        " SELECT id, '[12041,12042)', target_id, source_id, 'delivery', '' FROM blanks_movement"
        " WHERE reason = 'delivery' ON CONFLICT DO NOTHING"
    ),
    "one_print_run_per_number": (
        "INSERT INTO blanks_printrun (id, serials, grade, printer, received_on, custody_id)"
        " SELECT id, '[99001,99002)', grade, '', now(), custody_id FROM blanks_printrun"
        " ON CONFLICT DO NOTHING"
    ),
    "destroyed_is_for_good": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note)"
        " SELECT h.serials, s.id, t.id, 'found', '' FROM blanks_holding h"
        " JOIN blanks_custody s ON s.id = h.custody_id AND s.state = 'destroyed'"
        " JOIN blanks_custody t ON t.state = 'store' AND t.grade = s.grade"
    ),
    "only_returned_blanks_are_destroyed": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note)"
        " SELECT '[12041,12042)', s.id, t.id, 'destruction', '' FROM blanks_custody s"
        " JOIN blanks_custody t ON t.state = 'destroyed' AND t.grade = s.grade"
        " WHERE s.state = 'store'"
    ),
    "exchange_is_never_changed": "DELETE FROM blanks_exchange",
    "spoilage_changes_only_by_its_remedy": "UPDATE blanks_spoilage SET needs_blank = true"
    " WHERE replaced_by IS NULL AND exchange_id IS NULL",
    "destruction_is_only_confirmed": "UPDATE blanks_destruction SET serials = '[]'",
    "lapsed_destruction_is_never_confirmed": "UPDATE blanks_destruction SET lapsed_at = now()",
    "allotment_keeps_its_terms": "UPDATE blanks_allotment SET rate = 1, spares = people",
}


@pytest.fixture
def spoiled_city(city: City) -> City:
    """A spare spoiled and destroyed, one exchanged, one spoiled spare still at the unit."""
    register = accepted_register(city, 21)
    deliver(city, 60)
    carry(city, register, "filled")
    clerk, chief = city.who("health", "clerk"), city.who("office", "officer")
    first, second = lying("spare", register.pk)
    spoil(actor=clerk, register_id=register.pk, serials=[first, second], reason="damaged")
    stock.return_spoiled(
        actor=chief, register_id=register.pk, grade=GRADE, returned=ranges_of([first])
    )
    proposal = stock.propose_destruction(actor=chief, grade=GRADE, serials=ranges_of([first]))
    stock.confirm_destruction(actor=city.who("office", "officer2"), destruction_id=proposal.pk)
    bad = lying("filling", register.pk)[:1]
    spoil(actor=clerk, register_id=register.pk, serials=bad, reason="damaged")
    stock.exchange_spoiled(
        actor=chief, register_id=register.pk, grade=GRADE, returned=ranges_of(bad)
    )
    return city


@pytest.mark.parametrize("constraint", AROUND)
def test_the_database_refuses_by_name(spoiled_city: City, constraint: str) -> None:
    assert refused_by(AROUND[constraint]) == constraint
    proved()


@pytest.mark.parametrize(
    ("kind", "sabotage"),
    [
        (
            "blank.destroyed_without_record",
            "UPDATE blanks_destruction SET confirmed_at = NULL, confirmed_by_id = NULL",
        ),
        (
            "destruction.blank_not_destroyed",
            "UPDATE blanks_destruction SET serials = '[\"12001\"]'",
        ),
        ("blank.spoiled_without_record", "DELETE FROM blanks_spoilage"),
    ],
)
def test_reconcile_asks_for_the_records(spoiled_city: City, kind: str, sabotage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sabotage)
    assert kind in {fault["kind"] for fault in reconcile().faults}


def test_reconcile_names_every_exception_by_its_serial(city: City) -> None:
    register = accepted_register(city, 130)
    deliver(city, 140)
    carry(city, register, "filled")
    filled = lying("filling", register.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE certificates_certificate SET blank_serial = NULL, state = 'awaiting_blank'"
            " WHERE blank_serial % 2 = 0"
        )
    named = [
        serial
        for fault in reconcile().faults
        if fault["kind"] == "blank.without_certificate"
        for serial in each(parse_ranges(fault["serials"]))
    ]
    assert named == [serial for serial in filled if serial % 2 == 0]
