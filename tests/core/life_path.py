"""Steps of a register's path: allotted, received, filled in, spoiled, sealed, issued, exchanged."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.core.ledger_model import Book
from tests.core.ledger_model_stock import Order
from tests.core.life import GRADES, UNITS, Life
from tests.support.city import accepted_register, deliver, found_city
from zhicheng.blanks import actions as stock
from zhicheng.blanks.models import PrintOrder
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.registers.models import RegisterRow
from zhicheng.values.serials import ranges_of

STAGES = ["issued", "filled", "received", ""]


class PathLife(Life):
    """A register on its way."""

    @rule(count=st.integers(1, 12), grade=st.sampled_from(GRADES))
    def print_run(self, count: int, grade: str) -> None:
        serials = deliver(self.city, count, grade=grade)
        order = max(self.model.orders, default=0)
        for serial in range(serials.first, serials.last + 1):
            self.model.print_blank(serial, grade)
            self.model.put([serial], "store")
        self.learn_orders(order)

    def stage(self, allotment: str) -> list[int]:
        """The registers whose allotment is so far."""
        return [key for key, book in self.model.books.items() if book.allotment == allotment]

    def to_fill(self) -> list[int]:
        """The registers with people who wait and blanks for them."""
        model = self.model
        return [key for key in model.books if model.has(key, "unit") and model.waiting(key)]

    def learn_orders(self, after: int) -> None:
        """A direct entry into the store writes an order of its own: nothing is left of it."""
        for item in PrintOrder.objects.filter(pk__gt=after):
            serials = set(range(item.serials.lower, item.serials.upper))
            self.model.orders[item.pk] = Order(item.grade, serials, delivered=True)

    @precondition(lambda self: len(self.model.books) < 5)
    @rule(people=st.integers(1, 6), grade=st.sampled_from(GRADES), unit=st.sampled_from(UNITS))
    def new_register(self, people: int, grade: str, unit: str) -> None:
        register = accepted_register(
            self.city, people, grades=[grade], unit=getattr(self.city, unit)
        )
        self.model.books[register.pk] = Book(grade, people, unit)

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

    @precondition(lambda self: self.stage(""))
    @rule(data=st.data(), choose=st.booleans())
    def allot(self, data: st.DataObject, choose: bool) -> None:
        register = self.register(data, lambda _key, book: not book.allotment)
        grade = self.model.books[register].grade
        chosen = None
        if choose:
            book = self.model.books[register]
            kept = len(self.model.serials("carried_over", grade, book.unit))
            wanted = max(0, book.people + book.spares - kept)
            store = data.draw(st.permutations(self.model.serials("store", grade)), label="store")
            chosen = sorted(store[: wanted + (data.draw(st.integers(0, 5), label="more") == 0)])
        self.attempt(
            self.model.allot(register, chosen),
            stock.allot_register,
            actor=self.city.who("office", "officer"),
            register_id=register,
            chosen=None if chosen is None else {grade: ranges_of(chosen)},
        )

    @precondition(lambda self: self.stage("allotted"))
    @rule(data=st.data())
    def hand_over(self, data: st.DataObject) -> None:
        register = self.register(data, lambda _key, book: book.allotment == "allotted")
        self.attempt(
            self.model.hand_over(register),
            stock.hand_over,
            actor=self.city.who("office", "officer"),
            register_id=register,
            collected_by="王领取",
        )

    @precondition(lambda self: self.stage("handed_over"))
    @rule(data=st.data(), complete=st.booleans())
    def receive(self, data: st.DataObject, complete: bool) -> None:
        register = self.register(data, lambda _key, book: book.allotment == "handed_over")
        grade = self.model.books[register].grade
        missing, damaged = [], []
        if not complete:
            arrived = self.model.serials("in_transit", grade, register)
            missing = self.some(data, arrived)
            damaged = self.some(data, set(arrived) | set(self.model.serials("store", grade)[:1]))
        self.attempt(
            self.model.receive(register, missing, damaged),
            stock.receive,
            actor=self.who(register, "clerk"),
            register_id=register,
            missing=ranges_of(missing),
            damaged=ranges_of(damaged),
        )

    @initialize(stages=st.lists(st.sampled_from(STAGES), min_size=3, max_size=3))
    def found(self, stages: list[str]) -> None:
        """Three registers, two of them alike, some on their way: so that walks get somewhere."""
        self.city = found_city()
        for stage, (people, grade, unit) in zip(
            stages,
            ((3, GRADES[1], "health"), (4, GRADES[1], "health"), (2, GRADES[0], "enterprise")),
            strict=True,
        ):
            self.new_register(people, grade, unit)
            self.print_run(people + 2, grade)
            if stage:
                self.carry(max(self.model.books), stage)

    @precondition(lambda self: self.model.books)
    @rule(data=st.data(), upto=st.sampled_from(["received", "filled", "issued", "issued"]))
    def carry_on(self, data: st.DataObject, upto: str) -> None:
        """So that random walks get as far as certificates, and to their end."""
        self.carry(self.register(data, lambda key, _b: self.model.waiting(key)), upto)

    def carry(self, register: int, upto: str) -> None:
        """As far as ``upto``, from wherever the register is."""
        book = self.model.books[register]
        if not book.allotment and not self.model.can_allot(register):
            self.print_run(book.people + 1, book.grade)
        chief, clerk = self.city.who("office", "officer"), self.who(register, "clerk")
        self.attempt(
            self.model.allot(register), stock.allot_register, actor=chief, register_id=register
        )
        self.attempt(
            self.model.hand_over(register),
            stock.hand_over,
            actor=chief,
            register_id=register,
            collected_by="王领取",
        )
        self.attempt(self.model.receive(register), stock.receive, actor=clerk, register_id=register)
        if upto == "received":
            return
        self.attempt(
            self.model.fill(register, self.model.waiting(register)),
            path.fill_in,
            actor=clerk,
            register_id=register,
        )
        if upto == "issued":
            self.finish_all(register)

    @precondition(lambda self: any(book.papers for book in self.model.books.values()))
    @rule(data=st.data())
    def spoil_more_than_spares(self, data: st.DataObject) -> None:
        """So that exchanges fall due."""
        register = self.register(data, lambda key, _book: self.model.has(key, "filling"))
        grade = self.model.books[register].grade
        filled = self.model.serials("filling", grade, register)
        for serial in filled[: self.model.has(register, "spare") + 1]:
            self.attempt(
                self.model.spoil(register, [serial]),
                spoil,
                actor=self.who(register, "clerk"),
                register_id=register,
                serials=[serial],
                reason="misprint",
            )

    @precondition(lambda self: self.to_fill())
    @rule(data=st.data(), everybody=st.booleans())
    def fill(self, data: st.DataObject, everybody: bool) -> None:
        register = self.register(data, lambda key, _book: key in self.to_fill())
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
    @rule(data=st.data(), strange=st.integers(0, 4), run_out=st.booleans())
    def spoil(self, data: st.DataObject, strange: int, run_out: bool) -> None:
        """One or more blanks; with the spares, so that an exchange comes about."""
        register = self.register(data, lambda _key, book: book.allotment == "received")
        states = ("unit", "filling", "spare")
        mine = sorted(
            s for s, at in self.model.where.items() if at in [(x, register) for x in states]
        )
        chosen = set(self.some(data, mine, least=1)[:3])
        if run_out:
            chosen |= {s for s in mine if self.model.where[s][0] == "spare"}
        if strange == 0 or not chosen:
            chosen.add(data.draw(st.sampled_from(sorted(self.model.where)), label="serial"))
        self.attempt(
            self.model.spoil(register, sorted(chosen)),
            spoil,
            actor=self.who(register, "clerk"),
            register_id=register,
            serials=sorted(chosen),
            reason="damaged",
        )

    @precondition(lambda self: any(book.papers for book in self.model.books.values()))
    @rule(data=st.data(), step=st.sampled_from(["seal", "emboss", "issue"]))
    def move_on(self, data: st.DataObject, step: str) -> None:
        before, after = {
            "seal": ("filled", "sealed"),
            "emboss": ("sealed", "embossed"),
            "issue": ("embossed", "issued"),
        }[step]
        register = self.register(
            data, lambda _key, book: any(p.state == before for p in book.papers.values())
        )
        papers = self.model.books[register].papers
        fitting = [key for key, paper in papers.items() if paper.state == before]
        if not data.draw(st.integers(0, 4), label="any"):
            fitting = sorted(papers)
        chosen = fitting and data.draw(
            st.lists(st.sampled_from(fitting), min_size=1, unique=True), label="certificates"
        )
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

    def finish_all(self, register: int) -> None:
        """Whatever is under way is sealed, embossed and issued."""
        papers = self.model.books[register].papers
        senior = self.model.books[register].grade == "senior"
        embosser = self.city.who("office" if senior else "health", "embosser")
        ids = dict(Certificate.objects.filter(register=register).values_list("position", "pk"))
        for before, after, action, actor in (
            ("filled", "sealed", path.seal, self.who(register, "officer")),
            ("sealed", "embossed", path.emboss, embosser),
            ("embossed", "issued", path.issue, self.who(register, "clerk")),
        ):
            chosen = [key for key, paper in papers.items() if paper.state == before]
            if chosen:
                self.attempt(
                    self.model.step(register, chosen, before, after),
                    action,
                    actor=actor,
                    register_id=register,
                    certificate_ids=[ids[position] for position in chosen],
                )

    @precondition(lambda self: any(self.model.due_here(key) for key in self.model.books))
    @rule(data=st.data())
    def ask_exchange(self, data: st.DataObject) -> None:
        register = self.register(data, lambda key, _book: self.model.due_here(key))
        self.attempt(
            self.model.ask_exchange(register),
            stock.request_exchange,
            actor=self.who(register, "clerk"),
            register_id=register,
            grade=self.model.books[register].grade,
        )

    @precondition(lambda self: any(p[0] == "spoiled" for p in self.model.where.values()))
    @rule(data=st.data(), exchanged=st.booleans())
    def bring_back(self, data: st.DataObject, exchanged: bool) -> None:
        """Spoiled blanks come to the office: for new ones, or for nothing."""
        register = self.register(
            data,
            lambda key, _book: (
                self.model.due_here(key) if exchanged else self.model.has(key, "spoiled")
            ),
        )
        grade = self.model.books[register].grade
        due = self.model.books[register].due
        spoiled = self.model.serials("spoiled", grade, register)
        if data.draw(st.integers(0, 4), label="fitting"):
            spoiled = [serial for serial in spoiled if (serial in due) == exchanged]
        returned = self.some(data, spoiled)
        model = self.model.exchange if exchanged else self.model.give_back
        self.attempt(
            model(register, returned),
            stock.exchange_spoiled if exchanged else stock.return_spoiled,
            actor=self.city.who("office", "officer"),
            register_id=register,
            grade=grade,
            returned=ranges_of(returned),
        )

    @precondition(lambda self: any(p[0] == "spoiled" for p in self.model.where.values()))
    @rule(data=st.data())
    def bring_everything(self, data: st.DataObject) -> None:
        """Exchanged what is due, returned what isn't: all of it or nothing."""
        register = self.register(data, lambda key, _book: self.model.has(key, "spoiled"))
        grade = self.model.books[register].grade
        due = self.model.due_here(register)
        rest = sorted(set(self.model.serials("spoiled", grade, register)) - due)
        before = deepcopy(self.model)
        done = bool(due or rest) and not (
            (due and not self.model.exchange(register, sorted(due)))
            or (rest and not self.model.give_back(register, rest))
        )
        if not done:
            self.model = before
        self.attempt(
            done,
            stock.take_back,
            actor=self.city.who("office", "officer"),
            register_id=register,
            grade=grade,
            brought=ranges_of([*due, *rest]),
        )

    @precondition(lambda self: any(p[0] == "returned_spoiled" for p in self.model.where.values()))
    @rule(data=st.data(), same=st.booleans())
    def destroy(self, data: st.DataObject, same: bool) -> None:
        grade = data.draw(st.sampled_from(GRADES))
        chosen = self.some(data, self.model.serials("returned_spoiled", grade), least=1)
        if not chosen:
            return
        first = self.city.who("office", "officer")
        second = first if same else self.city.who("office", "officer2")
        proposal = self.attempt(
            self.model.propose(chosen, grade),
            stock.propose_destruction,
            actor=first,
            grade=grade,
            serials=ranges_of(chosen),
        )
        if not isinstance(proposal, Exception):
            self.model.proposals[proposal.pk] = set(chosen)
            if data.draw(st.booleans(), label="at once"):
                self.confirm(proposal.pk, second, same=same)

    @precondition(lambda self: self.model.proposals)
    @rule(data=st.data())
    def destroy_later(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.proposals)), label="proposal")
        self.confirm(number, self.city.who("office", "officer2"), same=False)

    def confirm(self, number: int, second: Account, *, same: bool) -> None:
        """The second person's part."""
        self.attempt(
            self.model.destroy(number, same=same),
            stock.confirm_destruction,
            actor=second,
            destruction_id=number,
        )
