"""How units work: days for each step, registers returned, blanks spoiled, certificates reissued.

Outside the office a unit sees its own line. What it issued needn't be what lies in its area, so
the line is a second look at nearly the same people: every number of it is hidden when it is small
and else stands in fives, rates are those of the numbers shown, and days are told of five or more.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.queries import supply
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.statistics import queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import MEASURES, Dimension, Measure
from zhicheng.statistics.models import Step
from zhicheng.statistics.rules import percentile
from zhicheng.statistics.suppression import alone, is_small

WHOLE_CITY = 0


@dataclass
class StepTime:
    """How many certificates, and within how many days half and nine tenths of them were done.

    ``n`` is None where the group is too small to be shown; there are no days then.
    """

    n: int | None
    median: int | None
    ninth: int | None


@dataclass
class Unit:
    """What one issuing unit did in a year; code 0 is all together. None is what isn't shown."""

    code: int
    name: str
    issued: int | None = 0
    steps: list[StepTime] = field(default_factory=list)
    registers: int | None = 0
    returned: int | None = 0
    used: int | None = 0
    spoiled: int | None = 0
    reissued: int | None = 0
    in_force: int | None = 0
    # Where the people lie; only for whoever sees everything.
    links: dict[str, str] = field(default_factory=dict)

    @property
    def return_rate(self) -> float | None:
        """Per cent of the registers on their way in the year that were sent back in it."""
        return _share(self.returned, self.registers)

    @property
    def spoilage_rate(self) -> float | None:
        """Per cent of the blanks used."""
        return _share(self.spoiled, self.used)

    @property
    def reissue_rate(self) -> float | None:
        """Per cent of the certificates in force at the end of the year."""
        return _share(self.reissued, self.in_force)


def _share(part: int | None, whole: int | None) -> float | None:
    return round(100 * part / whole, 2) if part is not None and whole else None


def outside(unit: Unit) -> Unit:
    """The unit's line as it may be shown outside the office."""

    def told(n: int | None) -> int | None:
        return alone(n or 0)

    return Unit(
        unit.code,
        unit.name,
        told(unit.issued),
        [step if not step.n else StepTime(told(step.n), *_days_shown(step)) for step in unit.steps],
        registers=told(unit.registers),
        returned=told(unit.returned),
        used=told(unit.used),
        spoiled=told(unit.spoiled),
        reissued=told(unit.reissued),
        in_force=told(unit.in_force),
    )


def _days_shown(step: StepTime) -> tuple[int | None, int | None]:
    return (None, None) if is_small(step.n or 0) else (step.median, step.ninth)


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
    if not area.exact:
        return [outside(unit) for unit in found]
    found.sort(key=lambda unit: (-(unit.issued or 0), unit.name))
    if len(found) > 1:
        found.insert(0, _together(found, list(days.values()), sum(standing.values())))
    for unit in found:
        _link(unit, year)
    return found


def _together(found: list[Unit], days: list[dict[int, dict[int, int]]], standing: int) -> Unit:
    names = ("issued", "registers", "returned", "used", "spoiled", "reissued")
    sums = {name: sum(getattr(unit, name) for unit in found) for name in names}
    return Unit(WHOLE_CITY, "", steps=_steps(days), in_force=standing, **sums)


def _link(unit: Unit, year: int) -> None:
    """From its numbers to the people; nowhere from a nought."""
    for name, measure in (
        ("issued", Measure.ISSUED),
        ("reissued", Measure.REISSUED),
        ("in_force", Measure.IN_FORCE),
    ):
        if getattr(unit, name):
            where = {"m": MEASURES[measure].key, "year": str(year)}
            if unit.code:
                where["issuer"] = str(unit.code)
            unit.links[name] = urlencode(where)


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
    """{unit: (registers submitted or returned in the year, those of them returned in it)}.

    From the chain of events, which alone keeps every submission and return: a register's own
    columns know the last submission, and none after a withdrawal. So a past year's rate stays.
    """
    begin = timezone.make_aware(datetime.combine(date(year, 1, 1), time()))
    end = timezone.make_aware(datetime.combine(date(year + 1, 1, 1), time()))
    back = [Action.REGISTER_RETURN.value, Action.REGISTER_RETURN_BY_DEPARTMENT.value]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.issuing_unit_id, count(*), count(*) FILTER (WHERE happened.back) FROM ("
            "SELECT subject_id, bool_or(tag = ANY(%s)) AS back FROM audit_auditevent"
            " WHERE tag = ANY(%s) AND occurred_at >= %s AND occurred_at < %s"
            " AND subject_type = %s GROUP BY 1) happened"
            " JOIN registers_register r ON r.id = happened.subject_id GROUP BY 1",
            [
                back,
                [Action.REGISTER_SUBMIT.value, *back],
                begin,
                end,
                Register._meta.label_lower,
            ],
        )
        return {unit: (total, returned) for unit, total, returned in cursor.fetchall()}


def days_words() -> str:
    """How days are told."""
    return _(
        "按该年发放的纸质证书（登记表来源）计算，以日历日计；"
        "中位：一半证书在几天内完成；九成：十分之九在几天内完成。"
    )


def rates_words() -> str:
    """What each rate is of."""
    return _(
        "退回率 = 该年被退回的登记表 ÷ 该年提交或退回的登记表（以当时的操作记录为准，撤回、"
        "再次提交不改变以前年度）；作废率 = 作废的 ÷ 使用的空白证书（签收时已损坏的不计）；"
        "补办换发率 = 该年核发的补办、换发证书 ÷ 年末有效证书。"
    )


def shown_words() -> str:
    """What isn't shown exactly outside the office."""
    return _(
        "不足 5 的数字以 * 代替，其他数字按 5 取整，比率按所显示的数字计算；"
        "不足 5 本证书的，不显示天数。"
    )
