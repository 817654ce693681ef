"""Several people at once on a real PostgreSQL: nothing twice, nothing lost, one gapless chain."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, connections, transaction

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.recording import recorded
from zhicheng.audit.verify import verify
from zhicheng.blanks import actions as stock
from zhicheng.blanks.models import Allotment
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(workers: int, *jobs: Callable[[], object]) -> list[object]:
    """Runs the jobs in threads with connections of their own; gives results or refusals."""

    def run(job: Callable[[], object]) -> object:
        try:
            return job()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, jobs))


def test_allotments_from_one_store_never_share_a_serial() -> None:
    city = found_city()
    registers = [accepted_register(city, 9) for _ in range(12)]
    deliver(city, 100)  # for ten of them
    chief = city.who("office", "officer")
    results = at_once(
        8,
        *[
            lambda register=register: stock.allot_register(actor=chief, register_id=register.pk)
            for register in registers
        ],
    )
    refused = [item for item in results if isinstance(item, Refusal)]
    assert {item.rule for item in refused} == {"blanks.stock_too_low"}
    assert Allotment.objects.count() == 10
    serials = [item for a in Allotment.objects.all() for item in a.row_serials + a.spare_serials]
    assert len(serials) == len(set(serials))
    report = reconcile()
    assert report.passed, report.faults
    assert report.stock["intermediate"] == {"reserved": 100, "printed": 100}


def test_one_allotment_for_two_officers_who_click_at_once() -> None:
    city = found_city()
    register = accepted_register(city, 9)
    deliver(city, 100)
    results = at_once(
        2,
        *[
            lambda name=name: stock.allot_register(
                actor=city.who("office", name), register_id=register.pk
            )
            for name in ("officer", "officer2")
        ],
    )
    assert sorted(isinstance(item, Refusal) for item in results) == [False, True]
    assert reconcile().stock["intermediate"]["reserved"] == 10


def test_spoiling_and_sealing_at_once_leaves_books_and_chain_in_order() -> None:
    city = found_city()
    register = accepted_register(city, 40)
    deliver(city, 100)
    carry(city, register, "filled")
    clerk, officer = city.who("health", "clerk"), city.who("health", "officer")
    first = Certificate.objects.order_by("blank_serial")
    serials = [item.blank_serial or 0 for item in first[:6]]
    ids = [item.pk for item in first[6:]]
    jobs: list[Callable[[], object]] = [
        partial(spoil, actor=clerk, register_id=register.pk, serials=[serial], reason="damaged")
        for serial in serials
    ]
    jobs += [
        partial(path.seal, actor=officer, register_id=register.pk, certificate_ids=ids[part::4])
        for part in range(4)
    ]
    results = at_once(8, *jobs)
    assert not [item for item in results if isinstance(item, Refusal)]
    assert Certificate.objects.filter(state="sealed").count() == 34
    assert Certificate.objects.filter(state="awaiting_blank").count() == 4
    assert reconcile().passed
    assert verify().passed
    sequences = list(AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, len(sequences) + 1))


def test_an_action_that_takes_long_does_not_hold_up_the_chain() -> None:
    """Invariant 8: the chain's lock is taken at the very end, not while the work is going on."""
    city = found_city()
    slow, quick = accepted_register(city, 3), accepted_register(city, 3)
    deliver(city, 20)
    chief = city.who("office", "officer")
    started, finish = threading.Event(), threading.Event()

    def long_work() -> None:
        try:
            with recorded(chief, "office:test:slow") as record:
                record(subject=slow)
                started.set()
                assert finish.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=long_work)
    thread.start()
    try:
        assert started.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        stock.allot_register(actor=chief, register_id=quick.pk)
        assert Allotment.objects.filter(register=quick).exists()
    finally:
        finish.set()
        thread.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags[-2:] == ["office:allotment:allot", "office:test:slow"]
    assert verify().passed


def test_a_change_without_an_event_is_a_defect_and_is_rolled_back() -> None:
    city = found_city()

    def change_silently() -> None:
        with recorded(city.who("office", "officer"), "office:test:mute"):
            city.health.name = "别名"
            city.health.save()

    with pytest.raises(RuntimeError):
        change_silently()
    city.health.refresh_from_db()
    assert city.health.name == "市卫生健康委"


def test_events_of_a_block_that_failed_inside_another_are_dropped() -> None:
    chief = found_city().who("office", "officer")

    def fail_after(tag: str) -> None:
        with recorded(chief, tag) as record:
            record()
            raise ValueError(tag)

    with recorded(chief, "office:test:outer") as outer:
        outer(data={"kept": True})
        with pytest.raises(ValueError, match="inner"):
            fail_after("office:test:inner")
    assert list(AuditEvent.objects.values_list("tag", flat=True)) == ["office:test:outer"]
    with pytest.raises(ValueError, match="undone"), transaction.atomic():
        fail_after("office:test:undone")
    assert AuditEvent.objects.count() == 1
    assert verify().passed


@pytest.mark.parametrize(
    "step", ["allotted", "handed_over", "received", "filled", "sealed", "embossed", "issued"]
)
def test_the_number_of_queries_of_a_batch_step_does_not_grow(step: str) -> None:
    from django.test.utils import CaptureQueriesContext

    from tests.support.city import STEPS
    from zhicheng.registers.models import Register

    city = found_city()
    counts = []
    for people in (10, 200):
        register = accepted_register(city, people)
        deliver(city, 2 * people)
        before = STEPS.index(step)
        if before:
            carry(city, register, STEPS[before - 1])
        with CaptureQueriesContext(connection) as queries:
            run_one(city, Register.objects.get(pk=register.pk), step)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def run_one(city: City, register: object, step: str) -> None:
    from zhicheng.registers.models import Register

    assert isinstance(register, Register)
    chief, clerk = city.who("office", "officer"), city.who("health", "clerk")
    match step:
        case "allotted":
            stock.allot_register(actor=chief, register_id=register.pk)
        case "handed_over":
            stock.hand_over(actor=chief, register_id=register.pk, collected_by="王")
        case "received":
            stock.receive(actor=clerk, register_id=register.pk)
        case "filled":
            path.fill_in(actor=clerk, register_id=register.pk)
        case "sealed":
            path.seal(actor=city.who("health", "officer"), register_id=register.pk)
        case "embossed":
            path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
        case "issued":
            path.issue(actor=clerk, register_id=register.pk)
