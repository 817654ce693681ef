"""Small groups can't be worked out: an attacker tries to, with everything that a table shows."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.statistics.suppression import Hidden, is_small, margin, protect

Cell = tuple[int, int]


def alternatives(table: dict[Cell, int], hidden: Hidden, rows: int, columns: int) -> set[Cell]:
    """The small cells of which the attacker is sure.

    Tables of whole numbers near the true one are tried that have the same shown cells and sums and
    whose hidden cells hold at least one: a small cell is safe as soon as two values of it occur.
    """
    cells = sorted(hidden.cells)
    least = 0 if hidden.withheld else 1
    seen: dict[Cell, set[int]] = {cell: set() for cell in cells}
    row_sums = {r: sum(table[r, c] for c in range(columns)) for r in range(rows)}
    column_sums = {c: sum(table[r, c] for r in range(rows)) for c in range(columns)}
    total = sum(table.values())
    # What is left for the hidden cells of each row and column whose sum is shown.
    left_r = {
        r: row_sums[r] - sum(table[r, c] for c in range(columns) if (r, c) not in hidden.cells)
        for r in range(rows)
        if r not in hidden.rows
    }
    left_c = {
        c: column_sums[c] - sum(table[r, c] for r in range(rows) if (r, c) not in hidden.cells)
        for c in range(columns)
        if c not in hidden.columns
    }
    left = (
        None
        if hidden.total
        else total - sum(n for cell, n in table.items() if cell not in hidden.cells)
    )
    unsure = {cell for cell in cells if is_small(table[cell])}

    def walk(place: int, value: dict[Cell, int], spent: int) -> None:
        if not any(len(seen[cell]) < 2 for cell in unsure):
            return
        if place == len(cells):
            for c, n in left_c.items():
                if sum(value[cell] for cell in cells if cell[1] == c) != n:
                    return
            if left is None or spent == left:
                for cell in cells:
                    seen[cell].add(value[cell])
            return
        r, c = cells[place]
        row_left = left_r.get(r, 10**6) - sum(value[cell] for cell in cells[:place] if cell[0] == r)
        column_left = left_c.get(c, 10**6) - sum(
            value[cell] for cell in cells[:place] if cell[1] == c
        )
        last = place + 1 == len(cells) or cells[place + 1][0] != r
        near = {table[r, c] + step for step in (0, 1, -1, 2, -2)}
        options = [row_left] if last and r in left_r else sorted(near, key=lambda n: n % 7)
        for n in options:
            if least <= n <= min(row_left, column_left):
                value[r, c] = n
                walk(place + 1, value, spent + n)
                del value[r, c]

    walk(0, {}, 0)
    return {cell for cell in unsure if len(seen[cell]) < 2}


def check(table: dict[Cell, int], rows: int, columns: int) -> Hidden:
    hidden = protect(table, range(rows), range(columns))
    for cell, n in table.items():
        assert not is_small(n) or cell in hidden.cells, "a small group is shown"
        assert n or hidden.withheld or cell not in hidden.cells, "noughts are shown"
    for r in range(rows):
        n = sum(table[r, c] for c in range(columns))
        assert not is_small(n) or r in hidden.rows
    assert alternatives(table, hidden, rows, columns) == set()
    return hidden


VALUES = st.one_of(st.just(0), st.integers(1, 4), st.integers(1, 12), st.integers(5, 60))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.data())
def test_n19_no_small_group_can_be_worked_out(rows: int, columns: int, data: st.DataObject) -> None:
    table = {cell: data.draw(VALUES) for cell in product(range(rows), range(columns))}
    check(table, rows, columns)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_n19_no_small_group_can_be_worked_out_in_a_long_search(
    rows: int, columns: int, data: st.DataObject
) -> None:
    table = {cell: data.draw(VALUES) for cell in product(range(rows), range(columns))}
    check(table, rows, columns)


def test_one_small_cell_takes_three_more_with_it() -> None:
    table = {(r, c): 20 + r + c for r in range(3) for c in range(3)}
    table[1, 1] = 3
    hidden = check(table, 3, 3)
    assert len(hidden.cells) == 4
    assert not hidden.rows and not hidden.columns and not hidden.total


def test_ones_alone_are_no_cover_for_each_other() -> None:
    """Two ones under a sum of two would be known; a larger one is hidden with them."""
    hidden, total = margin({1: 1, 2: 1, 3: 30, 4: 90})
    assert hidden == {1, 2, 3} and not total


def test_a_margin_is_the_same_in_every_table_that_shows_it() -> None:
    chance = random.Random(5)  # noqa: S311
    for _ in range(200):
        margins = [chance.choice((0, 2, 4, 6, 9, 40)) for _ in range(4)]
        seen = set()
        for _table in range(3):
            table: dict[Cell, int] = {}
            for r, n in enumerate(margins):
                first = chance.randint(0, n)
                table |= {(r, 0): first, (r, 1): n - first}
            seen.add(protect(table, range(4), range(2)).rows)
        assert len(seen) == 1


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(0, 5), st.integers(0, 12), min_size=1, max_size=5))
def test_a_hidden_line_of_a_margin_cannot_be_worked_out(values: dict[int, int]) -> None:
    hidden, total_hidden = margin(values)
    assert {key for key, n in values.items() if is_small(n)} <= hidden
    if total_hidden or not hidden:
        return
    keys = sorted(hidden)
    rest = sum(values[key] for key in keys)
    least = 0 if hidden == set(values) else 1
    tried = [
        numbers
        for numbers in product(range(least, rest + 1), repeat=len(keys))
        if sum(numbers) == rest
    ]
    for place, key in enumerate(keys):
        assert not is_small(values[key]) or len({numbers[place] for numbers in tried}) > 1


@pytest.mark.parametrize("groups", [1, 4, 5, 9])
def test_a_margin_that_shows_no_number_hides_its_noughts(groups: int) -> None:
    """Else everybody is in the groups that aren't nought, and these are known to be one each."""
    values = {key: int(key < groups) for key in range(12)}
    assert margin(values) == (frozenset(values), groups < 5)


def test_a_table_of_four_people_or_fewer_is_withheld() -> None:
    """Four rows under a sum that is hidden for being below five are one each."""
    hidden = check({(0, 0): 1, (1, 0): 1, (2, 1): 1, (3, 1): 1, (0, 1): 0}
                   | {(1, 1): 0, (2, 0): 0, (3, 0): 0}, 4, 2)  # fmt: skip
    assert hidden.withheld and hidden.total


@pytest.mark.parametrize("numbers", [[2, 1, 1, 1], [4, 2, 1], [4, 4, 1], [1, 30], [3, 1, 1, 1, 1]])
def test_groups_that_have_no_line_alone_have_none_crossed_with_another_dimension(
    numbers: list[int],
) -> None:
    """All of one sex: the cross would name the groups that the table of groups leaves out."""
    groups = range(len(numbers))
    hidden = protect({(group, 0): n for group, n in enumerate(numbers)}, groups, [0])
    assert hidden.withheld and hidden.rows == frozenset(groups)
    turned = protect({(0, group): n for group, n in enumerate(numbers)}, [0], groups)
    assert turned.withheld and turned.columns == frozenset(groups)


def test_a_large_table_is_protected_quickly_and_shows_most_of_it() -> None:
    chance = random.Random(1)  # noqa: S311
    table = {(r, c): chance.choice((0, 3, 30, 60, 90)) for r in range(120) for c in range(12)}
    hidden = protect(table, range(120), range(12))
    assert not hidden.withheld
    shown = sum(n > 0 for cell, n in table.items() if cell not in hidden.cells)
    assert shown > 600
