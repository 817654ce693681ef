"""Counts as the pages show them, and who hasn't counted for too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from zhicheng.blanks import ledger
from zhicheng.blanks.case_rules import common
from zhicheng.blanks.models import (
    OFFICE_COUNTS,
    UNIT_COUNTS,
    CustodyState,
    Holding,
    Movement,
    Sighting,
    Stocktake,
    StocktakeCount,
    StocktakePolicy,
    StocktakeState,
)
from zhicheng.blanks.queries.stock import GRADES
from zhicheng.blanks.rules import difference
from zhicheng.blanks.stocktaking import counted_in, expected_in
from zhicheng.organizations.guard import might, sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange, count, merge

DEFAULT_MONTHS = 6


def visible_stocktakes(account: Account) -> QuerySet[Stocktake]:
    """All for the office and auditors; a unit's own for its people."""
    found = Stocktake.objects.select_related(
        "organization", "started_by", "finished_by", "confirmed_by"
    )
    if sees_all(account):
        return found
    if not might(account, Action.STOCKTAKE_VIEW):
        return found.none()
    return found.filter(organization=account.organization_id)


@dataclass(frozen=True)
class Line:
    """What the books expect of one grade and state, and how much of it was counted."""

    grade: str
    state: str
    expected: tuple[SerialRange, ...]
    counted: tuple[SerialRange, ...]

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(CustodyState(self.state).label)

    @property
    def done(self) -> int:
        """How many of the expected were counted."""
        return count(self.counted)

    @property
    def total(self) -> int:
        """How many are expected."""
        return count(self.expected)

    @property
    def left(self) -> list[SerialRange]:
        """What was not counted yet."""
        return difference(self.expected, self.counted)


@dataclass(frozen=True)
class Progress:
    """How far a count is."""

    lines: tuple[Line, ...]
    counted: tuple[SerialRange, ...]
    unexpected: tuple[SerialRange, ...]

    @property
    def done(self) -> int:
        """Counted of what is expected."""
        return sum(line.done for line in self.lines)

    @property
    def total(self) -> int:
        """Expected."""
        return sum(line.total for line in self.lines)

    @property
    def left(self) -> list[str]:
        """The serials that nobody counted yet, as ranges."""
        return [str(item) for line in self.lines for item in line.left]

    @property
    def strange(self) -> list[str]:
        """Counted, though the books have them elsewhere."""
        return [str(item) for item in self.unexpected]


def progress(stocktake: Stocktake) -> Progress:
    """Counted against expected, by grade and state, in a fixed number of statements."""
    counted = counted_in(stocktake)
    groups: dict[tuple[str, str], list[SerialRange]] = {}
    for grade, state, serials in stocktake.expected.values_list(
        "custody__grade", "custody__state", "serials"
    ):
        groups.setdefault((grade, state), []).append(ledger.from_range(serials))
    lines = tuple(
        Line(grade, state, tuple(merge(ranges)), tuple(common(ranges, counted)))
        for (grade, state), ranges in sorted(
            groups.items(), key=lambda item: (GRADES.index(Grade(item[0][0])), item[0][1])
        )
    )
    return Progress(lines, tuple(counted), tuple(difference(counted, expected_in(stocktake))))


def entries(stocktake: Stocktake, limit: int = 20) -> Sequence[StocktakeCount]:
    """The last entries, the newest first."""
    found = stocktake.counts.select_related("counted_by", "withdrawn_by").order_by("-id")
    return list(found[:limit])


def seen_while_counting(stocktake: Stocktake) -> list[str]:
    """Lost blanks that turned up at the custodian's while it counted."""
    until = stocktake.finished_at or timezone.now()
    found = Sighting.objects.filter(
        organization=stocktake.organization_id,
        seen_at__gte=stocktake.started_at,
        seen_at__lte=until,
    ).select_related("case")
    return [f"{'、'.join(item.serials)}（{item.case.number}）" for item in found.order_by("id")]


def period(day: date) -> int:
    """After how many months a custodian is reminded, on ``day``."""
    policy = StocktakePolicy.objects.filter(valid_from__lte=day).first()
    return policy.months if policy else DEFAULT_MONTHS


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, 28))


def overdue(organization: Organization, day: date) -> list[tuple[Grade, datetime]]:
    """Grades that the custodian holds and hasn't counted in full since the period, with since when.

    Since the last confirmed count of all states, or since it got its first blanks of that grade.
    """
    states = OFFICE_COUNTS if organization.is_municipal_office else UNIT_COUNTS
    held = set(
        Holding.objects.filter(custody__organization=organization, custody__state__in=states)
        .values_list("custody__grade", flat=True)
        .distinct()
    )
    if not held:
        return []
    counted = dict(
        Stocktake.objects.filter(
            organization=organization, scope="", state=StocktakeState.CONFIRMED
        )
        .order_by()
        .values_list("grade")
        .annotate(last=Max("confirmed_at"))
    )
    first = dict(
        Movement.objects.filter(target__organization=organization, target__state__in=states)
        .order_by()
        .values_list("target__grade")
        .annotate(first=Min("moved_at"))
    )
    limit = _months_before(day, period(day))
    late = []
    for grade in GRADES:
        if grade.value not in held:
            continue
        moments = [counted.get(grade.value), counted.get("")]
        known = [moment for moment in moments if moment is not None]
        since = max(known) if known else first.get(grade.value)
        if since is not None and timezone.localdate(since) < limit:
            late.append((grade, since))
    return late
