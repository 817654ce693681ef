"""When something counts as unusual, and how its evidence is written down (N18).

Nothing here says that anybody did wrong: the figures only tell where looking pays.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

GROWN = 1.5  # what was dealt with is listed again from so many times its weight on
LEAST_SPOILED = 5
SPOILED_MORE = 2.0
CHANCE = 0.001
SPREADS = 6.0
NEAR = 1000  # numbers of one register that lie so close together run on
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Thresholds:
    """From which figures on something is listed; the office's own are kept by their day."""

    days: int = 400
    person_most: int = 4
    recipient_most: int = 5
    number_days: int = 30
    unmask_most: int = 30
    night_from: int = 22
    night_to: int = 6
    night_most: int = 3
    failures_most: int = 10


# The least and the most that each may be set to; the table holds the same.
LIMITS: Mapping[str, tuple[int, int]] = {
    "days": (30, 3660),
    "person_most": (2, 1000),
    "recipient_most": (2, 1000),
    "number_days": (1, 3660),
    "unmask_most": (1, 30_000),
    "night_from": (0, 23),
    "night_to": (0, 23),
    "night_most": (1, 1000),
    "failures_most": (2, 10_000),
}


@dataclass(frozen=True)
class Evidence:
    """What led to an anomaly.

    ``figures`` are (label, value) pairs; ``objects`` are (kind, id, label) of what pages show:
    ``certificate``, ``register``, ``approval``, ``event`` (by its sequence), ``agent``.
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


@dataclass(frozen=True)
class Rate:
    """A share that is far above the others': ``share`` its own, ``others`` theirs, 0 to 1."""

    share: float
    others: float

    @property
    def times(self) -> float:
        """How many times the others' share it is; those who never spoil count as one in 1,000."""
        return self.share / max(self.others, 0.001)


def far_above(counts: Mapping[int, tuple[int, int]]) -> dict[int, Rate]:
    """Which of the counts (bad, of how many) chance doesn't explain, against all others together.

    Listed are those with at least five bad ones, twice the others' share, and a probability by
    chance below one in a thousand over all that are compared (exact binomial tail, Bonferroni).
    """
    all_bad = sum(bad for bad, _total in counts.values())
    everything = sum(total for _bad, total in counts.values())
    found = {}
    for key, (bad, total) in counts.items():
        others_total = everything - total
        if bad < LEAST_SPOILED or not others_total:
            continue
        # One more bad among the others: a city that never spoiled anything proves nothing.
        others = (all_bad - bad + 1) / (others_total + 1)
        rate = Rate(bad / total, others)
        unlikely = tail(bad, total, min(others, 1.0)) * len(counts) < CHANCE
        if rate.share >= SPOILED_MORE * others and unlikely:
            found[key] = rate
    return found


def tail(least: int, total: int, share: float) -> float:
    """The probability of ``least`` or more among ``total`` where each has the chance ``share``."""
    if least <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    whole = math.lgamma(total + 1)
    return min(
        1.0,
        sum(
            math.exp(
                whole
                - math.lgamma(k + 1)
                - math.lgamma(total - k + 1)
                + k * math.log(share)
                + (total - k) * math.log1p(-share)
            )
            for k in range(least, total + 1)
        ),
    )


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
