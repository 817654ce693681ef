"""How long the store lasts and which units spoil too much: pure rules, stated on their pages.

The pace of a grade is what left the store for units (allotted and exchanged) in the last
``PACE_WEEKS`` weeks, divided by these weeks, or by the weeks since the first delivery while the
ledger is younger. A unit's spoilage is out of the ordinary when it spoiled ``LEAST_SPOILED`` blanks
and more, ``TIMES`` the city's usual rate, and so many would come about by chance less often than
once in a thousand, whatever unit of the city (Bonferroni): so neither a small unit is marked for
one spoiled blank of five, nor one of three hundred units because somebody is always the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from statistics import median

PACE_WEEKS = 12
CHANCE = 0.001
LEAST_SPOILED = 5
TIMES = 2


def pace(handed_out: int, weeks_on_file: float = PACE_WEEKS) -> float:
    """Blanks a week; a ledger younger than ``PACE_WEEKS`` counts its own weeks, at least one."""
    if handed_out < 0:
        raise ValueError("nobody hands out less than nothing")
    return handed_out / min(PACE_WEEKS, max(1.0, weeks_on_file))


def coverage(store: int, blanks_a_week: float) -> float:
    """For how many weeks the store lasts; without any need, for ever (``inf``)."""
    return store / blanks_a_week if blanks_a_week > 0 else inf


@dataclass(frozen=True)
class Limit:
    """What the store has to last and to hold at least."""

    weeks: int
    stock: int


def too_low(store: int, blanks_a_week: float, limit: Limit) -> bool:
    """Whether to print again: fewer blanks, or fewer weeks at this pace, than the limit says."""
    return store < limit.stock or coverage(store, blanks_a_week) < limit.weeks


def short_by(store: int, blanks_a_week: float, limit: Limit) -> int:
    """How many blanks the store lacks to be within the limit again."""
    wanted = max(float(limit.stock), limit.weeks * blanks_a_week)
    return max(0, -int(-(wanted - store) // 1))


def chance_of(spoiled: int, used: int, rate: float) -> float:
    """How likely it is by chance alone that so many or more of ``used`` blanks are spoiled."""
    if not 0 <= spoiled <= used or not 0 <= rate <= 1:
        raise ValueError("spoiled, used and rate must be sensible")
    if spoiled == 0 or rate == 1:
        return 1.0
    if rate == 0:
        return 0.0
    # The binomial's upper tail, each term from the one before; all positive, so nothing cancels.
    term = exp(
        lgamma(used + 1)
        - lgamma(spoiled + 1)
        - lgamma(used - spoiled + 1)
        + spoiled * log(rate)
        + (used - spoiled) * log1p(-rate)
    )
    total, odds = 0.0, rate / (1 - rate)
    for number in range(spoiled, used + 1):
        total += term
        term *= (used - number) / (number + 1) * odds
        if number > used * rate and term < total * 1e-15:
            break
    return min(total, 1.0)


@dataclass(frozen=True)
class Use:
    """What a unit did with its blanks: how many it used, and how many of them it spoiled."""

    unit_id: int
    unit: str
    used: int
    spoiled: int

    @property
    def rate(self) -> float:
        """The share that was spoiled."""
        return self.spoiled / self.used if self.used else 0.0


@dataclass(frozen=True)
class Judged:
    """A unit beside the city: how likely its number is by chance, and whether it stands out."""

    use: Use
    chance: float
    outlier: bool

    @property
    def percent(self) -> float:
        """The share that was spoiled, in per cent."""
        return self.use.rate * 100

    @property
    def chance_percent(self) -> float:
        """The likelihood in per cent."""
        return self.chance * 100


def usual_rate(uses: Sequence[Use]) -> float:
    """The city's median of the units' rates; where half the units spoil nothing, the whole's."""
    rates = [use.rate for use in uses if use.used]
    middle = median(rates) if rates else 0.0
    used = sum(use.used for use in uses)
    return middle or (sum(use.spoiled for use in uses) / used if used else 0.0)


def judge(uses: Sequence[Use]) -> list[Judged]:
    """Every unit judged against the city's usual rate, in the order given."""
    usual = usual_rate(uses)
    compared = sum(use.used > 0 for use in uses)
    judged = []
    for use in uses:
        chance = chance_of(use.spoiled, use.used, usual) if use.used else 1.0
        outlier = (
            use.spoiled >= LEAST_SPOILED
            and use.rate >= TIMES * usual
            and chance * compared < CHANCE
        )
        judged.append(Judged(use, chance, outlier))
    return judged
