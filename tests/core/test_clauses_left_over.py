"""N5 and invariant 6: chosen serials, differences on the spot, spares that are left over."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg import errors

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    Allotment,
    BlankCase,
    CustodyState,
    ExchangeRequest,
    Movement,
    Spoilage,
)
from zhicheng.certificates.actions import fill_in
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, count, parse_ranges, ranges_of

GRADE = Grade.INTERMEDIATE.value


def held(register: Register, state: CustodyState) -> list[SerialRange]:
    return ledger.held(ledger.custody(register.issuing_unit_id, state, GRADE, register.pk))


def done(city: City, people: int = 20, unit: object = None) -> Register:
    """A register whose certificates are all issued: its spare is left over."""
    register = accepted_register(city, people, unit=unit)  # type: ignore[arg-type]
    deliver(city, people + 5)
    carry(city, register, "issued")
    return register


def way_back(city: City, register: Register, serials: str = "") -> int:
    return stock.return_left_over(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade=GRADE,
        serials=parse_ranges(serials) if serials else held(register, CustodyState.SPARE),
    )


def test_n5_the_officer_scans_other_serials_than_the_lowest(city: City) -> None:
    register = accepted_register(city, 19)
    deliver(city, 60)
    stock.allot_register(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        chosen={GRADE: parse_ranges("0012041-0012059 0012031")},
    )
    allotment = Allotment.objects.get()
    assert allotment.row_serials == ["0012031", "0012041-0012058"]
    assert allotment.spare_serials == ["0012059"]


@pytest.mark.parametrize(
    ("serials", "rule"),
    [
        ("0012001-0012019", "allotment.wrong_number"),
        ("0012001-0012021", "allotment.wrong_number"),
        ("0012042-0012061", "allotment.not_in_store"),
    ],
)
def test_n5_scanned_serials_must_be_as_many_as_due_and_in_the_store(
    city: City, serials: str, rule: str
) -> None:
    register = accepted_register(city, 19)
    deliver(city, 60)
    with pytest.raises(Refusal) as refused:
        stock.allot_register(
            actor=city.who("office", "officer"),
            register_id=register.pk,
            chosen={GRADE: parse_ranges(serials)},
        )
    assert (refused.value.rule, refused.value.clause) == (rule, "N5")
    assert not Allotment.objects.exists()


def test_n5_an_allotment_of_ten_thousand_is_a_few_movements(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 30)
    deliver(city, 30)
    carry(city, register, "received")
    assert Movement.objects.exclude(reason="delivery").count() == 4


def test_n18_missing_blanks_are_named_at_the_receipt_and_open_a_case(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 60)
    carry(city, register, "handed_over")
    stock.receive(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        missing=parse_ranges("0012003-0012004"),
        note="封条破损",
    )
    assert count(held(register, CustodyState.UNIT)) == 40  # both spares took their places
    assert held(register, CustodyState.SPARE) == []
    assert held(register, CustodyState.LOST) == [SerialRange(12003, 12004)]
    case = BlankCase.objects.get()
    assert (case.kind, case.holder, case.register) == ("receipt_difference", city.health, register)
    assert "封条破损" in case.note
    assert reconcile().passed


def test_n9_damaged_blanks_at_the_receipt_take_the_spares_then_an_exchange(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "handed_over")
    stock.receive(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        damaged=parse_ranges("0012005 0012009"),
    )
    found = {item.serial: item for item in Spoilage.objects.all()}
    assert found[12005].replaced_by == 12021
    assert found[12009].needs_blank
    stock.exchange_spoiled(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade=GRADE,
        returned=parse_ranges("0012009"),
    )
    fill_in(actor=city.who("health", "clerk"), register_id=register.pk)
    assert Certificate.objects.filter(state="filled").count() == 20
    assert reconcile().passed


@pytest.mark.parametrize(
    ("missing", "damaged", "rule"),
    [("0012050", "", "receipt.not_on_slip"), ("0012001", "0012001", "receipt.named_twice")],
)
def test_n18_a_difference_is_one_of_what_stands_on_the_slip(
    city: City, missing: str, damaged: str, rule: str
) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "handed_over")
    with pytest.raises(Refusal) as refused:
        stock.receive(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            missing=parse_ranges(missing),
            damaged=parse_ranges(damaged),
        )
    assert refused.value.rule == rule
    assert Allotment.objects.get().state == "handed_over"


def test_n5_left_over_spares_are_counted_into_the_store(city: City) -> None:
    register = done(city)
    before = reconcile().stock[GRADE]["store"]
    assert way_back(city, register) == 1
    assert reconcile().stock[GRADE]["store"] == before + 1


def test_n5_carried_over_spares_are_drawn_by_the_units_next_allotment(city: City) -> None:
    register = done(city, 40)
    stock.carry_over(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        grade=GRADE,
        serials=held(register, CustodyState.SPARE),
    )
    following, elsewhere = (
        accepted_register(city, 20),
        accepted_register(city, 20, unit=city.district),
    )
    deliver(city, 60)
    carry(city, elsewhere, "allotted")
    assert Allotment.objects.get(register=elsewhere).carried_serials == []
    carry(city, following, "received")
    allotment = Allotment.objects.get(register=following)
    # One of the two is its spare, the other serves a person: the office hands out 19 of 21.
    assert allotment.carried_serials == ["0012041-0012042"]
    assert count(parse_ranges(",".join(allotment.row_serials))) == 19
    assert allotment.spare_serials == []
    assert count(held(following, CustodyState.UNIT)) == 20
    assert held(following, CustodyState.SPARE) == [SerialRange(12041, 12041)]
    assert reconcile().passed


def test_n5_an_allotment_wholly_of_carried_over_blanks_is_received_all_the_same(city: City) -> None:
    register = done(city, 40)
    stock.carry_over(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        grade=GRADE,
        serials=held(register, CustodyState.SPARE),
    )
    following = accepted_register(city, 1)
    carry(city, following, "issued")
    assert reconcile().passed


def test_n5_spares_move_to_another_register_of_the_unit_that_lacks_blanks(city: City) -> None:
    register, other = done(city, 40), accepted_register(city, 20)
    deliver(city, 60)
    carry(city, other, "filled")
    serials = list(
        other.certificates.order_by("blank_serial").values_list("blank_serial", flat=True)
    )
    spoil(
        actor=city.who("health", "clerk"),
        register_id=other.pk,
        serials=[n for n in serials[:2] if n],
        reason="misprint",
    )
    stock.request_exchange(actor=city.who("health", "clerk"), register_id=other.pk, grade=GRADE)
    moved = stock.transfer(
        actor=city.who("health", "officer"),
        register_id=register.pk,
        grade=GRADE,
        serials=held(register, CustodyState.SPARE),
        to_register_id=other.pk,
    )
    assert moved == 2
    # One stands in for the spoiled blank that waited for an exchange, the other is a spare.
    assert not Spoilage.objects.filter(needs_blank=True).exists()
    assert ExchangeRequest.objects.get().closed_at is not None
    assert count(held(other, CustodyState.SPARE)) == 1
    fill_in(actor=city.who("health", "clerk"), register_id=other.pk)
    assert other.certificates.filter(state="filled").count() == 20
    assert reconcile().passed


def test_n5_nothing_is_left_over_while_certificates_of_the_register_wait(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "embossed")
    clerk = city.who("health", "clerk")
    spare = held(register, CustodyState.SPARE)
    for call in (
        lambda: way_back(city, register),
        lambda: stock.carry_over(actor=clerk, register_id=register.pk, grade=GRADE, serials=spare),
        lambda: stock.transfer(
            actor=city.who("health", "officer"),
            register_id=register.pk,
            grade=GRADE,
            serials=spare,
            to_register_id=accepted_register(city, 4).pk,
        ),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.rule == "left_over.register_not_complete"


def test_n5_the_dated_policy_says_which_ways_are_open(city: City) -> None:
    register = done(city)
    chief = city.who("office", "officer")
    stock.set_spare_disposal(
        actor=chief,
        valid_from=timezone.localdate(),
        allowed=["carry_over"],
        proposed="carry_over",
    )
    stock.set_spare_disposal(
        actor=chief, valid_from=date(2999, 1, 1), allowed=["return"], proposed="return"
    )
    with pytest.raises(Refusal) as refused:
        way_back(city, register)
    assert refused.value.rule == "left_over.way_not_allowed"
    assert refused.value.expected == "结转下次配发"
    with pytest.raises(Refusal) as refused:
        stock.set_spare_disposal(
            actor=chief, valid_from=date(2999, 1, 1), allowed=["return"], proposed="transfer"
        )
    assert refused.value.rule == "spare_disposal.not_allowed"


def test_n5_a_spare_of_another_register_is_refused(city: City) -> None:
    register, other = done(city), done(city)
    foreign = str(held(other, CustodyState.SPARE)[0])
    with pytest.raises(Refusal) as refused:
        way_back(city, register, foreign)
    assert (refused.value.rule, refused.value.clause) == ("left_over.not_held", "N5")
    with pytest.raises(Refusal) as refused:
        stock.carry_over(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            grade=GRADE,
            serials=parse_ranges(foreign),
        )
    assert refused.value.rule == "left_over.not_held"


def test_n5_a_unit_moves_only_what_it_holds_and_only_within_its_own_registers(city: City) -> None:
    register, district = done(city), accepted_register(city, 10, unit=city.district)
    deliver(city, 60)
    carry(city, district, "received")
    spare = held(register, CustodyState.SPARE)
    with pytest.raises(NotPermitted):
        stock.carry_over(
            actor=city.who("district", "clerk"), register_id=register.pk, grade=GRADE, serials=spare
        )
    with pytest.raises(NotPermitted):
        stock.transfer(
            actor=city.who("district", "officer"),
            register_id=register.pk,
            grade=GRADE,
            serials=spare,
            to_register_id=district.pk,
        )
    for target in (district, register):
        with pytest.raises(Refusal) as refused:
            stock.transfer(
                actor=city.who("health", "officer"),
                register_id=register.pk,
                grade=GRADE,
                serials=spare,
                to_register_id=target.pk,
            )
        assert refused.value.rule == "left_over.other_unit"
    in_store = parse_ranges("0012024")
    with pytest.raises(Refusal) as refused:
        stock.carry_over(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            grade=GRADE,
            serials=in_store,
        )
    assert refused.value.rule == "left_over.not_held"


def test_n5_a_register_never_gets_more_than_people_and_spares(city: City) -> None:
    register, full, waiting = done(city), accepted_register(city, 10), accepted_register(city, 10)
    deliver(city, 60)
    carry(city, full, "filled")
    carry(city, waiting, "handed_over")
    for target, rule in (
        (full, "left_over.more_than_needed"),
        (waiting, "left_over.target_not_in_work"),
    ):
        with pytest.raises(Refusal) as refused:
            stock.transfer(
                actor=city.who("health", "officer"),
                register_id=register.pk,
                grade=GRADE,
                serials=held(register, CustodyState.SPARE),
                to_register_id=target.pk,
            )
        assert refused.value.rule == rule
    # Nor by plain SQL.
    with (
        pytest.raises(IntegrityError) as broken,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
            " SELECT h.serials, h.custody_id, t.id, 'transfer', '', now()"
            " FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id, blanks_custody t"
            " WHERE c.register_id = %s AND c.state = 'spare'"
            "   AND t.register_id = %s AND t.state = 'spare'",
            [register.pk, full.pk],
        )
    cause = broken.value.__cause__
    assert isinstance(cause, errors.IntegrityConstraintViolation)
    assert cause.diag.constraint_name == "register_never_holds_more_than_people_and_spares"


def test_n9_a_request_lists_what_is_due_and_the_exchange_closes_it(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "filled")
    clerk = city.who("health", "clerk")
    serials = [
        n
        for n in register.certificates.order_by("blank_serial").values_list(
            "blank_serial", flat=True
        )
        if n
    ]

    def ask() -> ExchangeRequest:
        return stock.request_exchange(actor=clerk, register_id=register.pk, grade=GRADE)

    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.rule == "exchange.nothing_returned"
    spoil(actor=clerk, register_id=register.pk, serials=serials[:1], reason="misprint")
    with pytest.raises(Refusal) as refused:  # its spare took the place
        ask()
    assert refused.value.rule == "exchange.nothing_returned"
    spoil(actor=clerk, register_id=register.pk, serials=serials[1:3], reason="misprint")
    request = ask()
    assert parse_ranges(",".join(request.serials)) == ranges_of(serials[1:3])
    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.rule == "exchange.requested_before"
    chief = city.who("office", "officer")
    for part, open_ones in ((serials[1:2], 1), (serials[2:3], 0)):
        stock.exchange_spoiled(
            actor=chief, register_id=register.pk, grade=GRADE, returned=ranges_of(part)
        )
        assert ExchangeRequest.objects.filter(closed_at=None).count() == open_ones


def test_n9_no_request_while_spares_are_left(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "handed_over")
    stock.receive(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        damaged=parse_ranges("0012001-0012002"),
    )
    # Spares come by a transfer; what is due then needs none any more, so force the state by hand.
    other = done(city, 40)
    stock.transfer(
        actor=city.who("health", "officer"),
        register_id=other.pk,
        grade=GRADE,
        serials=held(other, CustodyState.SPARE),
        to_register_id=register.pk,
    )
    assert count(held(register, CustodyState.SPARE)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Spoilage.objects.filter(serial=12002).update(needs_blank=True, replaced_by=None)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(Refusal) as refused:
        stock.request_exchange(
            actor=city.who("health", "clerk"), register_id=register.pk, grade=GRADE
        )
    assert (refused.value.rule, refused.value.clause) == ("exchange.spares_left", "N9")
