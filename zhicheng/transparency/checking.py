"""``zhicheng log check``: the whole log against its heads and against the certificates."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from zhicheng.audit.models import AuditEvent
from zhicheng.credentials.queries import published_keys
from zhicheng.transparency import checkpoint
from zhicheng.transparency.models import LogEntry, LogNode, TreeHead
from zhicheng.transparency.queries import nodes
from zhicheng.transparency.statement import commitment
from zhicheng.values import merkle
from zhicheng.values.faults import Faults

MOST = 100  # faults that are told, of each kind
CHUNK = 5_000
# What a statement says of the certificate itself; the issuer's name may have changed since.
STATED = (
    "number",
    "name",
    "id_number_masked",
    "qualification",
    "specialty",
    "approval_date",
    "document_number",
)


@dataclass
class Report(Faults):
    """What was found; ``entries`` and ``heads`` were looked at."""

    entries: int = 0
    heads: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """As for ``--json``."""
        return {
            "passed": self.passed,
            "entries": self.entries,
            "heads": self.heads,
            "faults": self.faults,
            "more": any(number > MOST for number in self.kinds.values()),
        }

    def fault(self, kind: str, message: str) -> None:
        """Notes what doesn't hold; one damage may show in a million places, a hundred do."""
        self.kinds[kind] += 1
        if self.kinds[kind] <= MOST:
            self.faults.append({"kind": kind, "message": message})


def check() -> Report:
    """Recomputes every leaf and every head's root; compares with the certificates.

    The log is read once from its beginning: memory holds a few thousand entries and one hash a
    level, however long it grew.
    """
    report = Report()
    heads = _heads(report)
    roots = _tree(report, {told.size for told in heads.values()})
    for pk, told in heads.items():
        if roots.get(told.size) != told.root:
            report.fault("log.root", f"检查点 {pk} 的根与前 {told.size} 条记录不符")
    _certificates(report)
    return report


def _heads(report: Report) -> dict[int, checkpoint.Checkpoint]:
    """The heads that a published key signed, and whether the audit chain is what they say."""
    keys = published_keys()
    heads: dict[int, checkpoint.Checkpoint] = {}
    digests: dict[int, str] = {}
    for head in TreeHead.objects.order_by("id").iterator(CHUNK):
        report.heads += 1
        try:
            heads[head.pk] = told = checkpoint.verify(head.note, keys)
        except checkpoint.CheckpointError as error:
            report.fault("log.head", f"检查点 {head.pk}：{error}")
            continue
        if (head.size, bytes(head.root)) != (told.size, told.root):
            report.fault("log.head", f"检查点 {head.pk} 的记录数或根与其签名文本不符")
        if told.audit[1]:
            digests[told.audit[0]] = told.audit[1]
    found = dict(AuditEvent.objects.filter(sequence__in=digests).values_list("sequence", "digest"))
    for sequence, digest in sorted(digests.items()):
        if bytes(found.get(sequence, b"")).hex() != digest:
            report.fault("log.audit", f"审计序号 {sequence} 与检查点中的锚定不符")
    return heads


def _tree(report: Report, sizes: Collection[int]) -> dict[int, bytes]:
    """Compares the kept nodes with the leaves; gives the roots of the trees of these sizes."""
    frontier: dict[tuple[int, int], bytes] = {}  # the complete subtrees that have no parent yet
    roots: dict[int, bytes] = {}
    number = 0

    def read(level: int, index: int) -> bytes:
        return frontier[level, index]

    made = merkle.complete_subtrees(read, 0, _leaves(report))
    while chunk := list(islice(made, CHUNK)):
        kept = nodes([(level, index) for level, index, _ in chunk])
        number += len(chunk)
        for level, index, found in chunk:
            if kept.get((level, index)) != found:
                report.fault("log.node", f"日志节点 {level}/{index} 与记录不符")
            if level == 0 and index in sizes:
                roots[index] = merkle.root(read, index)
            elif level:
                del frontier[level - 1, 2 * index], frontier[level - 1, 2 * index + 1]
            frontier[level, index] = found
    roots[report.entries] = merkle.root(read, report.entries)
    more = LogNode.objects.count() - number
    if more > 0:
        report.fault("log.node", f"日志节点比记录应有的多 {more} 个")
    return roots


def _leaves(report: Report) -> Iterator[bytes]:
    """The leaf of each entry, on the way compared with the certificate that it names."""
    rows = LogEntry.objects.order_by("sequence").values_list(
        "sequence", "salt", "statement", "kind", *(f"certificate__{name}" for name in STATED)
    )
    for sequence, salt, statement, kind, *held in rows.iterator(CHUNK):
        if sequence != report.entries:
            report.fault("log.gap", f"日志缺少第 {report.entries} 条记录")
        report.entries += 1
        if _stated(statement) != [kind, *map(str, held)]:
            report.fault("log.statement", f"日志第 {sequence} 条与其证书的内容不符")
        yield merkle.leaf_hash(commitment(bytes(salt), statement))


def _stated(statement: str) -> list[str] | None:
    try:
        told = json.loads(statement)
        return [str(told[name]) for name in ("kind", *STATED)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _certificates(report: Report) -> None:
    """Everything that happened stands in the log or waits for it, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH told AS (
                SELECT certificate_id, kind, 0 AS waits, sequence AS place
                    FROM transparency_logentry
                UNION ALL SELECT certificate_id, kind, 1, id FROM transparency_pendingentry
            ), stands AS (
                SELECT certificate_id, kind FROM told WHERE kind IN ('issued', 'voided')
                UNION ALL
                -- Lost and found come again: the last word counts.
                SELECT certificate_id, kind FROM (
                    SELECT DISTINCT ON (certificate_id) certificate_id, kind FROM told
                        WHERE kind IN ('lost', 'found')
                        ORDER BY certificate_id, waits DESC, place DESC) last
                    WHERE kind = 'lost'
            ), happened AS (
                SELECT id AS certificate_id, 'issued' AS kind FROM certificates_certificate
                    WHERE state = 'issued'
                UNION ALL SELECT id, 'voided' FROM certificates_certificate
                    WHERE voided_at IS NOT NULL
                UNION ALL SELECT id, 'lost' FROM certificates_certificate
                    WHERE lost_at IS NOT NULL
            )
            SELECT c.number, x.kind, x.missing FROM (
                (SELECT certificate_id, kind, true AS missing FROM happened
                    EXCEPT ALL SELECT certificate_id, kind, true FROM stands)
                UNION ALL
                (SELECT certificate_id, kind, false FROM stands
                    EXCEPT ALL SELECT certificate_id, kind, false FROM happened)
            ) x JOIN certificates_certificate c ON c.id = x.certificate_id
            ORDER BY c.number LIMIT %s
            """,
            [MOST],
        )
        for number, kind, missing in cursor.fetchall():
            words = "没有记入日志" if missing else "记入日志，但证书库中不是这样"
            report.fault("log.certificate", f"证书 {number} 的“{kind}”{words}")
