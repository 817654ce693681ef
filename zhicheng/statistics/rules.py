"""Pure rules of counting: age bands, birth years, percentiles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BIRTH = re.compile(r"\d{6}((?:19|20)\d\d)(?:0[1-9]|1[0-2])\d{5}[\dX]", re.ASCII)


@dataclass(frozen=True)
class AgeBand:
    """Ages from ``first`` to ``last``, both counted in; ``last`` None is open."""

    code: int
    first: int
    last: int | None


AGE_BANDS = (
    AgeBand(1, 0, 29),
    AgeBand(2, 30, 34),
    AgeBand(3, 35, 39),
    AgeBand(4, 40, 44),
    AgeBand(5, 45, 49),
    AgeBand(6, 50, 54),
    AgeBand(7, 55, None),
)


def birth_year(id_kind: str, id_number: str) -> int:
    """The year in an ID number of 18 characters; 0 where the document has none."""
    if id_kind == "passport":
        return 0
    found = _BIRTH.fullmatch(id_number.upper())
    return int(found[1]) if found else 0


def percentile(days: Mapping[int, int], share: float) -> int | None:
    """The nearest-rank percentile of a histogram {whole days: how many}; None when it is empty.

    The smallest number of days within which at least ``share`` of the cases were done.
    """
    total = sum(days.values())
    if total <= 0:
        return None
    reached = 0
    for day in sorted(days):
        reached += days[day]
        if reached >= share * total - 1e-9:
            return day
    return max(days)
