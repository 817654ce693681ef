"""Steps of losses: reported, found or written off by another person, replaced."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.core.life import Life
from zhicheng.blanks.investigations import replace_written_off, report_loss, settle_case
from zhicheng.values.serials import ranges_of

# Twice what ends most cases, so that blanks come back and are lost again.
ENDS = ["found", "found", "found", "written_off", "written_off", "counted_wrong", "explained"]
ENDS_SHORT = ["explained", "made_good", "written_off"]
ORGANIZATIONS = ["office", "health", "enterprise"]


class LossLife(Life):
    """What isn't where it should be."""

    @precondition(lambda self: any(self.model.kept(who) for who in ORGANIZATIONS))
    @rule(data=st.data(), strange=st.integers(0, 5), kind=st.sampled_from(["", "filling", "spare"]))
    def report_loss(self, data: st.DataObject, strange: int, kind: str) -> None:
        """A few blanks of one keeper; now and then one that it doesn't keep."""
        keepers = [who for who in ORGANIZATIONS if self.model.kept(who)]
        who = data.draw(st.sampled_from(keepers), label="keeper")
        kept = self.model.kept(who)
        liked = [s for s in kept if self.model.where[s][0] == kind] or kept
        chosen = self.some(data, liked, least=1)[:4]
        if strange == 0:
            chosen = sorted({*chosen, data.draw(st.sampled_from(sorted(self.model.where)))})
        role = data.draw(st.sampled_from(["clerk", "officer"]), label="role")
        self.attempt(
            self.model.report(chosen, who, f"{who}.{role}"),
            report_loss,
            actor=self.city.who(who, role),
            serials=ranges_of(chosen),
            note="不见了",
        )

    @precondition(lambda self: self.model.cases or self.model.shortages)
    @rule(
        data=st.data(), whole=st.integers(0, 2), place=st.sampled_from("back store spoiled".split())
    )
    def settle(self, data: st.DataObject, whole: int, place: str) -> None:
        """Mostly an open case, by somebody who didn't open it."""
        known = {**self.model.cases, **self.model.shortages}
        waiting = [
            key for key, item in known.items() if key in self.model.shortages or item.is_open
        ]
        pool = waiting if waiting and data.draw(st.integers(0, 5), label="open") else list(known)
        number = data.draw(st.sampled_from(sorted(pool)), label="case")
        case = known[number]
        officers = ["officer", "officer2"]
        others = [who for who in officers if f"office.{who}" != case.opened_by]
        again = data.draw(st.integers(0, 5), label="whoever") == 0
        who = data.draw(st.sampled_from(officers if again else others), label="officer")
        lost = set() if number in self.model.shortages else self.model.lost_of(case)
        outcome = data.draw(st.sampled_from(ENDS if lost else ENDS_SHORT), label="outcome")
        chosen = self.some(data, lost, least=1) if lost and whole == 0 else None
        if chosen and data.draw(st.integers(0, 7), label="strange") == 0:
            chosen = sorted({*chosen, data.draw(st.sampled_from(sorted(self.model.where)))})
        self.attempt(
            self.model.settle(number, f"office.{who}", outcome, place, chosen),
            settle_case,
            actor=self.city.who("office", who),
            case_id=number,
            outcome=outcome,
            conclusion="查明",
            serials=None if chosen is None else ranges_of(chosen),
            place=place,
        )

    def at_work(self) -> list[int]:
        """Registers whose unit has blanks or certificates before it."""
        return [
            key
            for key, book in self.model.books.items()
            if book.allotment == "received" and self.model.has(key, "unit", "filling")
        ]

    @precondition(lambda self: self.at_work())
    @rule(data=st.data(), outcome=st.sampled_from(["written_off", "written_off", "found"]))
    def lose_for_good(self, data: st.DataObject, outcome: str) -> None:
        """All spares and somebody's blank, gone: so that people lack one and get new ones."""
        register = data.draw(st.sampled_from(self.at_work()), label="register")
        book = self.model.books[register]
        mine = [
            s
            for state in ("unit", "filling")
            for s in self.model.serials(state, book.grade, register)
        ]
        lost = sorted({*self.model.serials("spare", book.grade, register), min(mine)})
        (case,) = self.attempt(
            self.model.report(lost, book.unit, f"{book.unit}.clerk"),
            report_loss,
            actor=self.who(register, "clerk"),
            serials=ranges_of(lost),
            note="失窃",
        )
        self.every_serial_came_along_the_way_of_the_model()
        self.every_difference_has_its_case()
        who = self.office(data)
        self.attempt(
            self.model.settle(case.pk, f"office.{who}", outcome, "store", None),
            settle_case,
            actor=self.city.who("office", who),
            case_id=case.pk,
            outcome=outcome,
            conclusion="查明",
            place="store",
        )
        if data.draw(st.booleans(), label="replace"):
            self.give(data, case.pk)

    @precondition(lambda self: self.model.cases)
    @rule(data=st.data())
    def replace(self, data: st.DataObject) -> None:
        """New blanks, mostly where somebody lacks one because of a loss."""
        lacking = [k for k, c in self.model.cases.items() if self.model.replaceable(c.register)]
        pool = lacking or sorted(self.model.cases)
        self.give(data, data.draw(st.sampled_from(sorted(pool)), label="case"))

    def give(self, data: st.DataObject, number: int) -> None:
        """The replacement of a case."""
        self.attempt(
            self.model.replace(number),
            replace_written_off,
            actor=self.city.who("office", self.office(data)),
            case_id=number,
        )
