"""Units that spoil far more than the others (N9), by the rule of the ledger's own page."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import SHOWN, ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds
from zhicheng.blanks.measures import LEAST_SPOILED, Judged, usual_rate
from zhicheng.blanks.models import SpoilReason
from zhicheng.blanks.queries import supply


def spoilage(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Units whose share of spoiled blanks stands out; the blanks, their registers and reasons."""
    first = timezone.localtime(now - timedelta(days=thresholds.days))
    since = first.replace(hour=0, minute=0, second=0, microsecond=0)
    judged = supply.spoilage(since, now)
    outliers = {item.use.unit_id: item for item in judged if item.outlier}
    if not outliers:
        return []
    usual = usual_rate([item.use for item in judged])
    rows = ask(
        """
        WITH spoiled AS (
            SELECT s.organization_id AS unit, x.serial, x.reason, x.spoiled_at, x.register_id,
                count(*) OVER (PARTITION BY s.organization_id, x.reason) AS alike
            FROM blanks_movement m JOIN blanks_custody s ON s.id = m.source_id
            JOIN blanks_spoilage x
                ON x.serial >= lower(m.serials) AND x.serial < upper(m.serials)
            WHERE m.reason = 'spoilage' AND m.moved_at > %(since)s AND m.moved_at <= %(now)s
                AND s.state <> 'in_transit' AND s.organization_id = ANY(%(units)s)
                AND x.reason <> 'withdrawn'
        ), listed AS (
            SELECT unit, (array_agg(id ORDER BY times DESC, id))[1:%(shown)s] AS ids,
                (array_agg(number ORDER BY times DESC, id))[1:%(shown)s] AS numbers
            FROM (
                SELECT p.unit, g.id, g.number, count(*) AS times
                FROM spoiled p JOIN registers_register g ON g.id = p.register_id
                GROUP BY p.unit, g.id, g.number
            ) AS by_register GROUP BY unit
        )
        SELECT p.unit, mode() WITHIN GROUP (ORDER BY p.reason) AS reason, max(p.alike) AS alike,
            (array_agg(p.spoiled_at ORDER BY p.spoiled_at DESC))[%(least)s] AS enough_since,
            (array_agg(p.serial ORDER BY p.spoiled_at DESC, p.serial))[1:%(shown)s] AS serials,
            l.ids, l.numbers
        FROM spoiled p LEFT JOIN listed l USING (unit)
        GROUP BY p.unit, l.ids, l.numbers ORDER BY p.unit
        """,
        {"since": since, "now": now, "units": list(outliers), "least": LEAST_SPOILED},
    )
    period = f"{since:%Y-%m-%d}—{timezone.localdate(now)}"
    return [_found(outliers[row["unit"]], row, usual, period) for row in rows]


def _found(judged: Judged, row: dict[str, Any], usual: float, period: str) -> Found:
    use = judged.use
    times = use.rate / usual
    serials = row["serials"][:SHOWN]
    return Found(
        kind=AnomalyKind.SPOILAGE,
        key=str(use.unit_id),
        summary=_("%(unit)s废旧率 %(share)s，全市通常 %(usual)s"),
        words={"unit": use.unit, "share": f"{use.rate:.1%}", "usual": f"{usual:.1%}"},
        weight=round(times, 1),
        organization_id=use.unit_id,
        enough_since=row["enough_since"],
        evidence=Evidence(
            figures=(
                (_("废旧证书本数"), str(use.spoiled)),
                (_("使用空白证书本数"), str(use.used)),
                (_("废旧率"), f"{use.rate:.2%}"),
                (_("全市通常废旧率"), f"{usual:.2%}"),
                (_("倍数"), f"{times:.1f}"),
                (_("最多的原因"), str(SpoilReason(row["reason"]).label)),
                (_("该原因本数"), str(row["alike"])),
                (_("期间"), period),
            ),
            objects=(
                ("rates", 0, period),
                *objects("register", row["ids"] or [], row["numbers"] or []),
                *objects("blank", serials, [str(serial) for serial in serials]),
            ),
        ),
    )
