"""The model's losses: what is looked into, found, written off and replaced (N9, N18)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.core.ledger_model import LIVE, Place
from tests.core.ledger_model_stock import StockModel

OFFICE = ("store", "reserved", "returned_spoiled")
UNIT = ("unit", "spare", "carried_over", "filling", "spoiled")
USED = ("unit", "spare", "filling")
OF_LOSS = ("loss", "receipt_difference", "stock_shortage")
OF_LOST = ("found", "written_off", "counted_wrong")
OUTCOMES = {
    "loss": ("found", "written_off"),
    "receipt_difference": ("counted_wrong", "made_good", "explained"),
    "stock_shortage": ("found", "written_off", "counted_wrong"),
    "stock_surplus": ("counted_wrong", "explained"),
    "short_delivery": ("made_good", "counted_wrong", "explained"),
}
PRINTER: Place = ("printer", None)


@dataclass
class Case:
    """A case, who opened it, and which of its serials a part of it has ended."""

    kind: str
    grade: str
    serials: set[int]
    opened_by: str
    register: int | None = None
    ended: set[int] = field(default_factory=set)
    is_open: bool = True

    @property
    def key(self) -> tuple[str, str, frozenset[int], str, int | None]:
        """What it is known by before the database gave it a number."""
        return (self.kind, self.grade, frozenset(self.serials), self.opened_by, self.register)


@dataclass
class LossModel(StockModel):
    """Losses; ``fresh`` are cases whose number isn't known yet."""

    cases: dict[int, Case] = field(default_factory=dict)
    fresh: list[Case] = field(default_factory=list)
    to_store: dict[int, int] = field(default_factory=dict)
    replaced: dict[int, int] = field(default_factory=dict)

    def holder(self, serial: int) -> str:
        """Whose account it lies in: the office's or a unit's; nobody's at the printer."""
        state, key = self.where[serial]
        if state in OFFICE:
            return "office"
        if isinstance(key, int) and state in (*UNIT, "in_transit"):
            return self.books[key].unit
        return str(key) if state == "carried_over" else ""

    def kept(self, who: str) -> list[int]:
        """What an organisation may report lost."""
        if who == "office":
            states: tuple[str, ...] = (*OFFICE, "in_transit")
            return sorted(s for s, place in self.where.items() if place[0] in states)
        return self.counted_by(who)

    def counted_by(self, who: str) -> list[int]:
        """What an organisation has before it."""
        states = OFFICE if who == "office" else UNIT
        return sorted(
            s for s, place in self.where.items() if place[0] in states and self.holder(s) == who
        )

    def receive(
        self, register: int, missing: Iterable[int] = (), damaged: Iterable[int] = ()
    ) -> bool:
        """What is missing at the receipt is a case, too."""
        missing = set(missing)
        if not super().receive(register, missing, damaged):
            return False
        if missing:
            book = self.books[register]
            who = f"{book.unit}.clerk"
            self.fresh.append(Case("receipt_difference", book.grade, missing, who, register))
        return True

    def report(self, serials: list[int], who: str, account: str) -> bool:
        """A custodian reports what it keeps."""
        if not serials or not set(serials) <= set(self.kept(who)):
            return False
        self.lose(serials, "loss", account)
        return True

    def lose(self, serials: Iterable[int], kind: str, account: str) -> None:
        """To 'lost', a case for each holder, grade and register; spares take their places."""
        groups: dict[tuple[str, str, int | None], list[int]] = {}
        for serial in sorted(serials):
            key = self.where[serial][1]
            register = key if isinstance(key, int) else None
            group = (self.holder(serial), self.grade_of[serial], register)
            groups.setdefault(group, []).append(serial)
        for (holder, grade, register), named in groups.items():
            lost_at: int | str | None = register
            if register is None and holder != "office":
                lost_at = holder
            self.fresh.append(Case(kind, grade, set(named), account, register))
            order = ["spare", "filling", "unit"]
            states = sorted(
                {self.where[s][0] for s in named},
                key=lambda state: (order.index(state) if state in order else 9, state),
            )
            for state in states:
                part = [serial for serial in named if self.where[serial][0] == state]
                self.put(part, "lost", lost_at)
                if state == "returned_spoiled":
                    self.lapse(part)
                if register is None:
                    continue
                if state == "spoiled":
                    self._served(register)
                if state in ("filling", "unit"):
                    self._stand_in(register, state, part)

    def _stand_in(self, register: int, state: str, lost: list[int]) -> None:
        book = self.books[register]
        spares = self.serials("spare", book.grade, register)[: len(lost)]
        self.put(spares, state, register)
        instead = dict(zip(lost, spares, strict=False))
        for paper in book.papers.values():
            if paper.serial in lost:
                paper.serial = instead.get(paper.serial)
                paper.state = "filled" if paper.serial else "awaiting_blank"

    def lost_of(self, case: Case) -> set[int]:
        """What the case still has to answer for."""
        if case.kind not in OF_LOSS:
            return set()
        return {s for s in case.serials - case.ended if self.where[s][0] == "lost"}

    def origins(self, serials: set[int]) -> dict[Place, list[int]]:
        """Where lost serials came from, the last loss first."""
        left, found = set(serials), dict[Place, list[int]]()
        for number in sorted(self.lines, reverse=True):
            line = self.lines[number]
            part = left & set(line.serials) if line.reason == "loss" else set()
            if part:
                found[line.source] = sorted([*found.get(line.source, []), *part])
                left -= part
        assert not left
        return found

    def settle(
        self, number: int, who: str, outcome: str, place: str, chosen: list[int] | None
    ) -> bool:
        """Another officer ends a case or a part of it."""
        if number in self.shortages:
            return self._settle_short(number, who, outcome)
        case = self.cases[number]
        lost = self.lost_of(case)
        allowed = OF_LOST if lost else OUTCOMES[case.kind]
        part = lost if chosen is None else set(chosen)
        if (
            not case.is_open
            or case.opened_by == who
            or outcome not in allowed
            or (lost and (not part or not part <= lost))
        ):
            return False
        if lost:
            origins = self.origins(part)
            written = {"filling", "spoiled", "returned_spoiled"} & {key[0] for key in origins}
            if outcome != "written_off" and place == "store" and written:
                return False
            if outcome == "written_off":
                for serial in sorted(part):
                    self.put([serial], "written_off", self.where[serial][1])
            else:
                for origin, found in origins.items():
                    self._bring_back(found, origin, place)
        case.ended |= part if lost else case.serials
        case.is_open = bool(lost - part)
        return True

    def _settle_short(self, number: int, who: str, outcome: str) -> bool:
        case = self.shortages[number]
        waits = any(self.where[serial] == PRINTER for serial in case.serials)
        if case.opened_by == who or waits or outcome not in OUTCOMES["short_delivery"]:
            return False
        del self.shortages[number]
        return True

    def due_at(self, register: int) -> list[int]:
        """What waits for an exchange and lies at the unit, in the order of its spoiling."""
        return sorted(self.due_here(register), key=lambda serial: self.spoiled_as[serial])

    def _bring_back(self, found: list[int], origin: Place, place: str) -> None:
        state, key = origin
        register = key if isinstance(key, int) else None
        if place == "store":
            self._store(found, register)
        elif state == "filling" or (place == "spoiled" and state in USED):
            assert register is not None
            book = self.books[register]
            lacking = book.people - self.has(register, *LIVE) - len(self.due_here(register))
            book.due |= set(found[: max(0, lacking)])
            self.record_spoiled(found)
            self.put(found, "spoiled", register)
        elif place == "spoiled" and state not in ("spoiled", "returned_spoiled"):
            self.put(found, "returned_spoiled")
        elif state == "reserved":
            assert register is not None
            if self.books[register].allotment == "allotted":
                self.put(found, *origin)
            else:
                self._store(found, register)
        elif state == "in_transit" and self.books[register or 0].allotment == "handed_over":
            self.put(found, *origin)
        elif state == "in_transit" or state in USED:
            assert register is not None
            self._to_the_unit(found, register)
        else:
            if state == "spoiled":
                assert register is not None
                book = self.books[register]
                lacking = book.people - self.has(register, *LIVE) - len(self.due_here(register))
                book.due -= set(sorted(set(found) & book.due)[max(0, lacking) :])
            self.put(found, *origin)

    def _store(self, found: list[int], register: int | None) -> None:
        self.put(found, "store")
        if register is not None:
            self.to_store[register] = self.to_store.get(register, 0) + len(found)

    def _to_the_unit(self, found: list[int], register: int) -> None:
        book = self.books[register]
        at_work = self.has(register, *LIVE) - self.has(register, "spare")
        lacking = max(0, book.people - at_work)
        due = self.due_at(register)
        to_fill = found[:lacking]
        served = max(0, len(to_fill) - max(0, lacking - len(due)))
        book.due -= set(due[:served])
        self.stands_in |= set(to_fill[len(to_fill) - served :])
        self.put(to_fill, "unit", register)
        self.put(found[lacking:], "spare", register)
        self._served(register)

    def replaceable(self, register: int | None) -> int:
        """How many new blanks the register may have for lost ones that don't come back."""
        if register is None:
            return 0
        book = self.books[register]
        gone = self.has(register, "written_off") + self.to_store.get(register, 0)
        lacking = book.people - self.has(register, *LIVE) - len(self.due_here(register))
        return max(0, min(gone - self.replaced.get(register, 0), lacking))

    def replace(self, number: int) -> bool:
        """New blanks for people who have none."""
        register = self.cases[number].register
        wanted = self.replaceable(register)
        if register is None or not wanted or self.books[register].allotment != "received":
            return False
        stock = self.serials("store", self.books[register].grade)
        if len(stock) < wanted:
            return False
        self.put(stock[:wanted], "unit", register)
        self.replaced[register] = self.replaced.get(register, 0) + wanted
        return True
