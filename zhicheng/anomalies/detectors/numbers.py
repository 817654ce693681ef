"""Numbers out of their sequence (invariant 3).

Within a sequence (``numbered``) numbers grow with time; one that was used a month and more after a
greater one was kept back or slipped in. One or two far above all others of their year and grade are
odd themselves, and tell nothing of those that come after.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import ask, objects
from zhicheng.anomalies.detectors.numbered import NUMBERED, as_parameters, rules_in_force
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import KEPT, Evidence, Found, Thresholds, reach, runs_over
from zhicheng.registers.models import NumberingRule
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.numbering.rules import Rule

LEAST_OF_A_STEM = 10
Number = tuple[int, int]  # its place in the sequence, its certificate
Sequenced = tuple[int, str]  # by which rule (0: none), its stem or what the counter runs by


def numbers_out_of_line(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Numbers used after greater ones, far above all others, or alone in their register.

    In a register whose numbers share a stem, one or two of another stem were typed from elsewhere.
    """
    since = now - timedelta(days=thresholds.days)
    rules = rules_in_force(now)
    read = as_parameters(rules)
    walked = _walk(since, timedelta(days=thresholds.number_days), read)
    return [
        *_late(walked, thresholds, read),
        *_leaps(walked, since, thresholds),
        *_strangers(since, rules),
    ]


@dataclass
class _Walked:
    """What a walk through all numbers found.

    ``late``: per lot of numbers (register, when filled in, sequence) up to which number others had
    been used. ``leaps``: per certificate up to which one others were used, and when less than it
    was used after it for the first time.
    """

    late: list[tuple[int, datetime, Sequenced, Number]] = field(default_factory=list)
    leaps: dict[int, tuple[int, datetime]] = field(default_factory=dict)


def _walk(since: datetime, gap: timedelta, rules: dict[str, Any]) -> _Walked:
    """Through each unit's sequences as time went by.

    A lot counts as used once the days of grace are over. Of what was used only the greatest of a
    year and grade are kept, so that the memory is the same for a thousand certificates and for
    millions. A year's first numbers lie far above those of the last year, and those of one grade
    far above those of another: they are held against their like alone.
    """
    found = _Walked()
    for (_unit, *sequence), lots in groupby(_lots(since, gap, rules), key=itemgetter(0, 1, 2)):
        used: dict[tuple[int, str], list[Number]] = {}
        for *_same, at, register, low, year, grade, digits, ids in lots:
            if digits is not None:
                alike = [*used.get((year, grade), ()), *zip(digits, ids, strict=True)]
                used[year, grade] = sorted(alike, reverse=True)[:KEPT]
                continue
            up_to = (low, 0)
            for numbers in used.values():
                _most, leaps = reach([n for n, _pk in numbers])
                for n, pk in numbers[:leaps]:
                    # Below what was really used it is late because of that, and says nothing here.
                    if numbers[leaps][0] < low < n:
                        found.leaps.setdefault(pk, (numbers[leaps][1], at))
                up_to = max(up_to, numbers[leaps])
            if low < up_to[0]:
                found.late.append((register, at, (sequence[0], sequence[1]), up_to))
    return found


def _lots(since: datetime, gap: timedelta, rules: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Lots of numbers (those of a register and sequence, filled in at once) in order of time.

    Each comes twice: with its lowest number when it was filled in, if that is lately; with its
    greatest and their certificates, by year and grade, when the days of grace were over.
    """
    statement = f"""
        WITH {NUMBERED}, lots AS (
            SELECT issuing_unit_id AS unit, rule, stem, register_id AS register, filled_at, year,
                grade, min(n) AS low, (array_agg(n ORDER BY n DESC, id))[1:%(kept)s] AS digits,
                (array_agg(id ORDER BY n DESC, id))[1:%(kept)s] AS ids
            FROM numbered
            GROUP BY issuing_unit_id, rule, stem, register_id, filled_at, year, grade
        )
        SELECT unit, rule, stem, filled_at AS at, register, min(low) AS low, NULL::int AS year,
            NULL AS grade, NULL AS digits, NULL AS ids
        FROM lots WHERE filled_at >= %(since)s GROUP BY unit, rule, stem, filled_at, register
        UNION ALL
        SELECT unit, rule, stem, filled_at + %(gap)s, register, NULL, year, grade, digits, ids
        FROM lots
        ORDER BY unit, rule, stem, at, digits NULLS LAST, register
        """
    parameters: dict[str, Any] = {"since": since, "gap": gap, "kept": KEPT, **rules}
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor


def _late(walked: _Walked, thresholds: Thresholds, rules: dict[str, Any]) -> list[Found]:
    # The greatest of a sequence is told, also where a register was filled in day by day.
    greatest: dict[tuple[int, Sequenced], Number] = {}
    for register, _at, sequence, up_to in walked.late:
        of_all = greatest.get((register, sequence), up_to)
        greatest[register, sequence] = max(of_all, up_to)
    rows = ask(
        f"""
        WITH {NUMBERED}
        SELECT c.register_id AS register, r.number AS label, c.issuing_unit_id AS unit,
            count(*) AS numbers, (array_agg(DISTINCT g.number))[1:%(shown)s] AS reached,
            (min(c.filled_at) AT TIME ZONE %(zone)s)::date AS filled,
            max(c.filled_at) AS enough_since,
            (array_agg(c.id ORDER BY c.id))[1:%(shown)s] AS ids,
            (array_agg(c.number ORDER BY c.id))[1:%(shown)s] AS texts
        FROM unnest(%(registers)s::bigint[], %(moments)s::timestamptz[], %(by)s::bigint[],
            %(stems)s::text[], %(up_to)s::bigint[], %(greatest)s::bigint[])
            AS l(register, at, rule, stem, up_to, greatest)
        JOIN numbered c ON c.register_id = l.register AND c.filled_at = l.at AND c.rule = l.rule
            AND c.stem = l.stem AND c.n < l.up_to
        JOIN certificates_certificate g ON g.id = l.greatest
        JOIN registers_register r ON r.id = c.register_id
        GROUP BY c.register_id, r.number, c.issuing_unit_id
        ORDER BY c.register_id
        """,
        {
            "registers": [register for register, *_rest in walked.late],
            "moments": [at for _register, at, *_rest in walked.late],
            "by": [rule for *_rest, (rule, _stem), _up_to in walked.late],
            "stems": [stem for *_rest, (_rule, stem), _up_to in walked.late],
            "up_to": [n for *_rest, (n, _pk) in walked.late],
            "greatest": [greatest[register, line][1] for register, _at, line, _up in walked.late],
            **rules,
        },
    )
    return [
        Found(
            kind=AnomalyKind.NUMBER_OUT_OF_LINE,
            key=f"late-{row['register']}",
            summary=_("登记表 %(register)s 有 %(count)s 个编号小于早已使用的编号"),
            words={"register": row["label"], "count": row["numbers"]},
            weight=row["numbers"],
            organization_id=row["unit"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("失序编号数"), str(row["numbers"])),
                    (_("此前已用到"), "、".join(row["reached"])),
                    (_("填制日期"), str(row["filled"])),
                    (_("线索标准"), f"≥ {thresholds.number_days} 天"),
                ),
                objects=(
                    ("register", row["register"], row["label"]),
                    *objects("certificate", row["ids"], row["texts"]),
                ),
            ),
        )
        for row in rows
    ]


def _leaps(walked: _Walked, since: datetime, thresholds: Thresholds) -> list[Found]:
    rows = ask(
        """
        SELECT c.id, c.number, c.register_id AS register, r.number AS label, g.number AS up_to,
            c.issuing_unit_id AS unit, c.voided_at IS NOT NULL AS void,
            (c.filled_at AT TIME ZONE %(zone)s)::date AS filled
        FROM unnest(%(ids)s::bigint[], %(up_to)s::bigint[]) AS l(id, up_to)
        JOIN certificates_certificate c ON c.id = l.id
        JOIN certificates_certificate g ON g.id = l.up_to
        JOIN registers_register r ON r.id = c.register_id
        WHERE c.filled_at >= %(since)s ORDER BY c.id
        """,
        {
            "ids": list(walked.leaps),
            "up_to": [up_to for up_to, _at in walked.leaps.values()],
            "since": since,
        },
    )
    found = []
    for row in rows:
        _up_to, first_below = walked.leaps[row["id"]]
        found.append(
            Found(
                kind=AnomalyKind.NUMBER_OUT_OF_LINE,
                key=f"leap-{row['id']}",
                summary=_("登记表 %(register)s 的编号 %(number)s 远大于此后使用的编号"),
                words={"register": row["label"], "number": row["number"]},
                weight=1,
                organization_id=row["unit"],
                enough_since=first_below,
                evidence=Evidence(
                    figures=(
                        (_("其他编号用到"), row["up_to"]),
                        (_("填制日期"), str(row["filled"])),
                        (_("此后使用较小编号"), _day(first_below)),
                        (_("证书已作废"), _("是") if row["void"] else _("否")),
                        (_("线索标准"), f"≥ {thresholds.number_days} 天"),
                    ),
                    objects=(
                        ("register", row["register"], row["label"]),
                        ("certificate", row["id"], row["number"]),
                    ),
                ),
            )
        )
    return found


def _day(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()


def _strangers(since: datetime, rules: Sequence[NumberingRule]) -> list[Found]:
    rows = ask(
        """
        WITH stems AS (
            SELECT register_id, regexp_replace(number, '[0-9]{1,5}$', '') AS stem,
                array_agg(DISTINCT (grade, extract(year FROM approval_date))::text) AS kinds,
                (array_agg(grade ORDER BY id))[1:2] AS grades,
                (array_agg(extract(year FROM approval_date)::int ORDER BY id))[1:2] AS years,
                min(issuing_unit_id) AS unit, count(*) AS numbers, max(filled_at) AS enough_since,
                min(substring(number FROM '[0-9]{0,18}$')::numeric) FILTER (WHERE number ~ '[0-9]$')
                    AS low,
                max(substring(number FROM '[0-9]{0,18}$')::numeric) FILTER (WHERE number ~ '[0-9]$')
                    AS high,
                (array_agg(id ORDER BY id))[1:%(shown)s] AS ids,
                (array_agg(number ORDER BY id))[1:%(shown)s] AS texts
            FROM certificates_certificate
            WHERE origin = 'register' AND filled_at >= %(since)s
            GROUP BY register_id, stem
        ), ranked AS (
            SELECT *, max(numbers) OVER (PARTITION BY register_id) AS most,
                first_value(stem) OVER most_first AS usual,
                first_value(kinds) OVER most_first AS usual_kinds,
                greatest(low - first_value(high) OVER most_first,
                    first_value(low) OVER most_first - high) AS gap
            FROM stems
            WINDOW most_first AS (PARTITION BY register_id ORDER BY numbers DESC, stem)
        )
        SELECT k.register_id, k.stem, k.unit, k.numbers, k.ids, k.texts, k.most, k.usual,
            k.enough_since, coalesce(k.gap, 1e18) AS gap, r.number AS label,
            r.year AS register_year, k.grades, k.years, NOT k.kinds && k.usual_kinds AS apart
        FROM ranked k JOIN registers_register r ON r.id = k.register_id
        WHERE k.numbers <= 2 AND k.most >= %(least)s ORDER BY k.register_id, k.stem
        """,
        {"since": since, "least": LEAST_OF_A_STEM},
    )
    specs: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        specs[rule.unit_id].append(rule.spec)
    return [
        Found(
            kind=AnomalyKind.NUMBER_OUT_OF_LINE,
            key=f"stem-{row['register_id']}-{row['stem']}"[:100],
            summary=_("登记表 %(register)s 有 %(count)s 个编号与同表其他编号不同类"),
            words={"register": row["label"], "count": row["numbers"]},
            weight=row["numbers"],
            organization_id=row["unit"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("同表其他编号"), f"{row['usual']}…"),
                    (_("同表其他编号数"), str(row["most"])),
                    (_("不同类编号数"), str(row["numbers"])),
                ),
                objects=(
                    ("register", row["register_id"], row["label"]),
                    *objects("certificate", row["ids"], row["texts"]),
                ),
            ),
        )
        for row in rows
        if not runs_over(row["stem"], row["usual"], row["gap"])
        and not (row["apart"] and _as_the_rule_has_it(row, specs[row["unit"]]))
    ]


def _as_the_rule_has_it(row: dict[str, Any], rules: Sequence[Rule]) -> bool:
    """Whether a rule gives such numbers to certificates of their year and grade.

    Asked where no other of the register is of their year and grade: the stem says that then.
    """
    numbering = Numbering(rules, row["register_year"])
    return bool(rules) and not any(
        numbering.fault(number, grade=grade, approved_in=year)
        for number, grade, year in zip(row["texts"], row["grades"], row["years"], strict=True)
    )
