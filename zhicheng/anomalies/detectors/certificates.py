"""People with unusually many certificates; numbers out of their sequence (invariants 3, 4)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds, runs_over

LEAST_OF_A_STEM = 10


def persons_with_many(thresholds: Thresholds, now: datetime) -> list[Found]:
    """One person with many certificates in force, the last of them lately."""
    since = now - timedelta(days=thresholds.days)
    rows = ask(
        """
        WITH lately AS (
            SELECT DISTINCT id_number_index FROM certificates_certificate
            WHERE issued_at >= %(since)s
        )
        SELECT encode(c.id_number_index, 'hex') AS person,
            count(*) FILTER (WHERE c.state = 'issued') AS certificates,
            count(*) FILTER (WHERE c.state <> 'issued') AS to_be_issued,
            max(c.issued_at) AS enough_since,
            count(DISTINCT (c.qualification, c.specialty)) AS qualifications,
            count(DISTINCT c.issuing_unit_id) AS units,
            min(c.issuing_unit_id) AS unit, min(c.id_number_masked) AS masked,
            min(c.approval_date) AS first, max(c.approval_date) AS last,
            (array_agg(c.id ORDER BY c.id))[1:%(shown)s] AS ids,
            (array_agg(c.number ORDER BY c.id))[1:%(shown)s] AS numbers
        FROM certificates_certificate c JOIN lately l USING (id_number_index)
        WHERE c.state <> 'withdrawn' AND c.voided_at IS NULL
        GROUP BY c.id_number_index
        HAVING count(*) FILTER (WHERE c.state = 'issued') >= %(most)s
        ORDER BY certificates DESC, c.id_number_index
        """,
        {"since": since, "most": thresholds.person_most},
    )
    return [
        Found(
            kind=AnomalyKind.PERSON_MANY,
            key=row["person"],
            summary=_("%(masked)s 现有证书 %(count)s 本"),
            words={"masked": row["masked"], "count": row["certificates"]},
            weight=row["certificates"],
            organization_id=row["unit"] if row["units"] == 1 else None,
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("有效证书本数"), str(row["certificates"])),
                    (_("另有尚未发放"), str(row["to_be_issued"])),
                    (_("不同资格与专业"), str(row["qualifications"])),
                    (_("发放单位数"), str(row["units"])),
                    (_("最早批准时间"), str(row["first"])),
                    (_("最近批准时间"), str(row["last"])),
                    (_("线索标准"), f"≥ {thresholds.person_most}"),
                ),
                objects=objects("certificate", row["ids"], row["numbers"]),
            ),
        )
        for row in rows
    ]


def numbers_out_of_line(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Numbers that come after far greater ones of their kind, or stand alone in their register.

    A number is its stem and the digits at its end. Within a unit and stem, numbers grow with
    time; one that was used a month and more after a greater one was kept back or slipped in. In a
    register whose numbers share a stem, one or two of another stem were typed from elsewhere.
    """
    since = now - timedelta(days=thresholds.days)
    late = ask(
        """
        WITH numbered AS (
            SELECT id, number, register_id, issuing_unit_id, filled_at,
                regexp_replace(number, '[0-9]{1,9}$', '') AS stem,
                substring(number FROM '([0-9]{1,9})$')::bigint AS n
            FROM certificates_certificate
            WHERE origin = 'register' AND filled_at IS NOT NULL AND number ~ '[0-9]$'
        ), placed AS (
            SELECT *, max(n) OVER (
                PARTITION BY issuing_unit_id, stem ORDER BY filled_at
                RANGE BETWEEN UNBOUNDED PRECEDING AND %(gap)s PRECEDING
            ) AS greatest
            FROM numbered
        )
        SELECT p.register_id AS register, r.number AS label, p.issuing_unit_id AS unit,
            count(*) AS numbers, max(p.greatest) AS greatest, max(p.stem) AS stem,
            (min(p.filled_at) AT TIME ZONE %(zone)s)::date AS filled,
            max(p.filled_at) AS enough_since,
            (array_agg(p.id ORDER BY p.id))[1:%(shown)s] AS ids,
            (array_agg(p.number ORDER BY p.id))[1:%(shown)s] AS texts
        FROM placed p JOIN registers_register r ON r.id = p.register_id
        WHERE p.n < p.greatest AND p.filled_at >= %(since)s
        GROUP BY p.register_id, r.number, p.issuing_unit_id
        ORDER BY p.register_id
        """,
        {"since": since, "gap": timedelta(days=thresholds.number_days)},
    )
    found = [
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
        for row in late
    ]
    return found + _strangers(since)


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
