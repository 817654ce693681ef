"""What folders below tell the layouts' pages: which blanks there are, and how much was printed."""

from collections.abc import Callable, Collection, Mapping

Counter = Callable[[Collection[int]], Mapping[int, int]]
Editions = Callable[[], Collection[tuple[str, int]]]
_counters: list[Counter] = []
_editions: list[Editions] = []


def counts_prints(counter: Counter) -> Counter:
    """Registers who knows how many certificates were printed with each of these versions."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def knows_editions(editions: Editions) -> Editions:
    """Registers who knows of which grades and years there are blanks."""
    if editions not in _editions:
        _editions.append(editions)
    return editions


def prints_of(version_ids: Collection[int]) -> dict[int, int] | None:
    """How many certificates were printed with each version; None while nobody counts."""
    if not _counters:
        return None
    found: dict[int, int] = dict.fromkeys(version_ids, 0)
    for counter in _counters:
        for pk, number in counter(version_ids).items():
            found[pk] = found.get(pk, 0) + number
    return found


def editions() -> set[tuple[str, int]]:
    """Grades and years of which there are blanks."""
    return {pair for known in _editions for pair in known()}
