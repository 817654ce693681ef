"""People with unusually many certificates (invariant 4)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds


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
