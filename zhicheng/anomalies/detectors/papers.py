"""The same recipient again and again; approvals changed afterwards (N6, N8)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds
from zhicheng.organizations.permissions import Action


def same_recipients(thresholds: Thresholds, now: datetime) -> list[Found]:
    """One agent who took certificates of many people.

    A unit's clerk takes a whole register by one authorisation: listed only when the same person
    is the clerk of several units. By either way it is enough by itself from a moment on: since it
    so many holders were told apart, or a second unit was served.
    """
    rows = ask(
        """
        WITH told AS (
            SELECT a.id_number_index AS person, a.id_number_masked AS masked, a.unit_id AS unit,
                a.relation = 'unit_clerk' AS as_clerk, c.id_number_index AS holder,
                r.issued_at, c.id, c.number
            FROM certificates_issuerecord r
            JOIN certificates_issueagent a ON a.id = r.agent_id
            JOIN certificates_certificate c ON c.id = r.certificate_id
            WHERE r.issued_at >= %(since)s
        ), enough AS (
            SELECT person, greatest(
                (array_agg(at ORDER BY at DESC) FILTER (WHERE NOT as_clerk))[%(most)s],
                (array_agg(at ORDER BY at DESC) FILTER (WHERE as_clerk))[2]) AS since
            FROM (
                SELECT person, false AS as_clerk, max(issued_at) AS at
                FROM told WHERE NOT as_clerk GROUP BY person, holder
                UNION ALL
                SELECT person, true, max(issued_at) FROM told WHERE as_clerk GROUP BY person, unit
            ) newest GROUP BY person
        )
        SELECT encode(person, 'hex') AS person, min(masked) AS masked,
            count(*) FILTER (WHERE NOT as_clerk) AS taken, count(*) AS together,
            count(DISTINCT unit) FILTER (WHERE as_clerk) AS clerk_of,
            count(DISTINCT unit) AS units, min(unit) AS unit,
            count(DISTINCT holder) AS holders,
            (min(issued_at) AT TIME ZONE %(zone)s)::date AS first,
            (max(issued_at) AT TIME ZONE %(zone)s)::date AS last,
            min(enough.since) AS enough_since,
            (array_agg(id ORDER BY id))[1:%(shown)s] AS ids,
            (array_agg(number ORDER BY id))[1:%(shown)s] AS numbers
        FROM told JOIN enough USING (person)
        WHERE enough.since IS NOT NULL
        GROUP BY person
        ORDER BY count(*) DESC, person
        """,
        {
            "since": now - timedelta(days=thresholds.days),
            "most": thresholds.recipient_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.SAME_RECIPIENT,
            key=row["person"],
            summary=_("代领人 %(masked)s 领取 %(count)s 人的证书"),
            words={"masked": row["masked"], "count": row["holders"]},
            weight=row["holders"],
            organization_id=row["unit"] if row["units"] == 1 else None,
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("代领证书本数"), str(row["together"])),
                    (_("其中非单位经办人代领"), str(row["taken"])),
                    (_("持证人数"), str(row["holders"])),
                    (_("作为经办人的单位数"), str(row["clerk_of"])),
                    (_("最早领取"), str(row["first"])),
                    (_("最近领取"), str(row["last"])),
                    (_("线索标准"), f"≥ {thresholds.recipient_most}"),
                ),
                objects=objects("certificate", row["ids"], row["numbers"]),
            ),
        )
        for row in rows
    ]


def changed_approvals(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Approval documents that got people, or another scan, after a register on them was accepted.

    The first import and the first scan are no change.
    """
    rows = ask(
        """
        WITH told AS (
            SELECT e.sequence, e.subject_id AS document, e.tag, e.occurred_at, e.actor_name,
                coalesce((e.data->>'people')::int, 0) AS people,
                row_number() OVER (PARTITION BY e.subject_id, e.tag ORDER BY e.sequence) AS nth
            FROM audit_auditevent e WHERE e.tag = ANY(%(tags)s)
        ), accepted AS (
            SELECT p.document_id AS document, min(g.accepted_at) AS at,
                count(DISTINCT g.id) AS registers
            FROM registers_registerrow r
            JOIN approvals_approvedperson p ON p.id = r.approved_person_id
            JOIN registers_register g ON g.id = r.register_id
            WHERE r.accepted AND p.document_id IN (SELECT document FROM told WHERE nth > 1)
            GROUP BY p.document_id
        )
        SELECT t.document, d.number, d.approving_department_id AS department,
            (a.at AT TIME ZONE %(zone)s)::date AS accepted, a.registers,
            count(*) AS changes, sum(t.people) AS people,
            count(*) FILTER (WHERE t.tag = %(scan)s) AS scans,
            (min(t.occurred_at) AT TIME ZONE %(zone)s)::date AS first,
            (max(t.occurred_at) AT TIME ZONE %(zone)s)::date AS last,
            max(t.occurred_at) AS enough_since,
            (array_agg(t.sequence ORDER BY t.sequence))[1:%(shown)s] AS events,
            (array_agg(t.actor_name ORDER BY t.sequence))[1:%(shown)s] AS actors
        FROM told t JOIN accepted a USING (document)
        JOIN approvals_approvaldocument d ON d.id = t.document
        WHERE t.nth > 1 AND t.occurred_at > a.at AND t.occurred_at >= %(since)s
        GROUP BY t.document, d.number, d.approving_department_id, a.at, a.registers
        ORDER BY t.document
        """,
        {
            "tags": [Action.APPROVAL_IMPORT, Action.APPROVAL_ATTACH_SCAN],
            "scan": Action.APPROVAL_ATTACH_SCAN,
            "since": now - timedelta(days=thresholds.days),
        },
    )
    return [
        Found(
            kind=AnomalyKind.APPROVAL_CHANGED,
            key=str(row["document"]),
            summary=_("%(document)s 在登记表受理之后改动 %(count)s 次"),
            words={"document": row["number"], "count": row["changes"]},
            weight=row["changes"],
            organization_id=row["department"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("首次受理日期"), str(row["accepted"])),
                    (_("已受理登记表"), str(row["registers"])),
                    (_("受理后增列人数"), str(row["people"])),
                    (_("受理后更换扫描件次数"), str(row["scans"])),
                    (_("最早改动"), str(row["first"])),
                    (_("最近改动"), str(row["last"])),
                ),
                objects=(
                    ("approval", row["document"], row["number"]),
                    *objects("event", row["events"], row["actors"]),
                ),
            ),
        )
        for row in rows
    ]
