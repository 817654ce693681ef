"""By which dimensions the sums are kept, and which of them answers a question (pure).

All threes of the short dimensions, and each long one (unit, qualification) with one other. What
needs more dimensions at once is counted from the facts of single cases.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations

# The numbers of definitions.Dimension, in the order in which they stand in a sum's key.
LONG = (3, 8)
BROAD = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12)
EVERY = tuple(range(1, 13))
# With whom a smaller question is filled up: few values first, so that few sums are read.
_FEW_VALUES = (10, 11, 9, 7, 12, 1, 2, 6, 5, 4)

Grouping = tuple[int, ...]


@cache
def groupings() -> Sequence[Grouping]:
    """Every kept grouping, its dimensions in order."""
    found: list[Grouping] = list(combinations(BROAD, 3))
    for long in LONG:
        found += [tuple(sorted((long, other))) for other in BROAD]
    found.append(LONG)
    return tuple(found)


def number(grouping: Iterable[int]) -> int:
    """The grouping's number in the table: a bit for each dimension."""
    return sum(1 << dimension for dimension in grouping)


def covering(needed: frozenset[int]) -> Grouping | None:
    """The grouping with the fewest sums that tells these dimensions apart; None when none does."""
    if needed & set(LONG):
        wanted, most = set(needed), 2
    else:
        wanted, most = set(needed), 3
    for dimension in _FEW_VALUES:
        if len(wanted) >= most:
            break
        wanted.add(dimension)
    found = tuple(sorted(wanted))
    return found if found in groupings() else None
