"""A number of days that changes from a day on; what waits keeps the one of the day it began."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

# (from which day on, how many days), the earliest first; the first of them holds since ever.
Steps = Sequence[tuple[date, int]]


def allowed(steps: Steps, day: date) -> int:
    """How many days has what began on ``day``."""
    return steps[bisect_right(steps, day, key=lambda step: step[0]) - 1][1]


def shortened(steps: Steps) -> list[date]:
    """From which days on there are fewer: what begins then may be due before what is older."""
    return [later[0] for earlier, later in pairwise(steps) if later[1] < earlier[1]]
