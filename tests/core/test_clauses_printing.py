"""N1: print runs are ordered, delivered in parts, counted in; what is missing opens a case."""

from datetime import date

import pytest

from tests.support.city import City, deliver
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.models import BlankCase, CustodyState, PrintOrder, PrintRun
from zhicheng.blanks.print_runs import at_the_printer
from zhicheng.certificates.reconcile import reconcile
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, count, parse_ranges

DAY = date(2026, 3, 2)


def ordered(city: City, first: int = 20001, last: int = 20100) -> PrintOrder:
    return stock.place_order(
        actor=city.who("office", "officer"),
        grade=Grade.SENIOR,
        serials=SerialRange(first, last),
        quantity=last - first + 1,
        ordered_on=DAY,
        printer="市印刷厂",
    )


def counted(city: City, order: PrintOrder, who: str = "officer", **serials: str) -> object:
    return stock.count_in(
        actor=city.who("office", who),
        order_id=order.pk,
        delivered_on=DAY,
        good=parse_ranges(serials.get("good", "")),
        damaged=parse_ranges(serials.get("damaged", "")),
        missing=parse_ranges(serials.get("missing", "")),
    )


def in_stock(state: str) -> int:
    return reconcile().stock.get("senior", {}).get(state, 0)


def test_n1_a_delivery_comes_in_parts_good_damaged_and_missing_apart(city: City) -> None:
    order = ordered(city)
    assert reconcile().stock == {}  # nothing is printed by ordering it
    counted(city, order, good="20001-20040")
    counted(city, order, good="20041-20057 20059-20060", damaged="20058", missing="20061-20063")
    report = reconcile()
    assert report.passed, report.faults
    assert report.stock["senior"] == {
        "store": 59,
        "returned_spoiled": 1,
        "printer": 3,
        "printed": 63,
    }
    never, missing = at_the_printer(order)
    assert (count(never), count(missing)) == (37, 3)
    case = BlankCase.objects.get()
    assert (case.kind, case.serials, case.is_open) == ("short_delivery", ["0020061-0020063"], True)


def test_n1_the_printer_makes_good_and_a_second_officer_closes_the_case(city: City) -> None:
    order = ordered(city)
    counted(city, order, good="20001-20097", missing="20098-20100")
    counted(city, order, good="20098")
    case = BlankCase.objects.get()
    assert case.is_open
    counted(city, order, who="officer2", good="20099", damaged="20100")
    case.refresh_from_db()
    assert case.outcome == "made_good"
    assert case.entries.count() == 2
    assert case.closed_by == city.who("office", "officer2")
    assert in_stock("store") == 99


def test_n1_what_never_comes_is_written_off_by_a_second_officer(city: City) -> None:
    order = ordered(city)
    counted(city, order, good="20001-20098", missing="20099-20100")
    case = BlankCase.objects.get()
    for who, conclusion, rule in (
        ("officer", "漏印", "short_delivery.same_person"),
        ("officer2", " ", "short_delivery.no_conclusion"),
    ):
        with pytest.raises(Refusal) as no:
            stock.write_off_missing(
                actor=city.who("office", who), case_id=case.pk, conclusion=conclusion
            )
        assert no.value.rule == rule
    chief = city.who("office", "officer2")
    stock.write_off_missing(actor=chief, case_id=case.pk, conclusion="印刷厂确认漏印两本")
    assert in_stock("written_off") == 2
    with pytest.raises(Refusal) as no:
        stock.write_off_missing(actor=chief, case_id=case.pk, conclusion="再次")
    assert no.value.rule == "short_delivery.not_open"
    with pytest.raises(Refusal) as no:
        counted(city, order, good="20099")
    assert no.value.rule == "blanks.blocked"
    assert reconcile().passed


@pytest.mark.parametrize(
    ("serials", "rule"),
    [
        ({"good": "20001-20101"}, "delivery.not_ordered"),
        ({"good": "19999-20001"}, "delivery.not_ordered"),
        ({"good": "20001-20010"}, "print_run.printed_before"),
        ({"missing": "20001"}, "print_run.printed_before"),
        ({"good": "20030-20040", "damaged": "20035"}, "delivery.named_twice"),
        ({"missing": "20011", "good": "20030"}, "delivery.missing_before"),
        ({}, "delivery.nothing"),
    ],
)
def test_n1_serials_outside_the_order_or_printed_before_are_refused(
    city: City, serials: dict[str, str], rule: str
) -> None:
    order = ordered(city)
    counted(city, order, good="20001-20010", missing="20011")
    before = reconcile().stock
    with pytest.raises(Refusal) as no:
        counted(city, order, **serials)
    assert (no.value.rule, no.value.clause) == (rule, "N1")
    assert reconcile().stock == before


def test_n1_no_serial_is_ordered_twice(city: City) -> None:
    printed = deliver(city, 50)
    order = ordered(city)
    for first, last, rule in (
        (20100, 20150, "print_order.ordered_before"),
        (printed.first, printed.last, "print_order.ordered_before"),
    ):
        with pytest.raises(Refusal) as no:
            ordered(city, first, last)
        assert no.value.rule == rule
    with pytest.raises(Refusal) as no:
        stock.place_order(
            actor=city.who("office", "officer"),
            grade=Grade.SENIOR,
            serials=SerialRange(30001, 30100),
            quantity=99,
            ordered_on=DAY,
        )
    assert no.value.rule == "print_order.quantity_differs"
    assert PrintOrder.objects.filter(pk=order.pk).exists()


def test_n1_an_order_is_cancelled_only_before_anything_came(city: City) -> None:
    chief = city.who("office", "officer")
    wrong, right = ordered(city), ordered(city, 30001, 30100)
    stock.cancel_order(actor=chief, order_id=wrong.pk)
    ordered(city)  # the same serials again
    with pytest.raises(Refusal) as no:
        counted(city, wrong, good="20001")
    assert no.value.rule == "print_order.cancelled"
    counted(city, right, good="30001")
    with pytest.raises(Refusal) as no:
        stock.cancel_order(actor=chief, order_id=right.pk)
    assert no.value.rule == "print_order.delivered"


def test_n1_orders_and_deliveries_are_the_municipal_offices_alone(city: City) -> None:
    order = ordered(city)
    for organization, role in (("office", "clerk"), ("health", "officer"), ("district", "officer")):
        stranger = city.who(organization, role)
        with pytest.raises(NotPermitted):
            stock.place_order(
                actor=stranger,
                grade=Grade.SENIOR,
                serials=SerialRange(1, 10),
                quantity=10,
                ordered_on=DAY,
            )
        with pytest.raises(NotPermitted):
            stock.cancel_order(actor=stranger, order_id=order.pk)
        with pytest.raises(NotPermitted):
            stock.count_in(
                actor=stranger,
                order_id=order.pk,
                delivered_on=DAY,
                good=[SerialRange(20001, 20001)],
            )
        with pytest.raises(NotPermitted):
            stock.write_off_missing(actor=stranger, case_id=1, conclusion="x")
    assert not PrintRun.objects.exists()


def test_n1_damaged_blanks_of_a_delivery_are_destroyed_by_two_people(city: City) -> None:
    order = ordered(city)
    counted(city, order, good="20001-20099", damaged="20100")
    first, second = city.who("office", "officer"), city.who("office", "officer2")
    proposal = stock.propose_destruction(
        actor=first, grade=Grade.SENIOR, serials=[SerialRange(20100, 20100)]
    )
    stock.confirm_destruction(actor=second, destruction_id=proposal.pk)
    office = city.office
    gone = ledger.custody(office, CustodyState.DESTROYED, Grade.SENIOR)
    assert ledger.held(gone) == [SerialRange(20100, 20100)]
