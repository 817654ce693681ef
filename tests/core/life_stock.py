"""Steps at the printer's, with what is left over, and corrections."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.core.ledger_model_stock import CORRECTABLE, Order, Shortage
from tests.core.life import GRADES, Life
from zhicheng.blanks import actions as stock
from zhicheng.certificates.spoilage import spoil
from zhicheng.values.serials import SerialRange, ranges_of

TODAY = date(2026, 1, 5)


class StockLife(Life):
    """The printer, and what nobody needs any more."""

    def expected(self) -> list[int]:
        """Orders of which something may still come."""
        where, at_printer = self.model.where, ("printer", None)
        return sorted(
            key
            for key, item in self.model.orders.items()
            if not item.cancelled
            and any(where.get(s, at_printer) == at_printer for s in item.serials)
        )

    @rule(data=st.data(), count=st.integers(1, 8), grade=st.sampled_from(GRADES))
    def order(self, data: st.DataObject, count: int, grade: str) -> None:
        used = [s for item in self.model.orders.values() for s in item.serials]
        start = max([12000, *used]) + 1
        first = data.draw(st.sampled_from([start, max(12001, start - 3)]), label="first")
        serials = set(range(first, first + count))
        expected = self.model.can_order(serials)
        made = self.attempt(
            expected,
            stock.place_order,
            actor=self.city.who("office", "officer"),
            grade=grade,
            serials=SerialRange(first, first + count - 1),
            quantity=count,
            ordered_on=TODAY,
        )
        if expected:
            self.model.orders[made.pk] = Order(grade, serials)

    @precondition(lambda self: any(not o.delivered for o in self.model.orders.values()))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(sorted(self.model.orders)), label="order")
        self.attempt(
            self.model.cancel(order),
            stock.cancel_order,
            actor=self.city.who("office", "officer"),
            order_id=order,
        )

    @precondition(lambda self: self.expected())
    @rule(data=st.data(), clean=st.sampled_from([True, True, True, False]))
    def count_in(self, data: st.DataObject, clean: bool) -> None:
        """A part of what is due, with damaged and missing ones; now and then serials too many."""
        order = data.draw(st.sampled_from(self.expected()), label="order")
        serials = self.model.orders[order].serials
        at_printer = ("printer", None)
        due = {s for s in serials if self.model.where.get(s, at_printer) == at_printer}
        if clean and due:
            kinds = {s: data.draw(st.sampled_from("gggdmx"), label=str(s)) for s in sorted(due)}
            good, damaged, missing = (
                {serial for serial, kind in kinds.items() if kind == wanted} for wanted in "gdm"
            )
        else:
            candidates = sorted(serials | {min(serials) - 1} if min(serials) > 1 else serials)
            good, damaged, missing = (set(self.some(data, candidates)) for _ in range(3))
        who = self.office(data)
        ended = self.model.count_in(order, good, damaged, missing, f"office.{who}")
        delivery = self.attempt(
            ended is not None,
            stock.count_in,
            actor=self.city.who("office", who),
            order_id=order,
            good=ranges_of(good),
            damaged=ranges_of(damaged),
            missing=ranges_of(missing),
            delivered_on=TODAY,
        )
        if ended is not None and missing:
            self.model.shortages[delivery.case_id] = Shortage(missing, f"office.{who}")

    @precondition(lambda self: self.model.shortages)
    @rule(data=st.data())
    def write_off(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(sorted(self.model.shortages)), label="case")
        who = self.office(data)
        self.attempt(
            self.model.write_off(case, f"office.{who}"),
            stock.write_off_missing,
            actor=self.city.who("office", who),
            case_id=case,
            conclusion="印刷单位确认漏印",
        )

    def finished_first(self, data: st.DataObject) -> int:
        """A complete register where there is one."""
        complete = [key for key in sorted(self.model.books) if self.model.complete(key)]
        with_some = [key for key in complete if self.model.left(key)]
        return data.draw(
            st.sampled_from(with_some or complete or sorted(self.model.books)), label="register"
        )

    @precondition(lambda self: any(map(self.model.complete, self.model.books)))
    @rule(data=st.data(), way=st.sampled_from(["return", "carry_over"]), strange=st.booleans())
    def dispose(self, data: st.DataObject, way: str, strange: bool) -> None:
        register = self.finished_first(data)
        grade = self.model.books[register].grade
        serials = self.some(data, self.model.left(register), least=1)
        if strange and self.model.where:
            serials = sorted({*serials, data.draw(st.sampled_from(sorted(self.model.where)))})
        action: Any
        if way == "return":
            action, actor = stock.return_left_over, self.city.who("office", self.office(data))
        else:
            action, actor = stock.carry_over, self.who(register, "clerk")
        self.attempt(
            self.model.dispose(register, serials, way),
            action,
            actor=actor,
            register_id=register,
            grade=grade,
            serials=ranges_of(serials),
        )

    @precondition(lambda self: any(map(self.model.complete, self.model.books)))
    @rule(data=st.data())
    def transfer(self, data: st.DataObject) -> None:
        register = self.finished_first(data)
        book = self.model.books[register]
        # A register that lacks blanks, where there is one.
        alike = [
            key
            for key, item in sorted(self.model.books.items())
            if (item.grade, item.unit, item.allotment) == (book.grade, book.unit, "received")
            and not self.model.complete(key)
        ]
        others = alike or sorted(self.model.books)
        other = data.draw(st.sampled_from(others), label="to")
        serials = self.some(data, self.model.left(register), least=1)
        if alike and data.draw(st.integers(0, 4), label="make room"):
            # A spare or a blank of the other register is spoiled first.
            own = [
                s for s, at in self.model.where.items() if at in [("spare", other), ("unit", other)]
            ]
            if own:
                self.attempt(
                    self.model.spoil(other, [min(own)]),
                    spoil,
                    actor=self.who(other, "clerk"),
                    register_id=other,
                    serials=[min(own)],
                    reason="damaged",
                )
            serials = serials[:1]
        self.attempt(
            self.model.transfer(register, serials, other),
            stock.transfer,
            actor=self.who(register, "officer"),
            register_id=register,
            grade=book.grade,
            serials=ranges_of(serials),
            to_register_id=other,
        )

    @precondition(lambda self: self.model.lines)
    @rule(data=st.data(), likely=st.booleans())
    def correct(self, data: st.DataObject, likely: bool) -> None:
        """Any movement; half of the time one that can still be taken back."""
        lines = self.model.lines
        keys = sorted(lines)
        if likely:
            standing = self.model.standing
            fresh = [
                key
                for key in keys
                if lines[key].reason in CORRECTABLE
                and all([lines[key].step[s]] == standing[s][-1:] for s in lines[key].serials)
            ]
            keys = fresh or keys
        key = data.draw(st.sampled_from(keys), label="movement")
        who = self.office(data)
        self.attempt(
            self.model.correct(lines[key], f"office.{who}"),
            stock.correct,
            actor=self.city.who("office", who),
            movement_id=key,
            reason="登记有误",
        )
