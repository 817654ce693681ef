"""The ledger and the path as plain Python: what the database should say after each step.

``Model`` knows every step of an allotment and a certificate; ``tests/core/ledger_model_stock.py``
adds what happens at the printer, to left-over blanks, and corrections.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

# A state and whose: a register's id, or the unit's name where a unit keeps blanks for later.
Place = tuple[str, int | str | None]
LIVE = ("reserved", "in_transit", "unit", "spare", "filling", "on_certificate")


@dataclass
class Paper:
    """A certificate in the model."""

    state: str
    serial: int | None


@dataclass
class Book:
    """A register in the model: its people, its certificates by position, its allotment.

    ``due`` are spoiled serials that wait for an exchange, ``rows`` the serials that were handed
    over for people, ``carried`` those that came from an earlier register, ``request`` what an open
    exchange request names.
    """

    grade: str
    people: int
    unit: str = "health"
    allotment: str = ""
    papers: dict[int, Paper] = field(default_factory=dict)
    due: set[int] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    carried: list[int] = field(default_factory=list)
    request: list[int] | None = None
    difference: bool = False

    @property
    def spares(self) -> int:
        """Five per cent, rounded up."""
        return ceil(self.people / 20)


@dataclass
class Model:
    """Where every serial is, and every place that a movement took it to (``history``)."""

    where: dict[int, Place] = field(default_factory=dict)
    history: dict[int, list[Place]] = field(default_factory=dict)
    # Which steps of each serial's history stand: those that no correction took back.
    standing: dict[int, list[int]] = field(default_factory=dict)
    grade_of: dict[int, str] = field(default_factory=dict)
    books: dict[int, Book] = field(default_factory=dict)
    proposals: dict[int, set[int]] = field(default_factory=dict)
    # In which order blanks were spoiled.
    spoiled_as: dict[int, int] = field(default_factory=dict)
    exchanged: set[int] = field(default_factory=set)
    stands_in: set[int] = field(default_factory=set)

    def due_here(self, register: int) -> set[int]:
        """What waits for an exchange and lies at the unit."""
        book = self.books[register]
        return book.due & set(self.serials("spoiled", book.grade, register))

    def record_spoiled(self, serials: Iterable[int]) -> None:
        """Spoilage is on file for these, in their order."""
        for serial in serials:
            self.spoiled_as[serial] = len(self.spoiled_as)

    def serials(self, state: str, grade: str, key: int | str | None = None) -> list[int]:
        """The serials in a custody, lowest first."""
        return sorted(
            serial
            for serial, place in self.where.items()
            if place == (state, key) and self.grade_of[serial] == grade
        )

    def has(self, register: int, *states: str) -> int:
        """How many blanks the register has in these states."""
        grade = self.books[register].grade
        return sum(len(self.serials(state, grade, register)) for state in states)

    def put(self, serials: Iterable[int], state: str, key: int | str | None = None) -> None:
        """Moves serials."""
        for serial in serials:
            self.where[serial] = (state, key)
            self.standing[serial].append(len(self.history[serial]))
            self.history[serial].append((state, key))

    def print_blank(self, serial: int, grade: str) -> None:
        """A blank comes to exist, at the printer's; no movement yet."""
        self.where[serial] = ("printer", None)
        self.history[serial] = []
        self.standing[serial] = []
        self.grade_of[serial] = grade

    def can_allot(self, register: int) -> bool:
        """Whether store and carried-over blanks are enough."""
        book = self.books[register]
        kept = self.serials("carried_over", book.grade, book.unit)
        return len(kept) + len(self.serials("store", book.grade)) >= book.people + book.spares

    def allot(self, register: int, chosen: list[int] | None = None) -> bool:
        """True when it can be done, and then it is."""
        book = self.books[register]
        stock = self.serials("store", book.grade)
        kept = self.serials("carried_over", book.grade, book.unit)[: book.people + book.spares]
        wanted = book.people + book.spares - len(kept)
        given = stock[:wanted] if chosen is None else sorted(chosen)
        if book.allotment or len(given) != wanted or not set(given) <= set(stock):
            return False
        as_spares, as_rows = kept[: book.spares], kept[book.spares :]
        self.put(given, "reserved", register)
        self.put(as_spares, "spare", register)
        self.put(as_rows, "unit", register)
        book.allotment, book.carried, book.difference = "allotted", kept, False
        book.rows = given[: book.people - len(as_rows)]
        return True

    def hand_over(self, register: int) -> bool:
        """Reserved blanks leave the municipal office."""
        book = self.books[register]
        if book.allotment != "allotted":
            return False
        self.put(self.serials("reserved", book.grade, register), "in_transit", register)
        book.allotment = "handed_over"
        return True

    def receive(
        self, register: int, missing: Iterable[int] = (), damaged: Iterable[int] = ()
    ) -> bool:
        """The unit has them: the lowest for the people, the rest are spares."""
        book = self.books[register]
        missing, damaged = sorted(missing), sorted(damaged)
        arrived = self.serials("in_transit", book.grade, register)
        if (
            book.allotment != "handed_over"
            or not {*missing, *damaged} <= set(arrived)
            or set(missing) & set(damaged)
        ):
            return False
        good = [serial for serial in arrived if serial not in {*missing, *damaged}]
        carried_as_rows = max(0, len(book.carried) - book.spares)
        drawn_before = max(0, self.has(register, "unit") - carried_as_rows)
        wanted = max(0, book.people - carried_as_rows - drawn_before)
        self.put(good[:wanted], "unit", register)
        self.put(good[wanted:], "spare", register)
        drawn = self.serials("spare", book.grade, register)[: wanted - len(good[:wanted])]
        self.put(drawn, "unit", register)
        stood_in = sorted(set(good[:wanted] + drawn) - set(book.rows))
        for_people = [serial for serial in damaged if serial in book.rows]
        self.stands_in |= set(stood_in[: len(for_people)])
        book.due |= set(for_people[len(stood_in) :])
        self.put(damaged, "spoiled", register)
        self.record_spoiled(damaged)
        self.put(missing, "lost", register)
        book.allotment, book.difference = "received", bool(missing or damaged)
        return True

    def waiting(self, register: int) -> list[int]:
        """Positions that have no blank yet."""
        book = self.books[register]
        return [
            position
            for position in range(1, book.people + 1)
            if position not in book.papers or book.papers[position].state == "awaiting_blank"
        ]

    def fill(self, register: int, positions: list[int]) -> bool:
        """Binds positions in order to the lowest blanks."""
        book = self.books[register]
        blanks = self.serials("unit", book.grade, register)
        if not positions or len(blanks) < len(positions):
            return False
        for position, serial in zip(sorted(positions), blanks, strict=False):
            book.papers[position] = Paper("filled", serial)
            self.put([serial], "filling", register)
        return True

    def spoil(self, register: int, serials: list[int]) -> bool:
        """Blanks of the register are spoiled; spares take their places while there are any."""
        states = ("spare", "filling", "unit")
        if not all(self.where.get(s) in [(state, register) for state in states] for s in serials):
            return False
        book = self.books[register]
        groups = {
            state: [s for s in sorted(serials) if self.where[s][0] == state] for state in states
        }
        for state, named in groups.items():
            self.put(named, "spoiled", register)
            self.record_spoiled(named)
            if state == "spare":
                continue
            spares = self.serials("spare", book.grade, register)[: len(named)]
            self.put(spares, state, register)
            self.stands_in |= set(spares)
            instead = dict(zip(named, spares, strict=False))
            book.due |= set(named) - set(instead)
            for paper in book.papers.values():
                if paper.serial in named:
                    paper.serial = instead.get(paper.serial)
                    paper.state = "filled" if paper.serial else "awaiting_blank"
        return True

    def step(self, register: int, positions: list[int], before: str, after: str) -> bool:
        """A whole batch moves on, or nothing of it."""
        papers = [self.books[register].papers.get(position) for position in positions]
        if not papers or any(paper is None or paper.state != before for paper in papers):
            return False
        for paper in papers:
            assert paper is not None
            paper.state = after
            if after == "issued" and paper.serial is not None:
                self.put([paper.serial], "on_certificate", register)
        return True

    def ask_exchange(self, register: int) -> bool:
        """The unit lists its spoiled blanks that nothing has replaced."""
        book = self.books[register]
        wanted = sorted(self.due_here(register))
        if not wanted or self.has(register, "spare") or book.request == wanted:
            return False
        book.request = wanted
        return True

    def _served(self, register: int) -> None:
        """A request of which nothing is due any more is closed."""
        book = self.books[register]
        if book.request and not set(book.request) & self.due_here(register):
            book.request = None

    def exchange(self, register: int, returned: list[int]) -> bool:
        """One for one, when no spare is left and so many are needed."""
        book = self.books[register]
        stock = self.serials("store", book.grade)
        if (
            not returned
            or self.has(register, "spare")
            or not set(returned) <= book.due
            or not set(returned) <= set(self.serials("spoiled", book.grade, register))
            or len(stock) < len(returned)
        ):
            return False
        self.put(returned, "returned_spoiled")
        self.put(stock[: len(returned)], "unit", register)
        book.due -= set(returned)
        self.exchanged |= set(returned)
        self._served(register)
        return True

    def give_back(self, register: int, returned: list[int]) -> bool:
        """Spoiled blanks come back for nothing: a spare has their place already."""
        book = self.books[register]
        if (
            not returned
            or set(returned) & book.due
            or not set(returned) <= set(self.serials("spoiled", book.grade, register))
        ):
            return False
        self.put(returned, "returned_spoiled")
        return True

    def propose(self, serials: list[int], grade: str) -> bool:
        """The first of two people names what shall be destroyed."""
        if not set(serials) <= set(self.serials("returned_spoiled", grade)):
            return False
        return not any(set(serials) & item for item in self.proposals.values())

    def destroy(self, number: int, *, same: bool) -> bool:
        """The second one confirms."""
        if same or number not in self.proposals:
            return False
        self.put(sorted(self.proposals.pop(number)), "destroyed")
        return True

    def lapse(self, serials: Iterable[int]) -> None:
        """Proposals that name blanks which have left."""
        gone = set(serials)
        self.proposals = {key: item for key, item in self.proposals.items() if not gone & item}
