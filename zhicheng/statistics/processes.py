"""How units work: days for each step, registers returned, blanks spoiled, certificates reissued."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import connection
from django.utils import timezone

from zhicheng.blanks.queries import supply
from zhicheng.statistics import queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import Dimension, Measure
from zhicheng.statistics.models import Step
from zhicheng.statistics.rules import percentile

WHOLE_CITY = 0


@dataclass
class StepTime:
    """How many certificates, and within how many days half and nine tenths of them were done."""

    n: int
    median: int | None
    ninth: int | None


@dataclass
class Unit:
    """What one issuing unit did in a year; code 0 is all together."""

    code: int
    name: str
    issued: int = 0
    steps: list[StepTime] = field(default_factory=list)
    registers: int = 0
    returned: int = 0
    used: int = 0
    spoiled: int = 0
    reissued: int = 0
    in_force: int = 0

    @property
    def return_rate(self) -> float | None:
        """Per cent of the registers that were sent back at least once."""
        return _share(self.returned, self.registers)

    @property
    def spoilage_rate(self) -> float | None:
        """Per cent of the blanks used."""
        return _share(self.spoiled, self.used)

    @property
    def reissue_rate(self) -> float | None:
        """Per cent of the certificates in force at the end of the year."""
        return _share(self.reissued, self.in_force)


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def issuer_of(area: Area) -> int | None:
    """The unit whose work the account sees; None for everybody's, 0 for nobody's."""
    if area.exact:
        return None
    return area.organization.pk if area.organization.has_authority else WHOLE_CITY


def units(area: Area, year: int) -> list[Unit]:
    """Everybody together first, then each unit by what it issued."""
    only = issuer_of(area)
    days = _days(year)
    issued = _by_issuer(Measure.ISSUED, year)
    reissued = _by_issuer(Measure.REISSUED, year)
    standing = _by_issuer(Measure.IN_FORCE, year)
    filed = _registers(year)
    begin = timezone.make_aware(datetime.combine(date(year, 1, 1), time()))
    end = timezone.make_aware(datetime.combine(date(year + 1, 1, 1), time()))
    blanks = {item.use.unit_id: item.use for item in supply.spoilage(begin, end)}
    codes = {*days, *issued, *reissued, *filed, *blanks} - {WHOLE_CITY}
    names = queries.names_of(Dimension.ISSUER, sorted(codes))
    found = []
    for code in codes if only is None else codes & {only}:
        use = blanks.get(code)
        total, back = filed.get(code, (0, 0))
        found.append(
            Unit(
                code,
                names.get(code, str(code)),
                issued.get(code, 0),
                _steps([days.get(code, {})]),
                total,
                back,
                use.used if use else 0,
                use.spoiled if use else 0,
                reissued.get(code, 0),
                standing.get(code, 0),
            )
        )
    found.sort(key=lambda unit: (-unit.issued, unit.name))
    if only is not None or len(found) < 2:
        return found
    together = Unit(
        WHOLE_CITY,
        "",
        sum(unit.issued for unit in found),
        _steps(list(days.values())),
        registers=sum(unit.registers for unit in found),
        returned=sum(unit.returned for unit in found),
        used=sum(unit.used for unit in found),
        spoiled=sum(unit.spoiled for unit in found),
        reissued=sum(unit.reissued for unit in found),
        in_force=sum(standing.values()),
    )
    return [together, *found]


def _steps(histograms: list[dict[int, dict[int, int]]]) -> list[StepTime]:
    found = []
    for step in Step:
        days: dict[int, int] = {}
        for histogram in histograms:
            for day, n in histogram.get(step.value, {}).items():
                days[day] = days.get(day, 0) + n
        found.append(StepTime(sum(days.values()), percentile(days, 0.5), percentile(days, 0.9)))
    return found


def _days(year: int) -> dict[int, dict[int, dict[int, int]]]:
    """{unit: {step: {days: certificates}}} of what was issued in a year."""
    found: dict[int, dict[int, dict[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT issuer_id, step, days, n FROM statistics_duration WHERE year = %s", [year]
        )
        for issuer, step, days, n in cursor.fetchall():
            found.setdefault(issuer, {}).setdefault(step, {})[days] = n
    return found


def _by_issuer(measure: Measure, year: int) -> dict[int, int]:
    counted = queries.counts(measure, [Dimension.ISSUER], {Dimension.YEAR: year})
    return {code: n for (code,), n in counted.items()}


def _registers(year: int) -> dict[int, tuple[int, int]]:
    """{unit: (registers submitted in the year, those of them that were sent back once or more)}."""
    begin = timezone.make_aware(datetime.combine(date(year, 1, 1), time()))
    end = timezone.make_aware(datetime.combine(date(year + 1, 1, 1), time()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT issuing_unit_id, count(*), count(returned_at) FROM registers_register"
            " WHERE submitted_at >= %s AND submitted_at < %s GROUP BY 1",
            [begin, end],
        )
        return {unit: (total, back) for unit, total, back in cursor.fetchall()}
