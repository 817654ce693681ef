"""Which cells of a table stay hidden so that no small group can be worked out (pure).

A group of one to four is small. Hiding it isn't enough: whoever subtracts what is shown from a
total that is shown gets it back. So further cells are hidden until every small one could have at
least two values, whatever of the table is shown and even for a reader who knows this rule (hidden
cells hold at least one). Noughts are shown.

The margins come first, each by itself and from nothing but its own figures: so the same margin is
the same in every table that shows it, and two tables can't be played against each other. Then the
inner cells follow under margins that stay as they are. A table that can't be protected that way
shows nothing but its margins.

A group that has a line holds somebody, so lines tell, too: five of them under a sum of five are one
each. Where no number of a margin is shown, its noughts are hidden with the rest, and whoever shows
it leaves its lines out (``nothing_shown``).

How it is done: between rows and columns, hidden cells are ways on which one person can be moved
without changing any sum that is shown. A cell is safe when a person can be moved round through it:
then there is another table with the same sums and another value in it.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

SMALL = 5  # a group below this is hidden
ROUNDED_TO = 5  # what is shown of parts, so that one change more or less isn't seen

Key = int
Cell = tuple[Key, Key]
TOTAL = -1  # the row or column of the sums


@dataclass(frozen=True)
class Hidden:
    """What isn't shown: inner cells, row sums, column sums, the sum of all; or all inner cells."""

    cells: frozenset[Cell]
    rows: frozenset[Key]
    columns: frozenset[Key]
    total: bool
    withheld: bool = False

    def turned(self) -> "Hidden":
        """The same of a table whose rows are these columns."""
        cells = frozenset((column, row) for row, column in self.cells)
        return Hidden(cells, self.columns, self.rows, self.total, withheld=self.withheld)


def is_small(number: int) -> bool:
    """Whether a group of so many people has to be hidden."""
    return 0 < number < SMALL


def rounded(number: int) -> int:
    """The nearest number that may be shown of a part outside the office."""
    return ROUNDED_TO * ((number + ROUNDED_TO // 2) // ROUNDED_TO)


def alone(number: int) -> int | None:
    """What may be shown of a number that is part of no sum: None for a small one, else fives."""
    return None if is_small(number) else rounded(number)


def margin(values: Mapping[Key, int]) -> tuple[frozenset[Key], bool]:
    """The hidden ones of values that add up to a total, and whether the total is hidden itself.

    The small ones, and so many of the next larger that the hidden ones' sum doesn't tell any; all
    of them, noughts too, where that leaves no number shown. The total is hidden when it is small
    itself, so it is the same in every table.
    """
    hidden = {key for key, n in values.items() if is_small(n)}
    if is_small(sum(values.values())):
        return frozenset(values), True
    if not hidden:
        return frozenset(), False
    for _n, key in [(0, None), *sorted((n, key) for key, n in values.items() if n >= SMALL)]:
        if key is not None:
            hidden.add(key)
        if _one_can_move(values, hidden):
            break
    return frozenset(values if nothing_shown(values, hidden) else hidden), False


def nothing_shown(values: Mapping[Key, int], hidden: Collection[Key]) -> bool:
    """Whether there is somebody, and every group with somebody is hidden.

    Which groups there are would tell too much then: one each under a sum of as many.
    """
    there = {key for key, n in values.items() if n}
    return bool(there) and there <= set(hidden)


def _one_can_move(values: Mapping[Key, int], hidden: Collection[Key]) -> bool:
    """Whether every hidden one could be another number while the hidden ones' sum stays.

    One less in one that has two at least, one more in any other.
    """
    return len(hidden) > 1 and any(values[key] > 1 for key in hidden)


def protect(cells: Mapping[Cell, int], rows: Sequence[Key], columns: Sequence[Key]) -> Hidden:
    """What a table of these inner cells must not show."""
    row_sums = {row: sum(cells.get((row, column), 0) for column in columns) for row in rows}
    column_sums = {column: sum(cells.get((row, column), 0) for row in rows) for column in columns}
    hidden_rows, total_by_rows = margin(row_sums)
    hidden_columns, total_by_columns = margin(column_sums)
    total = total_by_rows or total_by_columns
    work = _Network(cells, hidden_rows, hidden_columns, row_sums, column_sums)
    small = sorted((n, cell) for cell, n in cells.items() if is_small(n))
    # Under a small total there is no number to show, and four lines under it would be one each.
    # Nor are groups told by their cells that have no line where they stand alone.
    untold = nothing_shown(row_sums, hidden_rows) or nothing_shown(column_sums, hidden_columns)
    if total or untold or not all(work.make_safe(cell) for _n, cell in small):
        # Noughts too: they would tell where everybody else must be.
        inner = frozenset((row, column) for row in rows for column in columns)
        return Hidden(inner, hidden_rows, hidden_columns, total, withheld=True)
    return Hidden(frozenset(work.hidden), hidden_rows, hidden_columns, total)


class _Network:
    """Rows and columns as places, cells as ways between them.

    One more in a cell leads from its row to its column, one less back. A sum stands in the row or
    column of sums and counts the other way round. One less needs two, so that one is left.
    """

    def __init__(
        self,
        cells: Mapping[Cell, int],
        hidden_rows: frozenset[Key],
        hidden_columns: frozenset[Key],
        row_sums: Mapping[Key, int],
        column_sums: Mapping[Key, int],
    ) -> None:
        # In order, so that what is hidden doesn't depend on how the cells were found.
        self.cells = {cell: n for cell, n in sorted(cells.items()) if n > 0}
        self.hidden = {cell for cell, n in self.cells.items() if is_small(n)}
        self.ways: dict[tuple[str, Key], list[tuple[tuple[str, Key], Cell | None, int]]] = {}
        for (row, column), n in self.cells.items():
            self._add(("r", row), ("c", column), (row, column))
            if n > 1:
                self._add(("c", column), ("r", row), (row, column))
        for row in sorted(hidden_rows):
            self._add_sum(("r", row), ("c", TOTAL), row_sums[row])
        for column in sorted(hidden_columns):
            self._add_sum(("r", TOTAL), ("c", column), column_sums[column])

    def _add(self, here: tuple[str, Key], there: tuple[str, Key], cell: Cell | None) -> None:
        price = 0 if cell is None else self.cells[cell]
        self.ways.setdefault(here, []).append((there, cell, price))

    def _add_sum(self, row: tuple[str, Key], column: tuple[str, Key], n: int) -> None:
        """More of a sum leads from column to row; less needs two of it."""
        self._add(column, row, None)
        if n > 1:
            self._add(row, column, None)

    def make_safe(self, cell: Cell) -> bool:
        """Hides what closes a round through the cell, as few people as it can; False if none does.

        One more here: the rest of the round leads from its column back to its row; or one less.
        """
        row, column = ("r", cell[0]), ("c", cell[1])
        found = self._cheapest(column, row, cell)
        if self.cells[cell] > 1:
            other = self._cheapest(row, column, cell)
            if other is not None and (found is None or other[0] < found[0]):
                found = other
        if found is None:
            return False
        self.hidden |= found[1]
        return True

    def _cheapest(
        self, start: tuple[str, Key], end: tuple[str, Key], without: Cell
    ) -> tuple[int, set[Cell]] | None:
        best = {start: 0}
        before: dict[tuple[str, Key], tuple[tuple[str, Key], Cell | None]] = {}
        heap = [(0, start)]
        while heap:
            cost, place = heapq.heappop(heap)
            if place == end:
                break
            if cost > best[place]:
                continue
            for there, cell, price in self.ways.get(place, ()):
                if cell == without and cell is not None:
                    continue
                reached = cost + (0 if cell is None or cell in self.hidden else price)
                if reached < best.get(there, reached + 1):
                    best[there] = reached
                    before[there] = (place, cell)
                    heapq.heappush(heap, (reached, there))
        if end not in best:
            return None
        taken: set[Cell] = set()
        place = end
        while place != start:
            place, cell = before[place]
            if cell is not None:
                taken.add(cell)
        return best[end], taken
