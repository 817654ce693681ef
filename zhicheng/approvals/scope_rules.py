"""Whether a record of authorised, joint or self-managed review covers a result: pure (N15, N16)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from zhicheng.reference.catalog import LEVEL_LABELS, Catalog


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record: whose, announced by which department, which days, and what it is limited to.

    ``first`` and ``last`` are the days on which it holds, an earlier end counted. An empty set
    limits nothing.
    """

    ref: int
    number: str
    mode: str
    unit: int
    department: int | None
    first: date
    last: date
    series: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What was reviewed: on which day, which title. ``series`` are those that it may belong to."""

    day: date
    level: str
    qualification: str
    series: frozenset[str]


class Gap(IntEnum):
    """Why a record doesn't cover a result; the higher, the nearer it comes to doing so."""

    NO_RECORD = 0
    NOT_IN_FORCE = 1
    SERIES = 2
    LEVEL = 3
    QUALIFICATION = 4


GAPS: Mapping[Gap, str] = {
    Gap.NO_RECORD: "没有备案",
    Gap.NOT_IN_FORCE: "批准时间不在备案的有效期内",
    Gap.SERIES: "系列不在备案范围内",
    Gap.LEVEL: "级别不在备案范围内",
    Gap.QUALIFICATION: "资格名称不在备案范围内",
}


def last_day(valid_to: date, ended_on: date | None) -> date:
    """The last day on which a record holds; ``ended_on`` is the first on which it doesn't."""
    return valid_to if ended_on is None else min(valid_to, ended_on - timedelta(days=1))


def gap_of(record: RecordFacts, result: Result) -> Gap | None:
    """Why this record doesn't cover the result; None when it does."""
    if not record.first <= result.day <= record.last:
        return Gap.NOT_IN_FORCE
    if record.series and not record.series & result.series:
        return Gap.SERIES
    if record.levels and result.level not in record.levels:
        return Gap.LEVEL
    if record.qualifications and result.qualification not in record.qualifications:
        return Gap.QUALIFICATION
    return None


def uncovered(records: Iterable[RecordFacts], result: Result) -> Gap | None:
    """None when one of the records covers the result, else what the nearest lacks."""
    nearest = Gap.NO_RECORD
    for record in records:
        gap = gap_of(record, result)
        if gap is None:
            return None
        nearest = max(nearest, gap)
    return nearest


def series_of(catalog: Catalog, qualification: str, level: str, stated: str) -> frozenset[str]:
    """The series to which a title belongs: the stated one, else those that know the name."""
    if stated:
        return frozenset({catalog.series_named(stated) or stated})
    return frozenset(
        title.series for title in catalog.titles_named(qualification) if title.level == level
    )


def limits_in_words(
    series: Iterable[str], levels: Iterable[str], qualifications: Iterable[str]
) -> str:
    """What a record is limited to, for people."""
    parts = (
        "、".join(series) or "全部系列",
        "、".join(LEVEL_LABELS[level] for level in LEVEL_LABELS if level in set(levels))
        or "全部级别",
        "、".join(qualifications),
    )
    return "；".join(part for part in parts if part)
