"""Web nodes that ask the database at the same moment agree: on every count, on every solution."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum

from tests.support.city import accepted_register, carry, deliver, found_city
from zhicheng.certificates.models import Certificate
from zhicheng.verification.lookups import lookup_record, lookups_of
from zhicheng.verification.models import AskingCount, Lookup, UsedChallenge
from zhicheng.verification.queries import Finding
from zhicheng.web.asking import challenge, counting
from zhicheng.web.asking.rules import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
NODES, EACH = 8, 25


def on_every_node(work: Callable[[int], object]) -> list[object]:
    """The work at the same time on as many connections."""

    def alone(node: int) -> object:
        try:
            return work(node)
        finally:
            connection.close()

    with ThreadPoolExecutor(NODES) as nodes:
        return list(nodes.map(alone, range(NODES)))


def test_nothing_is_lost_in_counting_and_a_solution_is_taken_once() -> None:
    def ask(node: int) -> None:
        for n in range(EACH):
            # In one order and the other: no two nodes wait for each other for ever.
            subjects = counting.subjects_of(id_number="500103199001010018", number="A1", name="张")
            counting.count("203.0.113.7", subjects if n % 2 else subjects[::-1])
            counting.count_miss("203.0.113.7", bool(n % 2))

    on_every_node(ask)

    def counted(text: str, what: str = "questions") -> int:
        rows = AskingCount.objects.filter(key=counting.key_of(text))
        return int(rows.aggregate(total=Sum(what))["total"])

    assert counted("minute 203.0.113.7") == NODES * EACH
    assert counted(counting.EVERYBODY) == NODES * EACH
    assert counted("number A1") == NODES * EACH
    assert counted("address 203.0.113.7", "misses") == NODES * (EACH // 2)
    assert counting.count("203.0.113.7", []).all_minute >= 1

    told = on_every_node(
        lambda _node: [counting.count("203.0.113.8", ["number A2"]) for _ in range(EACH)]
    )
    every = [counts for of_node in told for counts in of_node]  # type: ignore[attr-defined]
    for field in ("address_minute", "address_hour", "subject_hour", "pair_hour"):
        # As if they had come one after the other: each is told another count.
        assert sorted(getattr(counts, field) for counts in every) == [*range(1, NODES * EACH + 1)]

    ticket = Ticket(int(time.time()), 18, b"n" * 16)
    assert sorted(map(bool, on_every_node(lambda _node: challenge._used(ticket)))) == [
        *[False] * (NODES - 1),
        True,
    ]
    assert UsedChallenge.objects.count() == 1


def test_everybody_gets_what_they_asked_for() -> None:
    city = found_city()
    register = accepted_register(city, NODES)
    deliver(city, 2 * NODES)
    carry(city, register, "issued")
    people = list(Certificate.objects.values_list("name", "number").order_by("pk"))
    numbers = dict(enumerate(number for _name, number in people))

    def ask(node: int) -> object:
        name, number = people[node]
        seen = []
        for n in range(EACH):
            finding = Finding(name if n % 3 else "无此人", "", number)
            _counts, rows = counting.count_and_ask("203.0.113.9", [], finding.beside())
            seen.append(tuple(one.number for one in finding.answer(rows)))
            counting.count_miss("203.0.113.9", False, [lookup_record(way="number", found=seen[-1])])
        return seen

    wanted = [[(numbers[node],) if n % 3 else () for n in range(EACH)] for node in range(NODES)]
    assert on_every_node(ask) == wanted
    assert Lookup.objects.count() == NODES * EACH
    for number in numbers.values():
        assert len(lookups_of([number])) == EACH - len(range(0, EACH, 3))


def test_records_of_the_first_moment_of_a_day_share_its_key() -> None:
    from zhicheng.verification import lookups

    lookups._keys.clear()
    on_every_node(lambda _node: lookups.record_lookup(way="person", address="203.0.113.7"))
    lookups._keys.clear()
    lookups.record_lookup(way="person", address="203.0.113.7")
    assert Lookup.objects.count() == NODES + 1
    assert len({bytes(row.address or b"") for row in Lookup.objects.all()}) == 1
    lookups._keys.clear()  # the next test's database has another
