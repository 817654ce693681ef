"""Finds the header of a table: its line, one or two lines high, and where each column stands."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from zhicheng.values.text import ANY_SPACE

HEADER_WITHIN = 60  # Excel rows in which the header is looked for
_BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")
_NOISE = re.compile(r"[*＊:：、,，.。]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column to look for: ``title`` in the form's own words and other names of real sheets."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """Excel rows of the header's first and last line, and the places of cells in a line by key."""

    first: int = 0
    last: int = 0
    places: dict[str, int] | None = None

    @property
    def count(self) -> int:
        """How many columns were found."""
        return len(self.places or ())


def header_key(cell: object) -> str:
    """A header cell without spaces, line breaks, brackets and stars."""
    if not isinstance(cell, str) or len(cell) > 100:
        return ""
    text = ANY_SPACE.sub("", cell)
    return _NOISE.sub("", _BRACKETED.sub("", text))


class HeaderFinder:
    """Knows the columns' names and looks for the line that has most of them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        # How good a name is: the form's own title over every alias, earlier aliases over later.
        self._names: dict[str, tuple[int, str]] = {}
        for rank in range(1 + max(len(column.aliases) for column in columns)):
            for column in columns:
                names = (column.title, *column.aliases)
                if rank < len(names):
                    self._names.setdefault(header_key(names[rank]), (rank, column.key))

    def find(self, lines: Iterable[tuple[int, Sequence[Any]]]) -> Header:
        """The header among the first lines; one without places when there is none."""
        head = []
        for number, cells in lines:
            if number > HEADER_WITHIN:
                break
            head.append((number, [header_key(cell) for cell in cells]))
        best = Header()
        for number, keys in head:
            places = self._places([[key] for key in keys])
            if len(places) > best.count:
                best = Header(number, number, places)
        for (upper, above), (lower, below) in pairwise(head):
            if lower != upper + 1:
                continue
            places = self._places(_two_lines(above, below))
            # A second line belongs to the header only where it adds to it.
            if len(places) > best.count:
                best = Header(upper, lower, places)
        return best

    def _places(self, cells: Sequence[Sequence[str]]) -> dict[str, int]:
        found: dict[str, tuple[int, int]] = {}
        for place, keys in enumerate(cells):
            for key in keys:
                named = self._names.get(key) if key else None
                if named is not None:
                    rank, column = named
                    if column not in found or rank < found[column][0]:
                        found[column] = (rank, place)
                    break
        return {column: place for column, (_rank, place) in found.items()}


def _two_lines(above: Sequence[str], below: Sequence[str]) -> list[list[str]]:
    """What each column may be called: lower cell, group and lower cell together, upper cell."""
    cells = []
    group = ""
    for place in range(max(len(above), len(below))):
        upper = above[place] if place < len(above) else ""
        lower = below[place] if place < len(below) else ""
        group = upper or (group if lower else "")
        cells.append([lower, group + lower, upper] if lower else [upper])
    return cells
