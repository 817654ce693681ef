"""N9, N18: lost blanks are blocked at once, looked into to an outcome, and never serve twice."""

import pytest

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.case_waiting import cases_waiting
from zhicheng.blanks.investigations import (
    add_entry,
    replace_written_off,
    report_loss,
    settle_case,
)
from zhicheng.blanks.models import BlankCase, CustodyState, Holding, Sighting, Spoilage
from zhicheng.certificates.actions import fill_in
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, count, ranges_of


def held(register: Register, state: CustodyState) -> list[int]:
    lying = Holding.objects.filter(custody__register=register, custody__state=state)
    return sorted(n for item in lying for n in range(item.serials.lower, item.serials.upper))


def state_of(serial: int) -> tuple[str, int | None]:
    custody = Holding.objects.select_related("custody").get(serials__contains=serial).custody
    return custody.state, custody.register_id


def ready(city: City, people: int, upto: str, stock_size: int = 60) -> Register:
    register = accepted_register(city, people)
    deliver(city, stock_size)
    carry(city, register, upto)
    return register


def lose(city: City, *serials: int, who: str = "health", role: str = "clerk") -> list[BlankCase]:
    return report_loss(
        actor=city.who(who, role), serials=ranges_of(serials), note="下班清点时发现缺少"
    )


def fine() -> None:
    report = reconcile()
    assert report.passed, report.faults
    chain = verify()
    assert chain.passed, chain.faults


def test_n18_a_lost_blank_of_the_unit_is_blocked_at_once_with_a_case_and_one_event(
    city: City,
) -> None:
    register = ready(city, 20, "received")
    serial = held(register, CustodyState.UNIT)[3]
    spare = held(register, CustodyState.SPARE)[0]
    before = AuditEvent.objects.count()
    (case,) = lose(city, serial)
    assert AuditEvent.objects.count() == before + 1
    assert state_of(serial) == ("lost", register.pk)
    assert (case.kind, case.holder, case.register) == ("loss", city.health, register)
    assert case.serials == [f"{serial:07d}"]
    # The spare takes its place: the twenty people still have twenty blanks.
    assert len(held(register, CustodyState.UNIT)) == 20
    assert state_of(spare) == ("unit", register.pk)
    fine()


def test_n9_a_certificate_on_a_lost_blank_goes_on_with_a_spare_and_then_waits(city: City) -> None:
    register = ready(city, 20, "sealed")
    first, second = register.certificates.order_by("blank_serial")[:2]
    spare = held(register, CustodyState.SPARE)[0]
    lose(city, first.blank_serial or 0)
    first.refresh_from_db()
    assert (first.state, first.blank_serial) == ("filled", spare)
    assert first.official_seal_at is None
    lose(city, second.blank_serial or 0)
    second.refresh_from_db()
    assert (second.state, second.blank_serial) == ("awaiting_blank", None)
    fine()


def test_n9_a_loss_brings_no_exchange_and_a_written_off_one_only_what_people_lack(
    city: City,
) -> None:
    register = ready(city, 20, "filled")
    lost = held(register, CustodyState.FILLING)[:3]
    (case,) = lose(city, *lost)
    with pytest.raises(Refusal):
        stock.exchange_spoiled(
            actor=city.who("office", "officer"),
            register_id=register.pk,
            grade="intermediate",
            returned=ranges_of(lost),
        )
    with pytest.raises(Refusal) as early:
        replace_written_off(actor=city.who("office", "officer"), case_id=case.pk)
    assert early.value.rule == "replacement.not_needed"
    settle_case(
        actor=city.who("office", "officer"),
        case_id=case.pk,
        outcome="written_off",
        conclusion="公安机关立案，未找回",
    )
    # Three lost, one spare spent: two people have no blank.
    groups = cases_waiting(city.who("office", "officer"))
    assert [group.count for group in groups if group.clause == "N9"] == [2]
    made = replace_written_off(actor=city.who("office", "officer"), case_id=case.pk)
    assert made.count == 2
    with pytest.raises(Refusal):
        replace_written_off(actor=city.who("office", "officer"), case_id=case.pk)
    assert fill_in(actor=city.who("health", "clerk"), register_id=register.pk).count == 2
    assert Certificate.objects.filter(register=register).count() == 20
    assert {state_of(serial)[0] for serial in lost} == {"written_off"}
    fine()


def test_n18_only_the_custodian_reports_and_only_what_it_keeps(city: City) -> None:
    register = ready(city, 10, "issued")
    issued = held(register, CustodyState.ON_CERTIFICATE)[0]
    store = Holding.objects.get(custody__state="store").serials.lower
    with pytest.raises(Refusal) as refused:
        lose(city, issued)
    assert refused.value.rule == "loss.not_the_custodian"
    with pytest.raises(Refusal):
        lose(city, store)
    with pytest.raises(Refusal):
        lose(city, issued, who="office")
    with pytest.raises(NotPermitted):
        lose(city, store, role="embosser")
    with pytest.raises(NotPermitted):
        lose(city, store, who="office", role="auditor")
    (case,) = lose(city, store, who="office")
    assert case.holder == city.office
    assert not Sighting.objects.exists()
    fine()


def test_n18_the_office_reports_what_is_lost_on_the_way_and_the_spares_absorb_it(
    city: City,
) -> None:
    register = ready(city, 20, "handed_over")
    lost = held(register, CustodyState.IN_TRANSIT)[:2]
    (case,) = lose(city, *lost, who="office")
    assert case.register == register
    carry_receipt(city, register)
    assert len(held(register, CustodyState.UNIT)) == 19
    settle_case(
        actor=city.who("office", "officer"), case_id=case.pk, outcome="found", conclusion="在车上"
    )
    # Received meanwhile: one to be filled in, the other a spare again.
    assert len(held(register, CustodyState.UNIT)) == 20
    assert len(held(register, CustodyState.SPARE)) == 1
    fine()


def carry_receipt(city: City, register: Register) -> None:
    stock.receive(actor=city.who("health", "clerk"), register_id=register.pk)


def test_n18_the_opener_does_not_close_and_a_closed_case_stays_closed(city: City) -> None:
    deliver(city, 10)
    (case,) = lose(city, 12001, who="office", role="officer")
    arguments = {"case_id": case.pk, "outcome": "found", "conclusion": "在另一柜中找到"}
    with pytest.raises(Refusal) as same:
        settle_case(actor=city.who("office", "officer"), **arguments)
    assert same.value.rule == "case.same_person"
    with pytest.raises(NotPermitted):
        settle_case(actor=city.who("office", "clerk"), **arguments)
    with pytest.raises(Refusal) as unfit:
        settle_case(actor=city.who("office", "officer2"), **{**arguments, "outcome": "made_good"})
    assert unfit.value.rule == "case.outcome_unfit"
    with pytest.raises(Refusal) as unsaid:
        settle_case(actor=city.who("office", "officer2"), **{**arguments, "conclusion": " "})
    assert unsaid.value.rule == "case.conclusion_missing"
    closed = settle_case(actor=city.who("office", "officer2"), **arguments)
    assert closed.outcome == "found"
    assert state_of(12001) == ("store", None)
    with pytest.raises(Refusal) as again:
        settle_case(actor=city.who("office", "officer2"), **arguments)
    assert again.value.rule == "case.closed"
    with pytest.raises(Refusal):
        add_entry(actor=city.who("office", "clerk"), case_id=case.pk, text="补记")
    fine()


def test_n18_some_are_found_and_the_others_written_off(city: City) -> None:
    deliver(city, 20)
    (case,) = lose(city, *range(12001, 12011), who="office")
    officer = city.who("office", "officer")
    first = settle_case(
        actor=officer,
        case_id=case.pk,
        outcome="found",
        conclusion="找回六本",
        serials=[SerialRange(12001, 12006)],
    )
    assert first.is_open
    with pytest.raises(Refusal) as strange:
        settle_case(
            actor=officer,
            case_id=case.pk,
            outcome="found",
            conclusion="又找回",
            serials=[SerialRange(12006, 12007)],
        )
    assert strange.value.rule == "case.serial_not_lost"
    last = settle_case(
        actor=officer, case_id=case.pk, outcome="written_off", conclusion="其余确认遗失"
    )
    assert (last.outcome, last.is_open) == ("partly_found", False)
    assert state_of(12006)[0] == "store"
    assert state_of(12007)[0] == "written_off"
    stocks = reconcile().stock["intermediate"]
    assert (stocks["written_off"], stocks["store"], stocks["printed"]) == (4, 16, 20)
    fine()


def test_n9_a_found_blank_that_bore_a_certificate_is_a_spoiled_one_and_may_be_exchanged(
    city: City,
) -> None:
    register = ready(city, 20, "filled")
    first, second = held(register, CustodyState.FILLING)[:2]
    (case,) = lose(city, first, second)
    with pytest.raises(Refusal) as written:
        settle_case(
            actor=city.who("office", "officer"),
            case_id=case.pk,
            outcome="found",
            conclusion="找回",
            place="store",
        )
    assert written.value.rule == "case.written_on"
    settle_case(
        actor=city.who("office", "officer"), case_id=case.pk, outcome="found", conclusion="找回"
    )
    assert {state_of(first)[0], state_of(second)[0]} == {"spoiled"}
    # One went on with the spare; only the other one is owed a blank.
    assert Spoilage.objects.filter(needs_blank=True).count() == 1
    due = Spoilage.objects.get(needs_blank=True).serial
    stock.exchange_spoiled(
        actor=city.who("office", "officer"),
        register_id=register.pk,
        grade="intermediate",
        returned=ranges_of([due]),
    )
    assert fill_in(actor=city.who("health", "clerk"), register_id=register.pk).count == 1
    fine()


def test_n9_a_found_spare_serves_whoever_waits_for_a_blank(city: City) -> None:
    register = ready(city, 20, "filled")
    (spare,) = held(register, CustodyState.SPARE)
    (case,) = lose(city, spare)
    serial = held(register, CustodyState.FILLING)[0]
    spoil(
        actor=city.who("health", "clerk"), register_id=register.pk, serials=[serial], reason="other"
    )
    settle_case(
        actor=city.who("office", "officer"), case_id=case.pk, outcome="found", conclusion="找回"
    )
    assert state_of(spare)[0] == "unit"
    spoilage = Spoilage.objects.get(serial=serial)
    assert (spoilage.replaced_by, spoilage.needs_blank) == (spare, False)
    assert fill_in(actor=city.who("health", "clerk"), register_id=register.pk).count == 1
    fine()


@pytest.mark.parametrize(
    ("place", "state"), [("back", "unit"), ("store", "store"), ("spoiled", "spoiled")]
)
def test_a_found_blank_of_the_unit_goes_back_or_to_the_store_or_is_spoiled(
    city: City, place: str, state: str
) -> None:
    register = ready(city, 20, "received")
    named = held(register, CustodyState.UNIT)[:2]
    (case,) = lose(city, *named)
    settle_case(
        actor=city.who("office", "officer"),
        case_id=case.pk,
        outcome="found",
        conclusion="找回",
        place=place,
    )
    states = [state_of(serial)[0] for serial in named]
    # The first one's place was taken by the spare, so it is a spare now when it comes back.
    assert sorted(states) == sorted(["spare", "unit"] if place == "back" else [state, state])
    fine()


def blocked_call(city: City, name: str, register: Register, serial: int) -> None:
    """Each way in which somebody may name a serial to an action."""
    chief, clerk = city.who("office", "officer"), city.who("health", "clerk")
    one = [SerialRange(serial, serial)]
    match name:
        case "spoil":
            spoil(actor=clerk, register_id=register.pk, serials=[serial], reason="other")
        case "exchange":
            stock.exchange_spoiled(
                actor=chief, register_id=register.pk, grade="intermediate", returned=one
            )
        case "take back":
            stock.take_back(actor=chief, register_id=register.pk, grade="intermediate", brought=one)
        case "destruction":
            stock.propose_destruction(actor=chief, grade="intermediate", serials=one)
        case "print run":
            stock.record_print_run(
                actor=chief,
                grade="intermediate",
                serials=SerialRange(serial, serial + 1),
                received_on=register.created_at.date(),
            )


@pytest.mark.parametrize("name", ["spoil", "exchange", "take back", "destruction", "print run"])
@pytest.mark.parametrize("written_off", [False, True])
def test_n18_a_blocked_serial_is_refused_by_its_case_and_the_sighting_is_recorded(
    city: City, name: str, written_off: bool
) -> None:
    register = ready(city, 10, "received")
    serial = held(register, CustodyState.UNIT)[0]
    (case,) = lose(city, serial)
    if written_off:
        settle_case(
            actor=city.who("office", "officer"),
            case_id=case.pk,
            outcome="written_off",
            conclusion="未找回",
        )
    before = dict(Holding.objects.values_list("serials", "custody"))
    with pytest.raises(SerialBlocked) as refused:
        blocked_call(city, name, register, serial)
    assert case.number in refused.value.found
    assert dict(Holding.objects.values_list("serials", "custody")) == before
    sighting = Sighting.objects.get()
    assert sighting.serials == [f"{serial:07d}"]
    assert sighting.attempted
    assert sighting.acknowledged_at is None
    if written_off:
        # The old case is closed: a new one looks into the appearance.
        assert (sighting.case.kind, sighting.case.is_open) == ("sighting", True)
        assert case.number in sighting.case.note
        with pytest.raises(SerialBlocked):
            blocked_call(city, name, register, serial)
        assert BlankCase.objects.filter(kind="sighting").count() == 1
    else:
        assert sighting.case == case
    event = AuditEvent.objects.order_by("-sequence").first()
    assert event is not None
    assert event.tag == "any:blank:sighted"
    fine()


def test_whoever_may_not_learns_nothing_of_the_case(city: City) -> None:
    register = ready(city, 10, "received")
    serial = held(register, CustodyState.UNIT)[0]
    lose(city, serial)
    with pytest.raises(NotPermitted) as refused:
        spoil(
            actor=city.who("industry", "clerk"),
            register_id=register.pk,
            serials=[serial],
            reason="other",
        )
    assert "AJ" not in str(refused.value)
    assert not Sighting.objects.exists()


def test_a_loss_is_one_step_however_many_are_lost(
    city: City, django_assert_max_num_queries
) -> None:
    deliver(city, 10_000)
    with django_assert_max_num_queries(45):
        (case,) = report_loss(
            actor=city.who("office", "clerk"),
            serials=[SerialRange(12001, 20000)],
            note="库房被盗",
        )
    assert case.count == 8000
    assert (
        count(ledger.held(ledger.custody(city.office, CustodyState.LOST, "intermediate"))) == 8000
    )
    fine()
