"""The office's life in random order: what all groups of steps share, and its invariants.

A group of steps is a mixin of :class:`Life` with rules of its own (``life_path``, ``life_stock``);
``test_stateful`` puts them together. A new group brings its own class and its part of the model.
"""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.core.ledger_model import Book, Place
from tests.core.ledger_model_counts import OfficeModel
from tests.core.ledger_model_losses import OFFICE
from tests.core.ledger_model_stock import Line
from tests.support.city import City
from zhicheng.audit.verify import verify
from zhicheng.blanks.models import (
    BlankCase,
    CaseKind,
    Custody,
    Destruction,
    ExchangeRequest,
    Holding,
    HoldingHistory,
    Movement,
    Spoilage,
)
from zhicheng.blanks.queries.past import counts_at, store_at
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.organizations.models import Account
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import parse_ranges

GRADES = [Grade.SENIOR.value, Grade.INTERMEDIATE.value]
UNITS = ["health", "enterprise"]
STEPS: Counter[str] = Counter()  # what all lives of this process did, and what was refused


class Life(RuleBasedStateMachine):
    """A city office whose every step is done in the model and in the database."""

    city: City

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.model = OfficeModel()
        self.known = 0  # the last movement that was compared
        self.known_case = 0
        self.steps = 0
        self.moments: list[tuple[datetime, dict[int, Place]]] = []

    def teardown(self) -> None:
        try:
            if self.moments:
                self.every_moment_is_as_the_model_was()
                proof = reconcile()
                assert proof.passed, proof.faults
                report = verify()
                assert report.passed, report.faults
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def attempt(self, expected: bool, function: Any, **arguments: Any) -> Any:
        """Runs an action; it must be refused exactly when the model refused."""
        result = None
        try:
            with transaction.atomic():
                result = function(**arguments)
            happened = True
        except Refusal as refusal:
            happened, result = False, refusal
        STEPS[f"{function.__name__} {'done' if happened else 'refused'}"] += 1
        assert happened == expected, (function.__name__, arguments, expected, result)
        return result

    def who(self, register: int, role: str) -> Account:
        return self.city.who(self.model.books[register].unit, role)

    def office(self, data: st.DataObject) -> str:
        """One of the office's two officers."""
        return data.draw(st.sampled_from(["officer", "officer2"]), label="officer")

    def register(
        self, data: st.DataObject, fits: Callable[[int, Book], object] | None = None
    ) -> int:
        """Any register; mostly one that fits, where there is one."""
        pool = sorted(self.model.books)
        if fits is not None:
            fitting = [key for key in pool if fits(key, self.model.books[key])]
            if fitting and data.draw(st.integers(0, 4), label="fitting") < 4:
                pool = fitting
        return data.draw(st.sampled_from(pool), label="register")

    def some(self, data: st.DataObject, serials: Collection[int], *, least: int = 0) -> list[int]:
        """A part of the serials."""
        if not serials:
            return []
        chosen = st.lists(st.sampled_from(sorted(serials)), min_size=least, unique=True)
        return sorted(data.draw(chosen, label="serials"))

    def place(self, custody: Custody) -> Place:
        units = {getattr(self.city, name).pk: name for name in UNITS}
        if custody.register_id is None and custody.organization_id in units:
            return (custody.state, units[custody.organization_id])
        return (custody.state, custody.register_id)

    @invariant()
    def every_serial_is_where_the_model_says(self) -> None:
        STEPS["steps compared"] += 1
        held: dict[int, Place] = {}
        for item in Holding.objects.select_related("custody"):
            for serial in range(item.serials.lower, item.serials.upper):
                assert serial not in held
                held[serial] = self.place(item.custody)
        assert held == self.model.where
        balances: Counter[Place] = Counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (moment,) = cursor.fetchone()
        for custody in Custody.objects.all():
            balances[self.place(custody)] += custody.balance
            moment = max(moment, custody.changed_at or moment)
        assert +balances == Counter(self.model.where.values())
        self.moments.append((moment, held))

    def every_moment_is_as_the_model_was(self) -> None:
        """The end of a life: whatever moment is asked for, history tells what the model knew."""
        pieces = [
            (range(item.serials.lower, item.serials.upper), item.period, self.place(item.custody))
            for item in HoldingHistory.objects.select_related("custody")
        ]
        for moment, where in self.moments:
            told: dict[int, Place] = {}
            for serials, period, place in pieces:
                if period.lower <= moment and (period.upper is None or moment < period.upper):
                    for serial in serials:
                        assert serial not in told
                        told[serial] = place
            assert told == where, moment
            STEPS["past moments compared"] += 1
        holders = {name: getattr(self.city, name) for name in ("office", *UNITS)}
        for moment, where in self.moments[:: max(1, len(self.moments) // 4)]:
            for name, organization in holders.items():
                wanted: Counter[tuple[str, str]] = Counter()
                for serial, (state, key) in where.items():
                    unit = self.model.books[key].unit if isinstance(key, int) else key
                    mine = "office" if state in (*OFFICE, "destroyed") else unit
                    if state in ("lost", "written_off") or (mine or "office") != name:
                        continue
                    wanted[self.model.grade_of[serial], state] += 1
                told_counts = {
                    account: number
                    for account, number in counts_at(organization.pk, moment).items()
                    if account[1] not in ("lost", "written_off", "printer")
                }
                wanted = Counter({k: n for k, n in wanted.items() if k[1] != "printer"})
                assert told_counts == wanted, (moment, name)
            store = store_at([moment])
            for grade in GRADES:
                lying = [s for s, place in where.items() if place == ("store", None)]
                assert store[grade] == [sum(self.model.grade_of[s] == grade for s in lying)]

    @invariant()
    def every_serial_came_along_the_way_of_the_model(self) -> None:
        """History: each movement, in its order, took each serial to the model's next place."""
        new = (
            Movement.objects.filter(pk__gt=self.known)
            .select_related("source", "target", "moved_by")
            .order_by("pk")
        )
        seen: dict[int, list[Place]] = getattr(self, "seen", {})
        for item in new:
            self.known = item.pk
            serials = list(range(item.serials.lower, item.serials.upper))
            source, target = self.place(item.source), self.place(item.target)
            line = Line(
                serials,
                source,
                target,
                item.reason,
                item.moved_by.username if item.moved_by else "",
                step={serial: len(seen.setdefault(serial, [])) for serial in serials},
            )
            for serial in serials:
                before = seen[serial][-1] if seen[serial] else ("printer", None)
                assert before == source, (serial, before, source)
                seen[serial].append(target)
            self.model.lines[item.pk] = line
        self.seen = seen
        assert seen == {key: way for key, way in self.model.history.items() if way}

    @invariant()
    def every_certificate_is_as_the_model_says(self) -> None:
        found = {
            (item.register_id, item.position): (item.state, item.blank_serial)
            for item in Certificate.objects.all()
        }
        assert found == {
            (register, position): (paper.state, paper.serial)
            for register, book in self.model.books.items()
            for position, paper in book.papers.items()
        }

    @invariant()
    def what_is_owed_is_what_the_model_owes(self) -> None:
        due = Spoilage.objects.filter(needs_blank=True, exchange=None)
        assert set(due.values_list("register", "serial")) == {
            (register, serial) for register, book in self.model.books.items() for serial in book.due
        }
        requests = ExchangeRequest.objects.filter(closed_at=None)
        assert {item.register_id: serials_of(item.serials) for item in requests} == {
            register: book.request for register, book in self.model.books.items() if book.request
        }
        short = BlankCase.objects.filter(kind=CaseKind.SHORT_DELIVERY, outcome="")
        assert {item.pk: set(serials_of(item.serials)) for item in short} == {
            key: case.serials for key, case in self.model.shortages.items()
        }

    @invariant()
    def every_difference_has_its_case(self) -> None:
        new = BlankCase.objects.filter(pk__gt=self.known_case).exclude(kind=CaseKind.SHORT_DELIVERY)
        for item in new.select_related("opened_by").order_by("pk"):
            self.known_case = item.pk
            key = (
                item.kind,
                item.grade,
                frozenset(serials_of(item.serials)),
                item.opened_by.username if item.opened_by else "",
                item.register_id,
            )
            fits = [case for case in self.model.fresh if case.key == key]
            assert fits, (key, self.model.fresh)
            self.model.fresh.remove(fits[0])
            self.model.cases[item.pk] = fits[0]
        assert not self.model.fresh
        open_ones = BlankCase.objects.filter(outcome="").exclude(kind=CaseKind.SHORT_DELIVERY)
        assert set(open_ones.values_list("pk", flat=True)) == {
            key for key, case in self.model.cases.items() if case.is_open
        }
        proposals = Destruction.objects.filter(confirmed_by=None, lapsed_at=None)
        assert {item.pk: set(serials_of(item.serials)) for item in proposals} == (
            self.model.proposals
        )

    @invariant()
    def reconciliation_passes(self) -> None:
        self.steps += 1
        if self.steps % 4:
            return  # fifteen statements; at the end of every life, too
        report = reconcile()
        assert report.passed, report.faults


def serials_of(texts: list[str]) -> list[int]:
    """The serials of stored ranges."""
    return [n for item in parse_ranges(",".join(texts)) for n in range(item.first, item.last + 1)]
