"""Sixteen people empty one store: allot, spoil, return, exchange, all at once (invariants 1, 6)."""

import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from tests.support.city import City, accepted_register, deliver, found_city
from zhicheng.audit.verify import verify
from zhicheng.blanks import actions as stock
from zhicheng.blanks import ledger
from zhicheng.blanks.exchange import due_serials
from zhicheng.blanks.models import CustodyState, Holding, Spoilage
from zhicheng.certificates import actions as path
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import count, ranges_of

GRADE = Grade.INTERMEDIATE.value
WORKERS = 16
PRINTED = 110
# What may be refused when everybody works at once, and nothing else.
EXPECTED = {
    "allotment.none",
    "allotment.twice",
    "blanks.not_held",
    "blanks.stock_too_low",
    "certificate.blanks_missing",
    "certificate.nothing_to_do",
    "exchange.due",
    "exchange.more_than_needed",
    "exchange.not_spoiled_here",
    "exchange.nothing_returned",
    "exchange.requested_before",
    "exchange.spares_left",
    "lifecycle.wrong_state",
}


class Worker:
    """One of the workers: does whatever comes to mind until the store is empty."""

    def __init__(self, city: City, registers: list[int], seed: int, stop: threading.Event) -> None:
        self.city, self.registers, self.stop = city, registers, stop
        self.random = random.Random(seed)  # noqa: S311 - which step comes next
        self.done: Counter[str] = Counter()
        self.refused: list[Refusal] = []

    def work(self) -> None:
        """Until nothing is left; a refusal is an answer, anything else is a fault."""
        try:
            for _ in range(600):
                if self.stop.is_set():
                    return
                step = self.random.choice(
                    [self.allot, self.fill, self.spoil, self.spoil, self.give_back, self.exchange]
                )
                try:
                    step(self.random.choice(self.registers))
                    self.done[step.__name__] += 1
                except Refusal as refusal:
                    self.refused.append(refusal)
                if self.lying("store") == 0:
                    self.stop.set()
        finally:
            connections.close_all()

    def lying(self, state: str) -> int:
        """How many blanks lie in this state."""
        held = Holding.objects.filter(custody__state=state).values_list("serials", flat=True)
        return sum(len(ledger.from_range(item)) for item in held)

    def of(self, register: int, *states: str) -> list[int]:
        """The register's serials in these states."""
        held = Holding.objects.filter(custody__register=register, custody__state__in=states)
        ranges = [ledger.from_range(item) for item in held.values_list("serials", flat=True)]
        return [n for item in ranges for n in range(item.first, item.last + 1)]

    def allot(self, register: int) -> None:
        chief, clerk = self.city.who("office", "officer"), self.city.who("health", "clerk")
        stock.allot_register(actor=chief, register_id=register)
        stock.hand_over(actor=chief, register_id=register, collected_by="王领取")
        stock.receive(actor=clerk, register_id=register)

    def fill(self, register: int) -> None:
        path.fill_in(actor=self.city.who("health", "clerk"), register_id=register)

    def spoil(self, register: int) -> None:
        serials = self.of(register, "filling", "unit")
        wanted = self.random.sample(serials, min(len(serials), self.random.randint(1, 3)))
        if wanted:
            spoil(
                actor=self.city.who("health", "clerk"),
                register_id=register,
                serials=wanted,
                reason="misprint",
            )

    def give_back(self, register: int) -> None:
        due = set(due_serials(register, GRADE))
        replaced = [serial for serial in self.of(register, "spoiled") if serial not in due]
        stock.return_spoiled(
            actor=self.city.who("office", "officer2"),
            register_id=register,
            grade=GRADE,
            returned=ranges_of(replaced[:2]),
        )

    def exchange(self, register: int) -> None:
        if self.random.random() < 0.3:
            stock.request_exchange(
                actor=self.city.who("health", "clerk"), register_id=register, grade=GRADE
            )
        stock.exchange_spoiled(
            actor=self.city.who("office", "officer"),
            register_id=register,
            grade=GRADE,
            # One at a time now and then: the last blank of the store can't serve two.
            returned=ranges_of(due_serials(register, GRADE)[: self.random.randint(1, 2)]),
        )


def empty_one_store(seed: int) -> Counter[str]:
    """One round; gives how often each step was done."""
    city = found_city()
    registers = [accepted_register(city, 8).pk for _ in range(14)]
    deliver(city, PRINTED)
    stop = threading.Event()
    people = [Worker(city, registers, seed * 100 + n, stop) for n in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for result in [pool.submit(person.work) for person in people]:
            result.result()  # a deadlock that nobody answered would come out here
    store = ledger.custody(city.office, CustodyState.STORE, GRADE)
    assert count(ledger.held(store)) == 0
    report = reconcile()
    assert report.passed, report.faults
    where = report.stock[GRADE]
    assert where.pop("printed") == sum(where.values()) == PRINTED  # none lost
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT serial), count(*) FROM blanks_spoilage")
        once, all_ = cursor.fetchone()
    assert once == all_
    for register in registers:
        exchanged = Spoilage.objects.filter(register=register, exchange__isnull=False).count()
        given = ledger.Movement.objects.filter(target__register=register, reason="exchange")
        assert sum(len(ledger.from_range(item.serials)) for item in given) == exchanged
    refused = [refusal for person in people for refusal in person.refused]
    assert {item.rule for item in refused} <= EXPECTED
    assert all(item.found and item.expected and item.clause for item in refused)
    assert verify().passed
    total: Counter[str] = Counter()
    for person in people:
        total += person.done
    total["refused"] = len(refused)
    return total


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_sixteen_workers_empty_one_store(seed: int) -> None:
    done = empty_one_store(seed)
    assert done["allot"]
    assert done["exchange"]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3, 23))
def test_sixteen_workers_empty_one_store_twenty_times(seed: int) -> None:
    done = empty_one_store(seed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        done["deadlocks broken by PostgreSQL so far, answered by another try"] = cursor.fetchone()[
            0
        ]
    sys.stdout.write(f"round {seed}: {dict(done)}\n")
