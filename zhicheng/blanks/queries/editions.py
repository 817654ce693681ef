"""Of which year (印制年度) blanks are: the layout of their printing depends on it (N8)."""

from collections.abc import Sequence

from zhicheng.blanks import ledger
from zhicheng.blanks.models import PrintRun
from zhicheng.blanks.rules import common
from zhicheng.values.serials import SerialRange, merge


def editions_of(serials: Sequence[SerialRange]) -> dict[int, list[SerialRange]]:
    """The serials by the year of their blanks, in one query; the latest year last.

    Serials that no print run has named are in none.
    """
    if not serials:
        return {}
    whole = SerialRange(min(item.first for item in serials), max(item.last for item in serials))
    found: dict[int, list[SerialRange]] = {}
    for year, value in PrintRun.objects.filter(serials__overlap=ledger.as_range(whole)).values_list(
        "edition", "serials"
    ):
        found.setdefault(year, []).append(ledger.from_range(value))
    named = {year: common(serials, merge(found[year])) for year in sorted(found)}
    return {year: ranges for year, ranges in named.items() if ranges}


def all_editions() -> set[tuple[str, int]]:
    """Grade and year of every print run."""
    return set(PrintRun.objects.order_by().values_list("grade", "edition").distinct())
