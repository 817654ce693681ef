"""``zhicheng log check``: the whole log against its heads and against the certificates."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from zhicheng.audit.models import AuditEvent
from zhicheng.credentials.queries import published_keys
from zhicheng.transparency import checkpoint
from zhicheng.transparency.models import LogEntry, TreeHead
from zhicheng.transparency.statement import commitment
from zhicheng.values import merkle

MOST = 100


@dataclass
class Report:
    """What was found; ``entries`` and ``heads`` were looked at."""

    entries: int = 0
    heads: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """As for ``--json``."""
        return {
            "passed": self.passed,
            "entries": self.entries,
            "heads": self.heads,
            "faults": self.faults[:MOST],
        }

    def fault(self, kind: str, message: str) -> None:
        """Notes what doesn't hold."""
        self.faults.append({"kind": kind, "message": message})


def check() -> Report:
    """Recomputes every leaf and every head's root; compares with the certificates."""
    report = Report()
    nodes: dict[tuple[int, int], bytes] = {}

    def leaves() -> Any:
        for entry in LogEntry.objects.order_by("sequence").iterator(5_000):
            if entry.sequence != report.entries:
                report.fault("log.gap", f"日志缺少第 {report.entries} 条记录")
            report.entries += 1
            yield merkle.leaf_hash(commitment(bytes(entry.salt), entry.statement))

    read = lambda level, index: nodes[level, index]  # noqa: E731
    for level, index, found in merkle.complete_subtrees(read, 0, leaves()):
        nodes[level, index] = found
    _nodes(report, nodes)
    _heads(report, read)
    _certificates(report)
    return report


def _nodes(report: Report, nodes: dict[tuple[int, int], bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, index, hash FROM transparency_lognode")
        kept = {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    for key in sorted(kept.keys() | nodes.keys()):
        if kept.get(key) != nodes.get(key):
            report.fault("log.node", f"日志节点 {key[0]}/{key[1]} 与记录不符")


def _heads(report: Report, read: merkle.Read) -> None:
    keys = published_keys()
    digests: dict[int, str] = {}
    for head in TreeHead.objects.order_by("id"):
        report.heads += 1
        try:
            told = checkpoint.verify(head.note, keys)
        except checkpoint.CheckpointError as error:
            report.fault("log.head", f"检查点 {head.pk}：{error}")
            continue
        if told.size > report.entries or merkle.root(read, told.size) != told.root:
            report.fault("log.root", f"检查点 {head.pk} 的根与前 {told.size} 条记录不符")
        if told.audit[1]:
            digests[told.audit[0]] = told.audit[1]
    found = dict(AuditEvent.objects.filter(sequence__in=digests).values_list("sequence", "digest"))
    for sequence, digest in sorted(digests.items()):
        if bytes(found.get(sequence, b"")).hex() != digest:
            report.fault("log.audit", f"审计序号 {sequence} 与检查点中的锚定不符")


def _certificates(report: Report) -> None:
    """Everything that happened stands in the log or waits for it, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH told AS (
                SELECT certificate_id, kind FROM transparency_logentry
                UNION SELECT certificate_id, kind FROM transparency_pendingentry
            ), happened AS (
                SELECT id AS certificate_id, 'issued' AS kind FROM certificates_certificate
                    WHERE state = 'issued'
                UNION ALL SELECT id, 'voided' FROM certificates_certificate
                    WHERE voided_at IS NOT NULL
                UNION ALL SELECT id, 'lost' FROM certificates_certificate
                    WHERE lost_at IS NOT NULL
            )
            SELECT c.number, x.kind, x.missing FROM (
                SELECT certificate_id, kind, true AS missing FROM happened
                    EXCEPT SELECT certificate_id, kind, true FROM told
                UNION ALL (
                    SELECT certificate_id, kind, false FROM told WHERE kind IN ('issued', 'voided')
                    EXCEPT SELECT certificate_id, kind, false FROM happened)
            ) x JOIN certificates_certificate c ON c.id = x.certificate_id
            ORDER BY c.number LIMIT %s
            """,
            [MOST],
        )
        for number, kind, missing in cursor.fetchall():
            words = "没有记入日志" if missing else "记入日志，但证书库中不是这样"
            report.fault("log.certificate", f"证书 {number} 的“{kind}”{words}")
