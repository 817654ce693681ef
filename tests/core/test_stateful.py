"""Random orders of everything that can happen to blanks and certificates (invariants 1 to 6).

Beside the database runs a plain model; after every step both must agree on every serial and
every certificate, every refusal must be the model's too, and reconciliation must pass.
"""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.core.ledger_model import Book, Model
from tests.support.city import City, accepted_register, deliver, found_city
from zhicheng.audit.verify import verify
from zhicheng.blanks import actions as stock
from zhicheng.blanks.models import Holding, HoldingHistory
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.reference.models import Grade
from zhicheng.registers.models import RegisterRow
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import ranges_of

GRADES = [Grade.SENIOR.value, Grade.INTERMEDIATE.value]


class Office(RuleBasedStateMachine):
    """The office's life in random order, in a transaction that is rolled back."""

    city: City

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.model = Model()
        self.proposed: set[int] = set()
        self.moments: list[tuple[datetime, dict[int, tuple[str, int | None]]]] = []

    def teardown(self) -> None:
        try:
            self.compare_moments()
            report = verify()
            assert report.passed, report.faults
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @initialize()
    def found(self) -> None:
        self.city = found_city()

    def attempt(self, expected: bool, function: Any, **arguments: Any) -> None:
        """Runs an action; it must be refused exactly when the model refused."""
        try:
            with transaction.atomic():
                function(**arguments)
            happened = True
        except Refusal:
            happened = False
        assert happened == expected, (function.__name__, arguments, expected)

    def who(self, register: int, role: str) -> Account:
        return self.city.who("health", role)

    @rule(count=st.integers(1, 12), grade=st.sampled_from(GRADES))
    def print_run(self, count: int, grade: str) -> None:
        serials = deliver(self.city, count, grade=grade)
        for serial in range(serials.first, serials.last + 1):
            self.model.where[serial] = ("store", None)
            self.model.grade_of[serial] = grade

    @precondition(lambda self: len(self.model.books) < 4)
    @rule(people=st.integers(1, 6), grade=st.sampled_from(GRADES))
    def new_register(self, people: int, grade: str) -> None:
        register = accepted_register(self.city, people, grades=[grade])
        self.model.books[register.pk] = Book(grade, people)

    @precondition(lambda self: self.model.books)
    @rule(data=st.data())
    def promise_the_same_person_another_certificate(self, data: st.DataObject) -> None:
        """Invariant 4: whatever was accepted once is never accepted again."""
        row = RegisterRow.objects.filter(register=self.register(data)).order_by("?").first()
        assert row is not None
        row.pk, row.position = None, 900
        row.certificate_number = f"again-{row.certificate_number}"
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            row.save(force_insert=True)
        assert "approved_person_accepted_once" in str(refused.value)

    def register(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.model.books)), label="register")

    def serial(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.model.where)), label="serial")

    @precondition(lambda self: self.model.books)
    @rule(data=st.data(), step=st.sampled_from(["allot", "hand_over", "receive"]))
    def hand_out(self, data: st.DataObject, step: str) -> None:
        register = self.register(data)
        expected = getattr(self.model, step)(register)
        chief = self.city.who("office", "officer")
        match step:
            case "allot":
                self.attempt(expected, stock.allot_register, actor=chief, register_id=register)
            case "hand_over":
                self.attempt(
                    expected,
                    stock.hand_over,
                    actor=chief,
                    register_id=register,
                    collected_by="王领取",
                )
            case "receive":
                clerk = self.who(register, "clerk")
                self.attempt(expected, stock.receive, actor=clerk, register_id=register)

    @precondition(lambda self: self.model.books)
    @rule(data=st.data())
    def carry_the_first_steps(self, data: st.DataObject) -> None:
        """So that random walks get as far as certificates."""
        register = self.register(data)
        book = self.model.books[register]
        if not book.allotment:
            self.print_run(book.people + 1, book.grade)
        for step in ("allot", "hand_over", "receive"):
            expected = getattr(self.model, step)(register)
            chief, clerk = self.city.who("office", "officer"), self.who(register, "clerk")
            action = {
                "allot": stock.allot_register,
                "hand_over": stock.hand_over,
                "receive": stock.receive,
            }[step]
            extra = {"collected_by": "王领取"} if step == "hand_over" else {}
            actor = clerk if step == "receive" else chief
            self.attempt(expected, action, actor=actor, register_id=register, **extra)

    @precondition(lambda self: self.model.books)
    @rule(data=st.data(), everybody=st.booleans())
    def fill(self, data: st.DataObject, everybody: bool) -> None:
        register = self.register(data)
        waiting = self.model.waiting(register)
        chosen = waiting
        if not everybody and waiting:
            chosen = data.draw(st.lists(st.sampled_from(waiting), min_size=1, unique=True))
        rows = dict(RegisterRow.objects.filter(register=register).values_list("position", "pk"))
        self.attempt(
            self.model.fill(register, chosen),
            path.fill_in,
            actor=self.who(register, "clerk"),
            register_id=register,
            row_ids=None if everybody else [rows[position] for position in chosen],
        )

    @precondition(lambda self: self.model.books and self.model.where)
    @rule(data=st.data())
    def spoil(self, data: st.DataObject) -> None:
        register, serial = self.register(data), self.serial(data)
        self.attempt(
            self.model.spoil(register, serial),
            spoil,
            actor=self.who(register, "clerk"),
            register_id=register,
            serials=[serial],
            reason="damaged",
        )

    @precondition(lambda self: any(book.papers for book in self.model.books.values()))
    @rule(data=st.data(), step=st.sampled_from(["seal", "emboss", "issue"]))
    def move_on(self, data: st.DataObject, step: str) -> None:
        register = self.register(data)
        papers = self.model.books[register].papers
        chosen = (
            data.draw(st.lists(st.sampled_from(sorted(papers)), min_size=1, unique=True))
            if papers
            else []
        )
        before, after = {
            "seal": ("filled", "sealed"),
            "emboss": ("sealed", "embossed"),
            "issue": ("embossed", "issued"),
        }[step]
        ids = dict(Certificate.objects.filter(register=register).values_list("position", "pk"))
        arguments: dict[str, Any] = {
            "register_id": register,
            "certificate_ids": [ids[position] for position in chosen],
        }
        match step:
            case "seal":
                actor, allowed = self.who(register, "officer"), True
                action: Any = path.seal
            case "emboss":
                senior = self.model.books[register].grade == "senior"
                by_office = data.draw(st.booleans(), label="by the municipal office")
                actor = self.city.who("office" if by_office else "health", "embosser")
                allowed = senior == by_office
                action = path.emboss
            case _:
                actor, allowed, action = self.who(register, "clerk"), True, path.issue
        expected = allowed and self.model.step(register, chosen, before, after)
        self.attempt(expected, action, actor=actor, **arguments)

    @precondition(lambda self: any(p[0] == "spoiled" for p in self.model.where.values()))
    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        register = self.register(data)
        grade = self.model.books[register].grade
        spoiled = self.model.serials("spoiled", grade, register)
        returned = data.draw(st.lists(st.sampled_from(spoiled), unique=True)) if spoiled else []
        self.attempt(
            self.model.exchange(register, returned),
            stock.exchange_spoiled,
            actor=self.city.who("office", "officer"),
            register_id=register,
            grade=grade,
            returned=ranges_of(returned),
        )

    @precondition(lambda self: any(p[0] == "returned_spoiled" for p in self.model.where.values()))
    @rule(data=st.data(), same=st.booleans())
    def destroy(self, data: st.DataObject, same: bool) -> None:
        grade = data.draw(st.sampled_from(GRADES))
        returned = sorted(set(self.model.serials("returned_spoiled", grade)) - self.proposed)
        if not returned:
            return
        chosen = data.draw(st.lists(st.sampled_from(returned), min_size=1, unique=True))
        first = self.city.who("office", "officer")
        second = first if same else self.city.who("office", "officer2")
        proposal = stock.propose_destruction(actor=first, grade=grade, serials=ranges_of(chosen))
        if same:  # refused, and the proposal waits for somebody else
            self.proposed.update(chosen)
        else:
            self.model.put(chosen, "destroyed")
        self.attempt(not same, stock.confirm_destruction, actor=second, destruction_id=proposal.pk)

    @invariant()
    def every_serial_is_where_the_model_says(self) -> None:
        held: dict[int, tuple[str, int | None]] = {}
        for item in Holding.objects.select_related("custody"):
            for serial in range(item.serials.lower, item.serials.upper):
                assert serial not in held
                held[serial] = (item.custody.state, item.custody.register_id)
        assert held == self.model.where

    @invariant()
    def history_tells_every_moment_so_far(self) -> None:
        """The model of this moment is kept; at the end history has to tell all of them."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            self.moments.append((cursor.fetchone()[0], dict(self.model.where)))

    def compare_moments(self) -> None:
        for moment, where in self.moments:
            told = {
                serial: (piece.custody.state, piece.custody.register_id)
                for piece in HoldingHistory.objects.filter(period__contains=moment).select_related(
                    "custody"
                )
                for serial in range(piece.serials.lower, piece.serials.upper)
            }
            assert told == where, moment

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
    def reconciliation_passes(self) -> None:
        report = reconcile()
        assert report.passed, report.faults


def run(examples: int, steps: int) -> None:
    """So many random lives of so many steps."""
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.django_db
def test_no_order_of_steps_breaks_the_invariants() -> None:
    run(examples=25, steps=35)


@pytest.mark.long
@pytest.mark.django_db
def test_no_long_order_of_steps_breaks_the_invariants() -> None:
    run(examples=150, steps=100)
