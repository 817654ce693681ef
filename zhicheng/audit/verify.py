"""Proves invariant 8: no event and no watched row was changed, removed or reordered.

Walks the chain once, recomputing every digest with its key, then compares the last digest that
the chain holds of each certificate with the certificate as it lies in the table.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from zhicheng.audit.chain import GENESIS, EventFields, link
from zhicheng.audit.models import AuditEvent, AuditHead
from zhicheng.values.faults import Faults
from zhicheng.values.progress import counted

WATCHED = {
    "certificates.certificate": "certificate_digest",
    "certificates.issuerecord": "issue_record_digest",
}
SHOWN = 50


@dataclass
class Report(Faults):
    """What ``audit verify`` found: passed when ``faults`` is empty."""

    events: int = 0
    rows: int = 0
    head: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the auditor's page."""
        return {"passed": self.passed, **asdict(self)}


def verify() -> Report:
    """The whole proof over one snapshot of the database."""
    report = Report()
    with transaction.atomic(), connection.cursor() as cursor:
        # One snapshot for the chain and the rows, so that work going on meanwhile is no fault.
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS audit_seen"
            " (row_type text, row_id bigint, digest bytea, sequence bigint) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE audit_seen")
        _walk(report)
        for row_type, function in WATCHED.items():
            _compare_rows(report, row_type, function)
    return report


def _fault(report: Report, kind: str, message: str, **where: object) -> None:
    if len(report.faults) < SHOWN:
        report.faults.append({"kind": kind, "message": message, **where})


def _walk(report: Report) -> None:
    previous, expected = GENESIS, 1
    head = AuditHead.objects.first()
    for event in counted("验证审计链", _events(), head.sequence if head else 0):
        if event.sequence != expected:
            _fault(
                report,
                "event.missing",
                f"审计事件 {expected} 至 {event.sequence - 1} 缺失",
                sequence=expected,
            )
            expected = event.sequence
        if bytes(event.previous) != previous:
            _fault(
                report,
                "event.unlinked",
                f"审计事件 {event.sequence} 与前一事件不衔接",
                sequence=event.sequence,
            )
        fields = EventFields(
            sequence=event.sequence,
            occurred_at=event.occurred_at,
            tag=event.tag,
            actor_id=event.actor_id,
            actor_name=event.actor_name,
            organization_id=event.organization_id,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            data=event.data,
            row_type=event.row_type,
            row_ids=event.row_ids,
            row_digests=bytes(event.row_digests),
        )
        try:
            digest = link(fields, bytes(event.previous), event.key_id)[1]
        except KeyError:
            digest = b""
        if digest != bytes(event.digest):
            _fault(
                report,
                "event.changed",
                f"审计事件 {event.sequence} 的内容被改动",
                sequence=event.sequence,
            )
        previous = bytes(event.digest)
        expected += 1
        report.events += 1
    stated = (head.sequence, bytes(head.digest) or GENESIS) if head else (0, GENESIS)
    if stated != (expected - 1, previous):
        _fault(
            report,
            "chain.cut",
            f"审计链末端应为事件 {stated[0]}，实为 {expected - 1}",
            sequence=expected - 1,
        )
    report.head = f"{expected - 1}:{previous.hex()}"


def _events() -> Iterator[AuditEvent]:
    """All events in order; those with row digests also go to the table of what was seen."""
    with connection.cursor() as cursor:
        # Newest last, so the latest digest of each row is the one with the highest sequence.
        cursor.execute(
            """
            INSERT INTO audit_seen
            SELECT e.row_type, r.id, substring(e.row_digests FROM (r.nr::int - 1) * 32 + 1 FOR 32),
                   e.sequence
            FROM audit_auditevent e CROSS JOIN LATERAL unnest(e.row_ids) WITH ORDINALITY r (id, nr)
            WHERE e.row_type = ANY(%s) AND length(e.row_digests) > 0
            """,
            [list(WATCHED)],
        )
    yield from AuditEvent.objects.order_by("sequence").iterator(chunk_size=500)


def _compare_rows(report: Report, row_type: str, function: str) -> None:
    table = row_type.replace(".", "_")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        report.rows += cursor.fetchone()[0]
        cursor.execute(
            f"""
            WITH seen AS (
                SELECT DISTINCT ON (row_id) row_id, digest, sequence FROM audit_seen
                WHERE row_type = %s ORDER BY row_id, sequence DESC
            )
            SELECT coalesce(t.id, s.row_id), s.sequence,
                   CASE WHEN t.id IS NULL THEN 'row.removed'
                        WHEN s.row_id IS NULL THEN 'row.inserted'
                        ELSE 'row.changed' END
            FROM {table} t FULL JOIN seen s ON s.row_id = t.id
            WHERE t.id IS NULL OR s.row_id IS NULL OR {function}(t.*) IS DISTINCT FROM s.digest
            ORDER BY 1 LIMIT %s
            """,
            [row_type, SHOWN],
        )
        said = {
            "row.removed": "被删除",
            "row.inserted": "没有对应的审计事件",
            "row.changed": "与审计事件中的摘要不符",
        }
        for row_id, sequence, kind in cursor.fetchall():
            _fault(report, kind, f"{row_type} {row_id} {said[kind]}", row=row_id, sequence=sequence)
