"""What is set from a day on: a number of days keeps to what began then, and no day is past."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from zhicheng.values.refusal import Refusal

# (from which day on, how many days), the earliest first; the first of them holds since ever.
Steps = Sequence[tuple[date, int]]


def allowed(steps: Steps, day: date) -> int:
    """How many days has what began on ``day``."""
    return steps[bisect_right(steps, day, key=lambda step: step[0]) - 1][1]


def shortened(steps: Steps) -> list[date]:
    """From which days on there are fewer: what begins then may be due before what is older."""
    return [later[0] for earlier, later in pairwise(steps) if later[1] < earlier[1]]


def check_from(day: date, today: date, rule: str, *, clause: str = "N18") -> None:
    """Raises Refusal under ``rule`` for a setting that would be in force on a past day.

    By what was in force then it was judged and done: whoever could date a longer time back would
    make a delay unseen, and the record would say that another rule had held.
    """
    if day < today:
        raise Refusal(
            rule,
            "设定不能从过去的日期起生效。",
            clause=clause,
            found=day.isoformat(),
            expected="今天或以后",
            mend="请改为今天或以后的日期；此前已经开始、判断和办理的仍按当时的设定。",
        )
