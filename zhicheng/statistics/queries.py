"""Reads the sums: how many cases of a figure there are by one or two dimensions.

Every question goes to the kept sums that tell its dimensions apart; one with more dimensions than
any of them is counted from the facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Region
from zhicheng.statistics.definitions import (
    DIMENSIONS,
    GRADE_OF_LEVEL,
    MADE_OF,
    MEASURES,
    UNKNOWN,
    Dimension,
    Measure,
    fixed_labels,
)
from zhicheng.statistics.groupings import covering, number
from zhicheng.statistics.models import Head, Term

Codes = tuple[int, ...]
Narrowing = Mapping[Dimension, int]


@dataclass(frozen=True)
class Moment:
    """As of when the figures are; None before the first count."""

    as_of: datetime | None


def moment() -> Moment:
    """The last count."""
    return Moment(Head.objects.values_list("as_of", flat=True).first())


def counts(
    measure: Measure,
    by: Sequence[Dimension] = (),
    where: Narrowing | None = None,
    *,
    last_year: int | None = None,
) -> dict[Codes, int]:
    """{codes of ``by``: how many}, nothing for none.

    ``where`` narrows to one code of other dimensions; ``last_year`` to cases up to that year. A
    standing figure by year, or of one year, is what it was at the end of that year.
    """
    where = dict(where or {})
    standing = MEASURES[measure].standing
    if standing and Dimension.YEAR in where:
        last_year = where.pop(Dimension.YEAR)
    if standing and Dimension.YEAR in by:
        return _standing_by_year(measure, by, where)
    return _read(measure, by, where, last_year)


def _standing_by_year(
    measure: Measure, by: Sequence[Dimension], where: Narrowing
) -> dict[Codes, int]:
    """Sums of all years up to each one."""
    changes = _read(measure, by, where, None)
    years_ = years()
    place = list(by).index(Dimension.YEAR)
    others = {codes[:place] + codes[place + 1 :] for codes in changes}
    found: dict[Codes, int] = {}
    for rest in others:
        total = 0
        for year in years_:
            codes = (*rest[:place], year, *rest[place:])
            total += changes.get(codes, 0)
            if total:
                found[codes] = total
    return found


def years() -> list[int]:
    """The years that have figures, the earliest first, without a gap."""
    with connection.cursor() as cursor:
        # The first and last of an index: the sums aren't read.
        cursor.execute(
            "SELECT min(low), max(high) FROM ("
            "SELECT min(passed_year) AS low, max(passed_year) AS high FROM statistics_personfact"
            " UNION ALL SELECT min(issued_year), max(issued_year) FROM statistics_certificatefact"
            " UNION ALL SELECT min(voided_year), max(voided_year) FROM statistics_certificatefact"
            " WHERE voided_year <> 0"
            " UNION ALL SELECT min(issued_year), max(issued_year) FROM statistics_selfissuedfact) y"
        )
        low, high = cursor.fetchone()
    return list(range(low, high + 1)) if low else []


def _read(
    measure: Measure, by: Sequence[Dimension], where: Narrowing, last_year: int | None
) -> dict[Codes, int]:
    parts = MADE_OF.get(measure, {measure: 1})
    needed = {_stored(item) for item in (*by, *where)}
    if last_year is not None:
        needed.add(Dimension.YEAR)
    grouping = covering(frozenset(int(item) for item in needed))
    if grouping is None:
        source, columns, conditions, given = _facts(parts, where, last_year)
    else:
        source = "statistics_rollup"
        columns = {Dimension(item): "abc"[place] for place, item in enumerate(grouping)}
        conditions = ["grouping = %s", "measure = ANY(%s)"]
        given = [number(grouping), [int(part) for part in parts]]
    for item, code in where.items():
        if item is Dimension.GRADE:
            levels = [level for level, grade in GRADE_OF_LEVEL.items() if grade == code]
            conditions.append(f"{columns[Dimension.LEVEL]} = ANY(%s)")
            given.append(levels)
        else:
            conditions.append(f"{columns[item]} = %s")
            given.append(code)
    if last_year is not None:
        conditions.append(f"{columns[Dimension.YEAR]} <= %s")
        given.append(last_year)
    signs = " ".join(f"WHEN {int(part)} THEN {sign}" for part, sign in parts.items())
    chosen = [columns[_stored(item)] for item in by]
    total = f"sum(n * CASE measure {signs} ELSE 0 END)"
    grouped = f" GROUP BY {', '.join(dict.fromkeys(chosen))}" if chosen else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join([*chosen, total])} FROM {source}"
            f" WHERE {' AND '.join(conditions)}{grouped}",
            given,
        )
        rows = cursor.fetchall()
    found: dict[Codes, int] = {}
    for *codes, n in rows:
        key = tuple(
            GRADE_OF_LEVEL.get(code, UNKNOWN) if item is Dimension.GRADE else code
            for item, code in zip(by, codes, strict=True)
        )
        found[key] = found.get(key, 0) + int(n or 0)
    return {key: n for key, n in found.items() if n}


def _stored(item: Dimension) -> Dimension:
    """The dimension from whose codes it follows."""
    return Dimension.LEVEL if item is Dimension.GRADE else item


def _facts(
    parts: Mapping[Measure, int], where: Narrowing, last_year: int | None
) -> tuple[str, dict[Dimension, str], list[str], list[Any]]:
    """The cases themselves, as (measure, year, codes, n), each figure by its own index."""
    chosen = []
    given: list[Any] = []
    for part in parts:
        table, year, condition = {
            Measure.PASSED: ("personfact", "passed_year", ""),
            Measure.ISSUED: ("certificatefact", "issued_year", "AND how = 2"),
            Measure.HISTORIC: ("certificatefact", "issued_year", "AND how = 8"),
            Measure.SELF_ISSUED: ("selfissuedfact", "issued_year", ""),
            Measure.REPLACEMENT: ("certificatefact", "issued_year", "AND how = 3"),
            Measure.RENEWAL: ("certificatefact", "issued_year", "AND how = 4"),
            Measure.VOIDED: ("certificatefact", "voided_year", "AND voided_year <> 0"),
            Measure.REVOKED: ("certificatefact", "voided_year", "AND voided_year <> 0 AND revoked"),
            Measure.LOST: ("certificatefact", "lost_year", "AND lost_year <> 0"),
        }[part]
        inner = ""
        for item, code in where.items():
            if item is not Dimension.GRADE:
                column = year if item is Dimension.YEAR else DIMENSIONS[item].column
                inner += f" AND {column} = %s"
                given.append(code)
        if last_year is not None:
            inner += f" AND {year} <= %s"
            given.append(last_year)
        names = ", ".join(
            DIMENSIONS[item].column
            for item in Dimension
            if item not in (Dimension.YEAR, Dimension.GRADE)
        )
        chosen.append(
            f"SELECT {int(part)} AS measure, {year}::integer AS year, {names}, 1 AS n"
            f" FROM statistics_{table} WHERE true {condition}{inner}"
        )
    columns: dict[Dimension, str] = {
        item: DIMENSIONS[item].column for item in Dimension if item is not Dimension.GRADE
    }
    return f"({' UNION ALL '.join(chosen)}) f", columns, ["true"], given


def labels(dimension: Dimension, codes: Sequence[int]) -> dict[int, str]:
    """The words of these codes, for a dimension whose values tables hold those alone."""
    fixed = fixed_labels(dimension)
    if fixed is not None:
        return dict(fixed)
    if dimension is Dimension.YEAR:
        return {code: str(code) for code in codes}
    return names_of(dimension, codes)


def names_of(dimension: Dimension, codes: Sequence[int]) -> dict[int, str]:
    """Names of districts, organisations, series and qualifications."""
    from django.utils.translation import gettext as _

    wanted = [code for code in codes if code != UNKNOWN]
    if dimension is Dimension.REGION:
        found = dict(Region.objects.filter(pk__in=wanted).values_list("pk", "name"))
        unknown = _("市级及未定")
    elif dimension in (Dimension.UNIT, Dimension.ISSUER, Dimension.DEPARTMENT):
        found = {
            pk: short or name
            for pk, short, name in Organization.objects.filter(pk__in=wanted).values_list(
                "pk", "short_name", "name"
            )
        }
        unknown = _("未对应机构")
    else:
        found = dict(Term.objects.filter(pk__in=wanted).values_list("pk", "text"))
        unknown = _("未注明")
    return {**found, UNKNOWN: unknown}
