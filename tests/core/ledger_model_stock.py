"""The model's printer, its left-over blanks and its corrections."""

from dataclasses import dataclass, field

from tests.core.ledger_model import LIVE, Model, Place

CORRECTABLE = {
    "delivery",
    "damaged",
    "allotment",
    "hand_over",
    "receipt",
    "return_spoiled",
    "return_unused",
    "carry_over",
    "transfer",
}
STEP_STATE = {"allotment": "allotted", "hand_over": "handed_over", "receipt": "received"}
STEP_BACK = {"allotment": "", "hand_over": "allotted", "receipt": "handed_over"}


@dataclass
class Order:
    """An order at the printer's."""

    grade: str
    serials: set[int]
    cancelled: bool = False
    delivered: bool = False


@dataclass
class Shortage:
    """An open case about missing serials, and who opened it."""

    serials: set[int]
    opened_by: str


@dataclass
class Line:
    """A movement as it stands in the ledger."""

    serials: list[int]
    source: Place
    target: Place
    reason: str
    moved_by: str
    corrected: bool = False
    # Which step of each serial's life it was.
    step: dict[int, int] = field(default_factory=dict)


@dataclass
class StockModel(Model):
    """All movements."""

    orders: dict[int, Order] = field(default_factory=dict)
    shortages: dict[int, Shortage] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)

    def can_order(self, serials: set[int]) -> bool:
        """No serial twice, on paper or in print."""
        ordered = [item.serials for item in self.orders.values() if not item.cancelled]
        return not any(serials & item for item in ordered) and not serials & set(self.where)

    def cancel(self, order: int) -> bool:
        """Only before anything came."""
        found = self.orders[order]
        if found.cancelled or found.delivered:
            return False
        found.cancelled = True
        return True

    def count_in(
        self, order: int, good: set[int], damaged: set[int], missing: set[int], who: str
    ) -> list[int] | None:
        """The shortages that end with this delivery, or None when it is refused."""
        found = self.orders[order]
        named = good | damaged | missing
        open_ones = set().union(*(item.serials for item in self.shortages.values()))
        if (
            found.cancelled
            or not named
            or len(named) != len(good) + len(damaged) + len(missing)
            or not named <= found.serials
            or any(self.where.get(s, ("printer", None)) != ("printer", None) for s in named)
            or missing & open_ones
        ):
            return None
        for serial in named - set(self.where):
            self.print_blank(serial, found.grade)
        self.put(good, "store")
        self.put(damaged, "returned_spoiled")
        found.delivered = True
        ended = []
        for key, case in self.shortages.items():
            came = case.serials & (good | damaged)
            waits = any(self.where[serial] == ("printer", None) for serial in case.serials)
            if came and not waits and case.opened_by != who:
                ended.append(key)
        for key in ended:
            del self.shortages[key]
        return ended

    def write_off(self, case: int, who: str) -> bool:
        """A second officer gives up what never came."""
        if case not in self.shortages or self.shortages[case].opened_by == who:
            return False
        for serial in self.shortages.pop(case).serials:
            if self.where[serial] == ("printer", None):
                self.put([serial], "written_off")
        return True

    def complete(self, register: int) -> bool:
        """Everybody has the certificate in hand."""
        book = self.books[register]
        return book.allotment == "received" and self.has(register, "on_certificate") >= book.people

    def left(self, register: int) -> list[int]:
        """What nobody's certificate lies on."""
        grade = self.books[register].grade
        return sorted(
            self.serials("unit", grade, register) + self.serials("spare", grade, register)
        )

    def dispose(self, register: int, serials: list[int], way: str) -> bool:
        """Back to the store, or kept for the next register."""
        if (
            not serials
            or not self.complete(register)
            or not set(serials) <= set(self.left(register))
        ):
            return False
        if way == "return":
            self.put(serials, "store")
        else:
            self.put(serials, "carried_over", self.books[register].unit)
        return True

    def transfer(self, register: int, serials: list[int], other: int) -> bool:
        """To another register of the same unit, up to its people and spares."""
        source, target = self.books[register], self.books[other]
        if (
            not serials
            or register == other
            or source.unit != target.unit
            or source.grade != target.grade
            or not self.complete(register)
            or not set(serials) <= set(self.left(register))
            or target.allotment != "received"
            or self.complete(other)
            or self.has(other, *LIVE, "lost") + len(serials) > target.people + target.spares
        ):
            return False
        short = max(0, target.people - self.has(other, "unit", "filling", "on_certificate"))
        in_place = sorted(serials)[:short]
        self.put(in_place, "unit", other)
        self.put(sorted(serials)[short:], "spare", other)
        served = sorted(self.due_here(other))[: len(in_place)]
        self.stands_in |= set(in_place[: len(served)])
        target.due -= set(served)
        self._served(other)
        return True

    def together(self, line: Line) -> list[Line]:
        """Steps of an allotment are taken back as a whole."""
        if line.reason not in STEP_STATE:
            return [line]
        register = self._register(line)
        return [
            item
            for item in self.lines.values()
            if item.reason == line.reason and item.target[1] == register and not item.corrected
        ]

    @staticmethod
    def _register(line: Line) -> int | None:
        for place in (line.target, line.source):
            if isinstance(place[1], int):
                return place[1]
        return None

    def correct(self, line: Line, who: str) -> bool:
        """A second officer takes the last movement of its serials back."""
        group = self.together(line)
        if (
            line.reason not in CORRECTABLE
            or line.corrected
            or any(item.moved_by == who for item in group)
            or any(
                [item.step[serial]] != self.standing[serial][-1:]
                for item in group
                for serial in item.serials
            )
        ):
            return False
        if line.reason in STEP_STATE:
            register = self._register(line)
            assert register is not None
            book = self.books[register]
            if book.allotment != STEP_STATE[line.reason] or book.difference:
                return False
            book.allotment = STEP_BACK[line.reason]
        if line.reason == "return_spoiled" and set(line.serials) & self.exchanged:
            return False
        if line.reason == "transfer" and set(line.serials) & self.stands_in:
            return False
        for item in group:
            if item.target[0] == "returned_spoiled":
                self.lapse(item.serials)
            self.put(item.serials, *item.source)
            for serial in item.serials:
                del self.standing[serial][-2:]
            item.corrected = True
        return True
