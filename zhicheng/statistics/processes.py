"""How units work: days for each step, registers returned, blanks spoiled, certificates reissued.

Outside the office a unit sees its own line. What it issued needn't be what lies in its area, so
the line is a second look at nearly the same people: every number of people is hidden when it is
small and else stands in fives, rates are those of the numbers shown, and days are told of five or
more. Registers and blanks are papers that have gone through the unit's own hands: it has them in
its lists one by one, so their numbers are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.queries import supply
from zhicheng.registers.models import Register
from zhicheng.registers.queries import SENT_BACK, SENT_IN
from zhicheng.statistics import queries, step_times
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import MEASURES, Dimension, Measure
from zhicheng.statistics.models import Step
from zhicheng.statistics.step_times import Section, StepTime
from zhicheng.statistics.suppression import alone

WHOLE_CITY = 0


@dataclass
class Unit:
    """What one issuing unit did in a year; code 0 is all together. None is what isn't shown."""

    code: int
    name: str
    issued: int | None = 0
    steps: dict[Step, StepTime] = field(default_factory=dict)
    registers: int | None = 0
    returned: int | None = 0
    used: int | None = 0
    spoiled: int | None = 0
    reissued: int | None = 0
    in_force: int | None = 0
    # Where the people lie; only for whoever sees everything.
    links: dict[str, str] = field(default_factory=dict)
    # Where the papers are listed.
    lists: dict[str, str] = field(default_factory=dict)

    def timed(self, section: Section) -> tuple[StepTime, list[StepTime]]:
        """Of one way: the step that is counted, and all steps in their order."""
        return self.steps[section.counted], [self.steps[step] for step in section.steps]

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

    return replace(
        unit,
        issued=told(unit.issued),
        steps={step: step_times.outside(time) for step, time in unit.steps.items()},
        reissued=told(unit.reissued),
        in_force=told(unit.in_force),
    )


def issuer_of(area: Area) -> int | None:
    """The unit whose work the account sees; None for everybody's, 0 for nobody's."""
    if area.exact:
        return None
    return area.organization.pk if area.organization.has_authority else WHOLE_CITY


def units(area: Area, year: int) -> list[Unit]:
    """Everybody together first, then each unit by what it issued."""
    only = issuer_of(area)
    days = step_times.histograms(year)
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
                step_times.times([days.get(code, {})]),
                total,
                back,
                use.used if use else 0,
                use.spoiled if use else 0,
                reissued.get(code, 0),
                standing.get(code, 0),
            )
        )
    for unit in found:
        unit.lists = _lists(unit, year)
    if not area.exact:
        return [outside(unit) for unit in found]
    found.sort(key=lambda unit: (-(unit.issued or 0), unit.name))
    if len(found) > 1:
        found.insert(0, _together(found, list(days.values()), sum(standing.values())))
    for unit in found:
        _link(unit, year)
    return found


def _together(
    found: list[Unit], days: list[Mapping[int, Mapping[int, int]]], standing: int
) -> Unit:
    names = ("issued", "registers", "returned", "used", "spoiled", "reissued")
    sums = {name: sum(getattr(unit, name) for unit in found) for name in names}
    return Unit(WHOLE_CITY, "", steps=step_times.times(days), in_force=standing, **sums)


def _lists(unit: Unit, year: int) -> dict[str, str]:
    """Where the unit's papers of the year are listed; nowhere from a nought."""
    own = {"issuer": unit.code}
    between = {"day_from": f"{year}-01-01", "day_to": f"{year}-12-31"}
    spoiled = own | {"spoiled_from": f"{year}-01-01", "spoiled_to": f"{year}-12-31"}
    addresses: dict[str, tuple[str, Mapping[str, object]]] = {
        "registers": ("registers:list", own | {"sent": year}),
        "returned": ("registers:list", own | {"sent": f"{year}-back"}),
        "used": ("blanks:spoilage_rates", between),
        "spoiled": ("blanks:spoiled", spoiled),
    }
    return {
        name: f"{reverse(page)}?{urlencode(where)}"
        for name, (page, where) in addresses.items()
        if getattr(unit, name)
    }


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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.issuing_unit_id, count(*), count(*) FILTER (WHERE happened.back) FROM ("
            "SELECT subject_id, bool_or(tag = ANY(%s)) AS back FROM audit_auditevent"
            " WHERE tag = ANY(%s) AND occurred_at >= %s AND occurred_at < %s"
            " AND subject_type = %s GROUP BY 1) happened"
            " JOIN registers_register r ON r.id = happened.subject_id GROUP BY 1",
            [
                list(SENT_BACK),
                [*SENT_IN, *SENT_BACK],
                begin,
                end,
                Register._meta.label_lower,
            ],
        )
        return {unit: (total, returned) for unit, total, returned in cursor.fetchall()}


def rates_words() -> str:
    """What each rate is of."""
    return _(
        "退回率 = 该年被退回的登记表 ÷ 该年提交或退回的登记表（以当时的操作记录为准，撤回、"
        "再次提交不改变以前年度）；作废率 = 作废的 ÷ 使用的空白证书（签收时已损坏的不计）；"
        "补办换发率 = 该年核发的补办、换发证书 ÷ 年末有效证书。"
        "数字带链接的可以打开清单；废旧证书清单还包括签收时已损坏的。"
    )


def shown_words() -> str:
    """What isn't shown exactly outside the office."""
    return _(
        "证书的数字不足 5 的以 * 代替，其他按 5 取整，比率按所显示的数字计算；"
        "不足 5 件的，不显示天数。登记表和空白证书是本单位经手的文书，如实显示。"
    )
