"""Accounts that look at ID numbers, or take lists out, far more than their like (N18)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import MONTH, ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds, unlike_the_others
from zhicheng.organizations.permissions import Action

Row = dict[str, Any]


def _unlike_their_role(rows: list[Row], figure: str, least: int) -> Iterator[tuple[Row, float]]:
    """The rows that stand out among accounts of the same role, and what is usual among these."""
    for role in sorted({row["role"] for row in rows}):
        alike = {row["account"]: row for row in rows if row["role"] == role}
        counts = {account: int(row[figure]) for account, row in alike.items()}
        for account, usual in unlike_the_others(counts, least).items():
            yield alike[account], usual


def unmasking(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Accounts that had whole ID numbers shown, or searched by them, far more than their like."""
    rows = ask(
        """
        SELECT e.actor_id AS account, a.username, a.role, a.organization_id AS unit,
            count(*) AS times, count(*) FILTER (WHERE e.tag = %(search)s) AS searches,
            count(DISTINCT (e.subject_type, e.subject_id)) FILTER (WHERE e.tag <> %(search)s)
                AS objects,
            (array_agg(e.occurred_at ORDER BY e.occurred_at DESC))[%(most)s] AS enough_since,
            to_char(min(e.occurred_at) AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI') AS first,
            (array_agg(e.sequence ORDER BY e.sequence DESC))[1:%(shown)s] AS events,
            (array_agg(to_char(e.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
                ORDER BY e.sequence DESC))[1:%(shown)s] AS moments
        FROM audit_auditevent e JOIN organizations_account a ON a.id = e.actor_id
        WHERE e.tag = ANY(%(tags)s) AND e.occurred_at >= %(since)s
        GROUP BY e.actor_id, a.username, a.role, a.organization_id ORDER BY e.actor_id
        """,
        {
            "tags": [Action.PERSON_UNMASK, Action.SEARCH_BY_ID_NUMBER],
            "search": Action.SEARCH_BY_ID_NUMBER,
            "since": now - MONTH,
            "most": thresholds.unmask_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.UNMASKING,
            key=str(row["account"]),
            summary=_("账号 %(account)s 一个月查看、查询身份证号码 %(count)s 次"),
            words={"account": row["username"], "count": row["times"]},
            weight=row["times"],
            organization_id=row["unit"],
            account_id=row["account"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("查看次数"), str(row["times"] - row["searches"])),
                    (_("按身份证号码查询次数"), str(row["searches"])),
                    (_("涉及对象"), str(row["objects"])),
                    (_("同角色账号通常"), f"{usual:g}"),
                    (_("最早"), row["first"]),
                    (_("最近"), row["moments"][0]),
                    (_("线索标准"), f"≥ {thresholds.unmask_most}"),
                ),
                objects=objects("event", row["events"], row["moments"]),
            ),
        )
        for row, usual in _unlike_their_role(rows, "times", thresholds.unmask_most)
    ]


def exports(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Accounts that took far more rows out of the house in a month than their like.

    A file with whole ID numbers is on record twice, as an export and as a look at so many numbers,
    and a unit's own file as a look alone: the greater of both sums counts. What other systems
    fetch with their key is agreed with them and left out.
    """
    rows = ask(
        """
        WITH taken AS (
            SELECT e.actor_id, e.tag, e.sequence, e.occurred_at, c.rows,
                sum(c.rows) OVER (PARTITION BY e.actor_id, e.tag ORDER BY e.sequence DESC) AS since
            FROM audit_auditevent e CROSS JOIN LATERAL (
                SELECT CASE WHEN jsonb_typeof(e.data->'count') = 'number'
                    THEN (e.data->>'count')::numeric::bigint ELSE 0 END AS rows
            ) AS c
            WHERE e.tag = ANY(%(tags)s) AND e.occurred_at >= %(since)s
                AND NOT e.data ? 'key' AND c.rows > 1
        )
        SELECT t.actor_id AS account, a.username, a.role, a.organization_id AS unit,
            greatest(
                coalesce(sum(t.rows) FILTER (WHERE t.tag = %(export)s), 0),
                coalesce(sum(t.rows) FILTER (WHERE t.tag <> %(export)s), 0)
            )::bigint AS taken,
            coalesce(sum(t.rows) FILTER (WHERE t.tag <> %(export)s), 0)::bigint AS whole,
            count(*) FILTER (WHERE t.tag = %(export)s) AS files, max(t.rows) AS largest,
            max(t.occurred_at) FILTER (WHERE t.since >= %(most)s) AS enough_since,
            (array_agg(t.sequence ORDER BY t.rows DESC, t.sequence))[1:%(shown)s] AS events,
            (array_agg(to_char(t.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
                || ' · ' || t.rows ORDER BY t.rows DESC, t.sequence))[1:%(shown)s] AS labels
        FROM taken t JOIN organizations_account a ON a.id = t.actor_id
        GROUP BY t.actor_id, a.username, a.role, a.organization_id ORDER BY t.actor_id
        """,
        {
            "tags": [Action.LIST_EXPORT, Action.PERSON_UNMASK],
            "export": Action.LIST_EXPORT,
            "since": now - MONTH,
            "most": thresholds.export_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.MASS_EXPORT,
            key=str(row["account"]),
            summary=_("账号 %(account)s 一个月导出 %(count)s 行"),
            words={"account": row["username"], "count": row["taken"]},
            weight=row["taken"],
            organization_id=row["unit"],
            account_id=row["account"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("导出行数"), str(row["taken"])),
                    (_("其中完整身份证号码"), str(row["whole"])),
                    (_("导出次数"), str(row["files"])),
                    (_("单次最多行数"), str(row["largest"])),
                    (_("同角色账号通常"), f"{usual:g}"),
                    (_("线索标准"), f"≥ {thresholds.export_most}"),
                ),
                objects=objects("event", row["events"], row["labels"]),
            ),
        )
        for row, usual in _unlike_their_role(rows, "taken", thresholds.export_most)
    ]
