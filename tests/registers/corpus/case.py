"""The list of the corpus: every case is a function that fills a paper and gives a file's bytes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.registers.corpus.paper import Paper

Make = Callable[[Paper], bytes]


@dataclass(frozen=True)
class Case:
    """A file to make; ``refused`` is the rule by which it must be refused."""

    name: str
    make: Make
    office: bool = False  # needs LibreOffice
    refused: str = ""


CASES: list[Case] = []


def case(name: str, *, office: bool = False, refused: str = "") -> Callable[[Make], Make]:
    """Adds a case."""

    def add(make: Make) -> Make:
        CASES.append(Case(name, make, office, refused))
        return make

    return add
