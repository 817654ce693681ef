"""When something counts as unusual, and how its evidence is written down (N18).

Nothing here says that anybody did wrong: the figures only tell where looking pays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

GROWN = 1.5  # what was dealt with is listed again from so many times its weight on
SPREADS = 6.0
NEAR = 1000  # numbers of one register that lie so close together run on
KEPT = 20  # the greatest numbers of a sequence, year and grade that tell what was used
FEW = 2  # so many numbers far above all others are odd themselves
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Thresholds:
    """From which figures on something is listed; the office's own are kept by their day."""

    days: int = 400
    person_most: int = 4
    recipient_most: int = 5
    number_days: int = 30
    unmask_most: int = 30
    export_most: int = 20_000
    night_from: int = 22
    night_to: int = 6
    night_most: int = 3
    rest_most: int = 4
    failures_most: int = 10


# The least and the most that each may be set to; the table holds the same.
LIMITS: Mapping[str, tuple[int, int]] = {
    "days": (30, 3660),
    "person_most": (2, 1000),
    "recipient_most": (2, 1000),
    "number_days": (1, 3660),
    "unmask_most": (1, 30_000),
    "export_most": (100, 100_000_000),
    "night_from": (0, 23),
    "night_to": (0, 23),
    "night_most": (1, 1000),
    "rest_most": (1, 31),
    "failures_most": (2, 10_000),
}


@dataclass(frozen=True)
class Evidence:
    """What led to an anomaly.

    ``figures`` are (label, value) pairs; ``objects`` are (kind, id, label) of what pages show:
    ``certificate``, ``register``, ``approval``, ``blank`` (by its serial), ``event`` (by its
    sequence).
    """

    figures: tuple[tuple[str, str], ...] = ()
    objects: tuple[tuple[str, int, str], ...] = ()

    def as_data(self) -> dict[str, object]:
        """As it is kept."""
        return {
            "figures": [list(pair) for pair in self.figures],
            "objects": [list(item) for item in self.objects],
        }


@dataclass(frozen=True)
class Found:
    """One unusual thing that a detector found; see ``Anomaly``.

    ``summary`` is a text for translation with places like ``%(count)s`` for the ``words``.
    ``enough_since`` is the moment from which on the evidence suffices by itself, that of the third
    newest login where three are needed: when it lies after what somebody dealt with, this is a new
    episode. Without it only growth tells.
    """

    kind: str
    key: str
    summary: str
    words: Mapping[str, object]
    weight: float
    evidence: Evidence = field(default_factory=Evidence)
    organization_id: int | None = None
    account_id: int | None = None
    enough_since: datetime | None = None


def runs_over(stem: str, usual: str, gap: int) -> bool:
    """Whether numbers of the one stem are those just before or after the other's.

    A register whose numbers run from 渝2026099998 to 渝2026100005 has two stems by nature. ``gap``
    is how far the two lots of numbers lie apart.
    """
    return stem.rstrip(_DIGITS) == usual.rstrip(_DIGITS) and gap <= NEAR


def reach(used: Sequence[int]) -> tuple[int, int]:
    """Up to which number a unit has used its numbers, and how many of them lie oddly above it.

    ``used`` are the greatest of one year and grade, from the top, at least one: those of another
    may lie far off by their form alone. One or two of them that lie more than ``NEAR`` above the
    next one are odd. More that lie so are blocks of their own: no number is odd.
    """
    place = 0
    while True:
        end = place + 1
        while end < len(used) and used[end - 1] - used[end] <= NEAR:
            end += 1
        if end - place > FEW or end == len(used):
            return used[place], place
        if end > FEW:
            return used[0], 0
        place = end


def unlike_the_others(counts: Mapping[int, int], least: int) -> dict[int, float]:
    """Who did something far more often than others do; gives what is usual among the others.

    Listed from ``least`` on, where it is more than six median deviations above the median of the
    others. Who is alone is measured by ``least``.
    """
    found = {}
    for key, count in counts.items():
        if count < least:
            continue
        others = [other for name, other in counts.items() if name != key]
        usual = float(median(others)) if others else 0.0
        spread = float(median([abs(other - usual) for other in others])) if others else 0.0
        if count > usual + SPREADS * max(spread, 1.0):
            found[key] = usual
    return found


def is_night(hour: int, thresholds: Thresholds) -> bool:
    """Whether the hour (0 to 23, local) lies in the night; the night may go over midnight."""
    first, last = thresholds.night_from, thresholds.night_to
    return first <= hour < last if first <= last else hour >= first or hour < last


def night_hours(thresholds: Thresholds) -> Sequence[int]:
    """The hours of the night, for a question to the database."""
    return [hour for hour in range(24) if is_night(hour, thresholds)]
