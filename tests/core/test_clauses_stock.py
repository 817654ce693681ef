"""N1, N5 and N9: who prints, how many are handed out, what happens to spoiled ones."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.models import Allotment, CustodyState, Holding, Movement, PrintRun
from zhicheng.blanks.rules import spares_due
from zhicheng.certificates.actions import fill_in
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, count, format_serial, parse_ranges, ranges_of


def held(register: Register, state: CustodyState, grade: str = Grade.INTERMEDIATE) -> int:
    account = ledger.custody(register.issuing_unit_id, state, grade, register.pk)
    return count(ledger.held(account))


def spoil_first(city: City, register: Register, number: int) -> list[int]:
    serials = list(
        Certificate.objects.filter(register=register, blank_serial__isnull=False)
        .order_by("blank_serial")
        .values_list("blank_serial", flat=True)[:number]
    )
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial for serial in serials if serial is not None],
        reason="misprint",
    )
    return [serial for serial in serials if serial is not None]


def test_n1_print_runs_enter_the_stock_by_the_municipal_office_alone(city: City) -> None:
    for organization in ("health", "district", "enterprise", "hospital"):
        with pytest.raises(NotPermitted):
            stock.record_print_run(
                actor=city.who(organization, "officer"),
                grade=Grade.SENIOR,
                serials=SerialRange(1, 100),
                received_on=date(2026, 1, 5),
            )
    assert not PrintRun.objects.exists()
    deliver(city, 100, grade=Grade.SENIOR)
    assert reconcile().stock == {"senior": {"store": 100, "printed": 100}}


def test_n1_a_serial_is_printed_once(city: City) -> None:
    serials = deliver(city, 100)
    with pytest.raises(Refusal) as refused:
        stock.record_print_run(
            actor=city.who("office", "officer"),
            grade=Grade.SENIOR,
            serials=SerialRange(serials.last, serials.last + 10),
            received_on=date(2026, 1, 5),
        )
    assert refused.value.clause == "N1"
    assert format_serial(serials.last) in refused.value.found


@pytest.mark.parametrize(
    ("people", "spares"), [(1, 1), (19, 1), (20, 1), (21, 2), (40, 2), (41, 3), (100, 5), (101, 6)]
)
def test_n5_spares_are_five_percent_rounded_up(people: int, spares: int) -> None:
    assert spares_due(people, Decimal("0.05")) == spares


def test_n5_blanks_handed_out_are_people_plus_spares_of_each_grade(city: City) -> None:
    register = accepted_register(city, 41, grades=[Grade.SENIOR, Grade.INTERMEDIATE])
    deliver(city, 60, grade=Grade.SENIOR)
    deliver(city, 60, grade=Grade.INTERMEDIATE)
    carry(city, register, "received")
    made = {item.grade: (item.people, item.spares) for item in Allotment.objects.all()}
    assert made == {"senior": (21, 2), "intermediate": (20, 1)}
    assert held(register, CustodyState.UNIT, Grade.SENIOR) == 21
    assert held(register, CustodyState.SPARE, Grade.SENIOR) == 2
    assert reconcile().passed


def test_n5_the_rate_is_a_dated_policy(city: City) -> None:
    chief = city.who("office", "officer")
    today = timezone.localdate()
    stock.set_spare_policy(actor=chief, valid_from=today, rate=Decimal("0.10"))
    stock.set_spare_policy(actor=chief, valid_from=date(2999, 1, 1), rate=Decimal("0.50"))
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "allotted")
    assert Allotment.objects.get().spares == 2


def test_n5_no_blanks_for_a_register_that_is_not_accepted_or_has_them(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 60)
    Register.objects.filter(pk=register.pk).update(state=RegisterState.FILED)
    with pytest.raises(Refusal) as refused:
        carry(city, register, "allotted")
    assert refused.value.clause == "N5"
    Register.objects.filter(pk=register.pk).update(state=RegisterState.ACCEPTED)
    carry(city, register, "allotted")
    with pytest.raises(Refusal) as refused:
        carry(city, register, "allotted")
    assert refused.value.rule == "allotment.twice"


def test_n5_an_allotment_that_the_store_cannot_serve_takes_nothing(city: City) -> None:
    register = accepted_register(city, 30, grades=[Grade.INTERMEDIATE, Grade.SENIOR])
    deliver(city, 60, grade=Grade.INTERMEDIATE)
    deliver(city, 15, grade=Grade.SENIOR)  # 15 people need 16
    with pytest.raises(Refusal) as refused:
        carry(city, register, "allotted")
    assert "库存 15 本" in refused.value.found
    assert not Allotment.objects.exists()
    assert reconcile().stock["intermediate"]["store"] == 60


def test_n5_who_hands_over_does_not_receive(city: City) -> None:
    register = accepted_register(city, 4, unit=city.district)
    deliver(city, 60)
    carry(city, register, "handed_over")
    with pytest.raises(NotPermitted):
        stock.receive(actor=city.who("office", "officer"), register_id=register.pk)
    stock.receive(actor=city.who("district", "clerk"), register_id=register.pk)
    assert held(register, CustodyState.UNIT) == 4


def test_n9_a_spoiled_certificate_takes_a_spare_of_its_own_register(city: City) -> None:
    register, other = accepted_register(city, 40), accepted_register(city, 40)
    deliver(city, 200)
    carry(city, register, "sealed")
    carry(city, other, "received")
    spare = Allotment.objects.get(register=register).spare_serials[0].split("-")[0]
    spoiled = spoil_first(city, register, 1)[0]
    certificate = Certificate.objects.get(blank_serial=int(spare))
    assert certificate.state == "filled"
    assert certificate.official_seal_at is None  # the seal stayed on the spoiled blank
    assert list(certificate.fillings.values_list("serial", flat=True)) == [spoiled, int(spare)]
    assert held(register, CustodyState.SPARE) == 1
    assert held(other, CustodyState.SPARE) == 2
    assert reconcile().passed


def test_n9_a_blank_of_another_register_cannot_be_spoiled_here(city: City) -> None:
    register, other = accepted_register(city, 20), accepted_register(city, 20)
    deliver(city, 200)
    carry(city, register, "filled")
    carry(city, other, "filled")
    foreign = Certificate.objects.filter(register=other).values_list("blank_serial", flat=True)[0]
    before = Movement.objects.count()
    with pytest.raises(Refusal) as refused:
        spoil(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            serials=[foreign or 0],
            reason="damaged",
        )
    assert refused.value.rule == "blanks.not_held"
    assert Movement.objects.count() == before


def test_n9_exchange_is_refused_while_spares_are_left(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 200)
    carry(city, register, "filled")
    spoiled = spoil_first(city, register, 1)
    with pytest.raises(Refusal) as refused:
        stock.exchange_spoiled(
            actor=city.who("office", "officer"),
            register_id=register.pk,
            grade=Grade.INTERMEDIATE,
            returned=ranges_of(spoiled),
        )
    assert (refused.value.rule, refused.value.clause) == ("exchange.spares_left", "N9")


def test_n9_exchange_gives_one_for_one_what_no_spare_replaced(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 200)
    carry(city, register, "filled")
    spoiled = spoil_first(city, register, 4)  # two spares: two certificates wait
    assert Certificate.objects.filter(state="awaiting_blank").count() == 2
    chief = city.who("office", "officer")

    def exchange(serials: list[int]) -> None:
        stock.exchange_spoiled(
            actor=chief,
            register_id=register.pk,
            grade=Grade.INTERMEDIATE,
            returned=ranges_of(serials),
        )

    with pytest.raises(Refusal) as refused:
        exchange(spoiled[:3])
    assert refused.value.rule == "exchange.more_than_needed"
    with pytest.raises(Refusal) as refused:
        exchange([spoiled[0], spoiled[-1] + 1])
    assert refused.value.rule == "exchange.not_spoiled_here"
    exchange(spoiled[2:])
    fill_in(actor=city.who("health", "clerk"), register_id=register.pk)
    assert Certificate.objects.filter(register=register, state="filled").count() == 40
    with pytest.raises(Refusal) as refused:
        exchange(spoiled[:2])
    assert refused.value.rule == "exchange.more_than_needed"
    assert reconcile().passed


def test_n9_returned_spoiled_blanks_are_destroyed_by_two_people(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 200)
    carry(city, register, "filled")
    spoiled = spoil_first(city, register, 2)
    first, second = city.who("office", "officer"), city.who("office", "officer2")
    with pytest.raises(Refusal) as refused:
        stock.propose_destruction(actor=first, grade=Grade.INTERMEDIATE, serials=ranges_of(spoiled))
    assert refused.value.rule == "destruction.not_returned"
    stock.return_spoiled(
        actor=first,
        register_id=register.pk,
        grade=Grade.INTERMEDIATE,
        returned=ranges_of(spoiled),
    )
    proposal = stock.propose_destruction(
        actor=first, grade=Grade.INTERMEDIATE, serials=ranges_of(spoiled)
    )
    with pytest.raises(Refusal) as refused:
        stock.confirm_destruction(actor=first, destruction_id=proposal.pk)
    assert refused.value.rule == "destruction.same_person"
    stock.confirm_destruction(actor=second, destruction_id=proposal.pk)
    destroyed = Holding.objects.filter(custody__state=CustodyState.DESTROYED)
    assert count(parse_ranges(",".join(proposal.serials))) == 2
    assert sum(item.serials.upper - item.serials.lower for item in destroyed) == 2
    assert reconcile().passed
