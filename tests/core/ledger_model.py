"""The ledger and the path as plain Python: what the database should say after each step."""

from dataclasses import dataclass, field
from math import ceil


@dataclass
class Paper:
    """A certificate in the model."""

    state: str
    serial: int | None


@dataclass
class Book:
    """A register in the model: its people, its certificates by position, its allotment."""

    grade: str
    people: int
    allotment: str = ""
    papers: dict[int, Paper] = field(default_factory=dict)
    due: set[int] = field(default_factory=set)


@dataclass
class Model:
    """Where every serial is: ``(state, register or None)``."""

    where: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    grade_of: dict[int, str] = field(default_factory=dict)
    books: dict[int, Book] = field(default_factory=dict)

    def serials(self, state: str, grade: str, register: int | None = None) -> list[int]:
        """The serials in a custody, lowest first."""
        return sorted(
            serial
            for serial, place in self.where.items()
            if place == (state, register) and self.grade_of[serial] == grade
        )

    def put(self, serials: list[int], state: str, register: int | None = None) -> None:
        """Moves serials."""
        for serial in serials:
            self.where[serial] = (state, register)

    def allot(self, register: int) -> bool:
        """True when it can be done, and then it is."""
        book = self.books[register]
        stock = self.serials("store", book.grade)
        wanted = book.people + ceil(book.people / 20)
        if book.allotment or len(stock) < wanted:
            return False
        self.put(stock[:wanted], "reserved", register)
        book.allotment = "allotted"
        return True

    def hand_over(self, register: int) -> bool:
        """Reserved blanks leave the municipal office."""
        book = self.books[register]
        if book.allotment != "allotted":
            return False
        self.put(self.serials("reserved", book.grade, register), "in_transit", register)
        book.allotment = "handed_over"
        return True

    def receive(self, register: int) -> bool:
        """The unit has them: the lowest for the people, the rest are spares."""
        book = self.books[register]
        if book.allotment != "handed_over":
            return False
        arrived = self.serials("in_transit", book.grade, register)
        self.put(arrived[: book.people], "unit", register)
        self.put(arrived[book.people :], "spare", register)
        book.allotment = "received"
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

    def spoil(self, register: int, serial: int) -> bool:
        """A blank of the register is spoiled; a spare takes its place while there is one."""
        place = self.where.get(serial, ("", None))
        spoilable = [(state, register) for state in ("unit", "spare", "filling")]
        if place not in spoilable:
            return False
        book = self.books[register]
        self.put([serial], "spoiled", register)
        if place[0] == "spare":
            return True
        spares = self.serials("spare", book.grade, register)
        replacement = spares[0] if spares else None
        if replacement is None:
            book.due.add(serial)
        else:
            self.put([replacement], place[0], register)
        for paper in book.papers.values():
            if paper.serial == serial:
                paper.serial = replacement
                paper.state = "filled" if replacement else "awaiting_blank"
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

    def exchange(self, register: int, returned: list[int]) -> bool:
        """One for one, when no spare is left, for blanks that no spare replaced."""
        book = self.books[register]
        stock = self.serials("store", book.grade)
        if (
            not returned
            or self.serials("spare", book.grade, register)
            or not set(returned) <= set(self.serials("spoiled", book.grade, register))
            or not set(returned) <= book.due
            or len(stock) < len(returned)
        ):
            return False
        self.put(returned, "returned_spoiled")
        self.put(stock[: len(returned)], "unit", register)
        book.due -= set(returned)
        return True
