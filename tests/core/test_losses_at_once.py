"""Losses, filling, sealing and counting at once on a real PostgreSQL: books and chain in order."""

from functools import partial

import pytest
from django.db import connection

from tests.core.test_concurrency import at_once
from tests.support.city import accepted_register, carry, deliver, found_city
from zhicheng.audit.verify import verify
from zhicheng.blanks import actions as stock
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.investigations import report_loss, settle_case
from zhicheng.blanks.models import BlankCase, Sighting
from zhicheng.blanks.stocktaking import count_serials, counted_in, start_stocktake
from zhicheng.certificates import actions as path
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count

pytestmark = pytest.mark.django_db(transaction=True)


def fine() -> None:
    report = reconcile()
    assert report.passed, report.faults
    chain = verify()
    assert chain.passed, chain.faults


def test_n18_losses_while_others_fill_in_spoil_and_seal() -> None:
    city = found_city()
    registers = [accepted_register(city, 8) for _ in range(3)]
    deliver(city, 60)
    for register in registers:
        carry(city, register, "received")
    clerk, officer = city.who("health", "clerk"), city.who("health", "officer")
    jobs = []
    for register in registers:
        jobs += [
            partial(path.fill_in, actor=clerk, register_id=register.pk),
            partial(path.seal, actor=officer, register_id=register.pk),
        ]
    for serial in range(12001, 12028, 3):
        one = [SerialRange(serial, serial)]
        jobs.append(partial(report_loss, actor=clerk, serials=one, note="不见了"))
        jobs += [
            partial(
                spoil,
                actor=clerk,
                register_id=register.pk,
                serials=[serial + 1],
                reason="other",
            )
            for register in registers[:1]
        ]
    results = at_once(6, *jobs)
    strange = [r for r in results if isinstance(r, Exception) and not isinstance(r, Refusal)]
    assert not strange
    lost = BlankCase.objects.filter(kind="loss")
    assert sum(case.count for case in lost) == 9
    fine()


def test_n18_one_of_two_reports_of_the_same_blank_opens_the_case() -> None:
    city = found_city()
    deliver(city, 10)
    report = partial(
        report_loss,
        actor=city.who("office", "clerk"),
        serials=[SerialRange(12001, 12005)],
        note="不见了",
    )
    results = at_once(4, *[report] * 4)
    assert sum(isinstance(item, Refusal) for item in results) == 3
    assert BlankCase.objects.count() == 1
    fine()


def test_n18_a_blank_that_two_people_scan_at_once_is_counted_once() -> None:
    city = found_city()
    deliver(city, 30)
    stocktake = start_stocktake(actor=city.who("office", "clerk"))
    jobs = [
        partial(
            count_serials,
            actor=city.who("office", who),
            stocktake_id=stocktake.pk,
            serials=[SerialRange(serial, serial)],
        )
        for serial in range(12001, 12013)
        for who in ("clerk", "officer", "officer2")
    ]
    results = at_once(6, *jobs)
    assert not [item for item in results if isinstance(item, Exception)]
    assert count(counted_in(stocktake)) == 12
    assert stocktake.counts.count() == 12
    fine()


def test_n18_two_parts_settled_at_once_close_the_case_once() -> None:
    city = found_city()
    deliver(city, 10)
    (case,) = report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12001, 12006)], note="不见了"
    )
    jobs = [
        partial(
            settle_case,
            actor=city.who("office", who),
            case_id=case.pk,
            outcome=outcome,
            conclusion="查明",
            serials=[serials],
        )
        for who, outcome, serials in (
            ("officer", "found", SerialRange(12001, 12003)),
            ("officer2", "written_off", SerialRange(12004, 12006)),
        )
    ]
    assert not [item for item in at_once(2, *jobs) if isinstance(item, Exception)]
    case.refresh_from_db()
    assert case.outcome == "partly_found"
    fine()


def test_n18_the_sighting_stays_when_the_refused_step_is_rolled_back() -> None:
    """Outside of any transaction, as on a server: the refusal undoes all but the alarm."""
    city = found_city()
    deliver(city, 10)
    report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12001, 12001)], note="不见了"
    )
    assert not connection.in_atomic_block
    with pytest.raises(SerialBlocked):
        stock.propose_destruction(
            actor=city.who("office", "officer"),
            grade="intermediate",
            serials=[SerialRange(12001, 12002)],
        )
    assert Sighting.objects.count() == 1
    fine()
