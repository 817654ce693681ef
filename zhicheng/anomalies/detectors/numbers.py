"""Numbers out of their sequence (invariant 3).

A number is its stem and the digits at its end. Within a unit and stem, numbers grow with time; one
that was used a month and more after a greater one was kept back or slipped in. One or two far above
all others are odd themselves, and tell nothing of those that come after.
"""

from collections.abc import Iterator
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
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import KEPT, Evidence, Found, Thresholds, reach, runs_over

LEAST_OF_A_STEM = 10
Number = tuple[int, int]  # its digits, its certificate


def numbers_out_of_line(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Numbers used after greater ones, far above all others, or alone in their register.

    In a register whose numbers share a stem, one or two of another stem were typed from elsewhere.
    """
    since = now - timedelta(days=thresholds.days)
    walked = _walk(since, timedelta(days=thresholds.number_days))
    return [*_late(walked, thresholds), *_leaps(walked, since, thresholds), *_strangers(since)]


@dataclass
class _Walked:
    """What a walk through all numbers found.

    ``late``: per lot of numbers (register, when filled in, stem) up to which digits others had
    been used. ``leaps``: per certificate what was used up to below it, and when less was used
    after it for the first time.
    """

    late: list[tuple[int, datetime, str, int]] = field(default_factory=list)
    leaps: dict[int, tuple[int, datetime]] = field(default_factory=dict)


def _walk(since: datetime, gap: timedelta) -> _Walked:
    """Through the numbers of each unit and stem as time went by.

    A lot counts as used once the days of grace are over. Of what was used only the greatest are
    kept, so that the memory is the same for a thousand certificates and for millions.
    """
    found = _Walked()
    for (_unit, stem), lots in groupby(_lots(since, gap), key=itemgetter(0, 1)):
        used: list[Number] = []
        for _same, _stem, at, register, low, digits, ids in lots:
            if digits is not None:
                used = sorted([*used, *zip(digits, ids, strict=True)], reverse=True)[:KEPT]
                continue
            if not used or low >= used[0][0]:
                continue
            up_to, leaps = reach([n for n, _pk in used])
            for n, pk in used[:leaps]:
                if low < n:
                    found.leaps.setdefault(pk, (up_to, at))
            if low < up_to:
                found.late.append((register, at, stem, up_to))
    return found


def _lots(since: datetime, gap: timedelta) -> Iterator[tuple[Any, ...]]:
    """Lots of numbers (those of a register and stem, filled in at once) in order of time.

    Each comes twice: with its lowest digits when it was filled in, if that is lately; with its
    greatest and their certificates when the days of grace were over.
    """
    statement = """
        WITH numbered AS (
            SELECT id, register_id, issuing_unit_id, filled_at,
                regexp_replace(number, '[0-9]{1,9}$', '') AS stem,
                substring(number FROM '([0-9]{1,9})$')::bigint AS n
            FROM certificates_certificate
            WHERE origin = 'register' AND filled_at IS NOT NULL AND number ~ '[0-9]$'
        ), lots AS (
            SELECT issuing_unit_id AS unit, stem, register_id AS register, filled_at,
                min(n) AS low, (array_agg(n ORDER BY n DESC, id))[1:%(kept)s] AS digits,
                (array_agg(id ORDER BY n DESC, id))[1:%(kept)s] AS ids
            FROM numbered GROUP BY issuing_unit_id, stem, register_id, filled_at
        )
        SELECT unit, stem, filled_at AS at, register, low, NULL AS digits, NULL AS ids
        FROM lots WHERE filled_at >= %(since)s
        UNION ALL
        SELECT unit, stem, filled_at + %(gap)s, register, NULL, digits, ids FROM lots
        ORDER BY unit, stem, at, digits NULLS LAST, register
        """
    parameters: dict[str, Any] = {"since": since, "gap": gap, "kept": KEPT}
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor


def _late(walked: _Walked, thresholds: Thresholds) -> list[Found]:
    registers, moments, stems, reached = zip(*walked.late, strict=True) if walked.late else [()] * 4
    rows = ask(
        """
        SELECT c.register_id AS register, r.number AS label, c.issuing_unit_id AS unit,
            count(*) AS numbers, max(l.reached) AS greatest, max(l.stem) AS stem,
            (min(c.filled_at) AT TIME ZONE %(zone)s)::date AS filled,
            max(c.filled_at) AS enough_since,
            (array_agg(c.id ORDER BY c.id))[1:%(shown)s] AS ids,
            (array_agg(c.number ORDER BY c.id))[1:%(shown)s] AS texts
        FROM unnest(%(registers)s::bigint[], %(moments)s::timestamptz[], %(stems)s::text[],
            %(reached)s::bigint[]) AS l(register, at, stem, reached)
        JOIN certificates_certificate c ON c.register_id = l.register AND c.filled_at = l.at
            AND c.origin = 'register' AND regexp_replace(c.number, '[0-9]{1,9}$', '') = l.stem
            AND substring(c.number FROM '([0-9]{1,9})$')::bigint < l.reached
        JOIN registers_register r ON r.id = c.register_id
        GROUP BY c.register_id, r.number, c.issuing_unit_id
        ORDER BY c.register_id
        """,
        {
            "registers": list(registers),
            "moments": list(moments),
            "stems": list(stems),
            "reached": list(reached),
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
                    (_("此前已用到"), f"{row['stem']}…{row['greatest']}"),
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
        SELECT c.id, c.number, c.register_id AS register, r.number AS label,
            c.issuing_unit_id AS unit, c.voided_at IS NOT NULL AS void,
            regexp_replace(c.number, '[0-9]{1,9}$', '') AS stem,
            (c.filled_at AT TIME ZONE %(zone)s)::date AS filled
        FROM certificates_certificate c JOIN registers_register r ON r.id = c.register_id
        WHERE c.id = ANY(%(ids)s) AND c.filled_at >= %(since)s ORDER BY c.id
        """,
        {"ids": list(walked.leaps), "since": since},
    )
    found = []
    for row in rows:
        up_to, first_below = walked.leaps[row["id"]]
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
                        (_("其他编号用到"), f"{row['stem']}…{up_to}"),
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


def _strangers(since: datetime) -> list[Found]:
    rows = ask(
        """
        WITH stems AS (
            SELECT register_id, regexp_replace(number, '[0-9]{1,5}$', '') AS stem,
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
                greatest(low - first_value(high) OVER most_first,
                    first_value(low) OVER most_first - high) AS gap
            FROM stems
            WINDOW most_first AS (PARTITION BY register_id ORDER BY numbers DESC, stem)
        )
        SELECT k.register_id, k.stem, k.unit, k.numbers, k.ids, k.texts, k.most, k.usual,
            k.enough_since, coalesce(k.gap, 1e18) AS gap, r.number AS label
        FROM ranked k JOIN registers_register r ON r.id = k.register_id
        WHERE k.numbers <= 2 AND k.most >= %(least)s ORDER BY k.register_id, k.stem
        """,
        {"since": since, "least": LEAST_OF_A_STEM},
    )
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
    ]
