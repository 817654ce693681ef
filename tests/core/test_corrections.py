"""Corrections: a movement back that names the wrong one, with a reason, by a second officer."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.models import Allotment, CustodyState, Movement
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, parse_ranges, ranges_of

GRADE = Grade.INTERMEDIATE.value


def last(reason: str) -> Movement:
    return Movement.objects.filter(reason=reason).latest("id")


def correct(city: City, movement: Movement, who: str = "officer2", reason: str = "扫错编号") -> int:
    done = stock.correct(actor=city.who("office", who), movement_id=movement.pk, reason=reason)
    return len(done)


@pytest.fixture
def register(city: City) -> Register:
    register = accepted_register(city, 20)
    deliver(city, 60)
    return register


def test_a_delivery_counted_in_by_mistake_goes_back_to_the_printer(city: City) -> None:
    deliver(city, 60)
    correct(city, last("delivery"))
    assert reconcile().stock[GRADE] == {"printer": 60, "printed": 60}
    movement = last("correction")
    assert movement.note == "扫错编号"
    assert movement.corrects == last("delivery")
    event = AuditEvent.objects.get(tag="office:movement:correct")
    assert event.data["reason"] == "扫错编号"


def test_steps_of_an_allotment_are_taken_back_one_after_the_other(
    city: City, register: Register
) -> None:
    carry(city, register, "received")
    for reason, rule in (
        ("allotment", "correction.moved_on"),
        ("hand_over", "correction.moved_on"),
    ):
        with pytest.raises(Refusal) as refused:
            correct(city, last(reason))
        assert refused.value.rule == rule
    for reason, state in (("receipt", "handed_over"), ("hand_over", "allotted")):
        correct(city, last(reason))
        assert Allotment.objects.get().state == state
    correct(city, last("allotment"))
    assert not Allotment.objects.exists()
    assert Allotment.everything.get().state == "withdrawn"
    assert reconcile().stock[GRADE] == {"store": 60, "printed": 60}
    carry(city, register, "issued")  # and anew
    assert reconcile().passed


def test_a_correction_is_refused_while_the_blanks_are_elsewhere_or_certificates_depend(
    city: City, register: Register
) -> None:
    carry(city, register, "filled")
    serials = register.certificates.order_by("blank_serial").values_list("blank_serial", flat=True)
    spoiled = [n for n in serials[:2] if n]
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=spoiled,
        reason="misprint",
    )
    stock.exchange_spoiled(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade=GRADE,
        returned=ranges_of(spoiled[1:]),
    )
    for reason, rule, instead in (
        ("receipt", "correction.moved_on", "逐步更正"),
        ("filling", "correction.others_depend_on_it", "登记废旧证书"),
        ("spare", "correction.others_depend_on_it", "登记废旧证书"),
        ("spoilage", "correction.others_depend_on_it", "交回"),
        ("exchange", "correction.others_depend_on_it", "换取已办结"),
        ("return_spoiled", "correction.exchanged", "换取已办结"),
    ):
        with pytest.raises(Refusal) as refused:
            correct(city, last(reason))
        assert refused.value.rule == rule, reason
        assert instead in refused.value.mend, reason


def test_nobody_corrects_their_own_movement_nor_one_twice_nor_without_reason(city: City) -> None:
    deliver(city, 60)
    movement = last("delivery")
    for who, reason, rule in (
        ("officer", "扫错", "correction.same_person"),
        ("officer2", "  ", "correction.reason_missing"),
    ):
        with pytest.raises(Refusal) as refused:
            correct(city, movement, who, reason)
        assert refused.value.rule == rule
    correct(city, movement)
    with pytest.raises(Refusal) as refused:
        correct(city, movement)
    assert refused.value.rule == "correction.twice"
    with pytest.raises(Refusal) as refused:
        correct(city, last("correction"), "officer")
    assert refused.value.rule == "correction.others_depend_on_it"


@pytest.mark.parametrize(
    ("organization", "role"), [("office", "clerk"), ("office", "auditor"), ("health", "officer")]
)
def test_only_the_municipal_offices_officers_correct(
    city: City, organization: str, role: str
) -> None:
    deliver(city, 60)
    with pytest.raises(NotPermitted):
        stock.correct(
            actor=city.who(organization, role), movement_id=last("delivery").pk, reason="x"
        )


def test_a_receipt_with_a_difference_is_settled_by_its_case(city: City, register: Register) -> None:
    carry(city, register, "handed_over")
    stock.receive(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        missing=parse_ranges("0012001"),
    )
    with pytest.raises(Refusal) as refused:
        correct(city, last("receipt"))
    assert refused.value.rule == "correction.receipt_with_difference"


def test_left_over_blanks_go_back_to_where_they_were(city: City, register: Register) -> None:
    carry(city, register, "issued")
    spare = ledger.custody(register.issuing_unit_id, CustodyState.SPARE, GRADE, register.pk)
    held = ledger.held(spare)
    stock.return_left_over(
        actor=city.who("office", "officer"), register_id=register.pk, grade=GRADE, serials=held
    )
    correct(city, last("return_unused"))
    assert ledger.held(spare) == held
    stock.carry_over(
        actor=city.who("health", "clerk"), register_id=register.pk, grade=GRADE, serials=held
    )
    correct(city, last("carry_over"), "officer")
    assert ledger.held(spare) == held


def test_nothing_comes_back_to_a_unit_that_has_ended(city: City, register: Register) -> None:
    carry(city, register, "issued")
    spare = ledger.custody(register.issuing_unit_id, CustodyState.SPARE, GRADE, register.pk)
    stock.return_left_over(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade=GRADE,
        serials=ledger.held(spare),
    )
    Organization.objects.filter(pk=register.issuing_unit_id).update(valid_to=date(2026, 1, 31))
    with pytest.raises(Refusal) as refused:
        correct(city, last("return_unused"))
    assert refused.value.rule == "organization.ended"
    assert ledger.held(spare) == []


PLAIN = {
    "correction_takes_the_last_movement_back": (
        "INSERT INTO blanks_movement"
        " (serials, source_id, target_id, reason, note, corrects_id, moved_at)"
        " SELECT int8range(lower(serials), upper(serials) - 1), target_id, source_id, 'correction',"
        " 'x', id, now() FROM blanks_movement WHERE reason = 'return_spoiled'"
    ),
    "correction_leaves_certificates_alone": (
        "INSERT INTO blanks_movement"
        " (serials, source_id, target_id, reason, note, corrects_id, moved_at)"
        " SELECT serials, target_id, source_id, 'correction', 'x', id, now()"
        " FROM blanks_movement WHERE reason = 'filling'"
    ),
    "correction_names_its_movement": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
        " SELECT serials, target_id, source_id, 'correction', 'x', now()"
        " FROM blanks_movement WHERE reason = 'return_spoiled'"
    ),
    "correction_says_why": (
        "INSERT INTO blanks_movement"
        " (serials, source_id, target_id, reason, note, corrects_id, moved_at)"
        " SELECT serials, target_id, source_id, 'correction', '', id, now()"
        " FROM blanks_movement WHERE reason = 'return_spoiled'"
    ),
    "delivered_serials_were_ordered": (
        "INSERT INTO blanks_printrun (serials, grade, printer, received_on, delivery_id,"
        " custody_id, recorded_at) SELECT '[900000,900009]', r.grade, '', now(), r.delivery_id,"
        " r.custody_id, now() FROM blanks_printrun r LIMIT 1"
    ),
    "delivery_is_never_changed": "UPDATE blanks_delivery SET good_count = 1",
    "short_delivery_opens_a_case": (
        "INSERT INTO blanks_delivery (order_id, delivered_on, good, damaged, missing, good_count,"
        " damaged_count, missing_count, note, counted_at) SELECT order_id, delivered_on, '[]',"
        " '[]', '[]', 0, 0, 1, '', now() FROM blanks_delivery LIMIT 1"
    ),
    "print_order_is_only_cancelled": "UPDATE blanks_printorder SET cancelled_at = now()",
    "serial_is_ordered_once": (
        "INSERT INTO blanks_printorder (number, grade, serials, quantity, printer, ordered_on,"
        " note, ordered_at) SELECT 'X', grade, serials, quantity, '', ordered_on, '', now()"
        " FROM blanks_printorder"
    ),
    "print_order_counts_its_serials": (
        "INSERT INTO blanks_printorder (number, grade, serials, quantity, printer, ordered_on,"
        " note, ordered_at) VALUES ('X', 'senior', '[1,9]', 8, '', now(), '', now())"
    ),
    "exchange_request_is_only_closed": "UPDATE blanks_exchangerequest SET count = count + 1",
    "one_open_exchange_request_per_register_and_grade": (
        "INSERT INTO blanks_exchangerequest (number, register_id, grade, serials, count,"
        " requested_at) SELECT 'X', register_id, grade, serials, count, now()"
        " FROM blanks_exchangerequest"
    ),
    "proposed_disposal_is_allowed": (
        "INSERT INTO blanks_sparedisposal (valid_from, may_return, may_carry_over, may_transfer,"
        " proposed) VALUES (now(), false, true, true, 'return')"
    ),
}


@pytest.fixture
def busy(city: City, register: Register) -> Register:
    """A register with a returned spoiled blank and an open exchange request."""
    carry(city, register, "filled")
    serials = register.certificates.order_by("blank_serial").values_list("blank_serial", flat=True)
    clerk = city.who("health", "clerk")
    spoiled = [n for n in serials[:3] if n]
    spoil(actor=clerk, register_id=register.pk, serials=spoiled, reason="misprint")
    stock.return_spoiled(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade=GRADE,
        returned=[SerialRange(spoiled[0], spoiled[0])],
    )
    stock.request_exchange(actor=clerk, register_id=register.pk, grade=GRADE)
    stock.place_order(
        actor=city.who("office", "officer"),
        grade=GRADE,
        serials=SerialRange(70001, 70010),
        quantity=10,
        ordered_on=date(2026, 1, 1),
    )
    return register


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_the_database_refuses_by_name(busy: Register, name: str) -> None:
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(PLAIN[name])
    cause = refused.value.__cause__
    assert cause is not None
    assert cause.diag.constraint_name == name  # type: ignore[attr-defined]


def test_a_movement_is_corrected_once_whatever_the_code_says(city: City) -> None:
    deliver(city, 60)
    correct(city, last("delivery"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE blanks_movement DISABLE TRIGGER USER")
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO blanks_movement"
            " (serials, source_id, target_id, reason, note, corrects_id, moved_at)"
            " SELECT serials, target_id, source_id, 'correction', 'x', id, now()"
            " FROM blanks_movement WHERE reason = 'delivery'"
        )
    assert "movement_is_corrected_once" in str(refused.value)
