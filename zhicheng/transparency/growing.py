"""Puts what happened into the tree, and signs its head. What the worker does by itself.

The log is derived from the certificates' own rows, whose every change is an audit event already;
its growth is none. Each head states the audit chain's end, so that the chain is anchored outside.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from zhicheng.audit.models import AuditHead
from zhicheng.bulk import copy_rows
from zhicheng.credentials import keeping
from zhicheng.credentials.queries import active_key
from zhicheng.transparency.checkpoint import Checkpoint, sign
from zhicheng.transparency.models import LogEntry, LogNode, PendingEntry, TreeHead
from zhicheng.transparency.queries import reader, root_of, size
from zhicheng.transparency.statement import SALT_BYTES, Kind, Statement, commitment
from zhicheng.values import merkle
from zhicheng.values.refusal import Refusal

LOG_LOCK = 0x7A686C67  # any fixed number: "zhlg"
CHUNK = 5_000


def origin() -> str:
    """The log's name: where the public finds it."""
    host = urlsplit(settings.ZHICHENG_PUBLIC_ADDRESS or "").netloc
    return f"{host or 'zhicheng.invalid'}/log"


def grow(limit: int = CHUNK) -> int:
    """Takes up to ``limit`` pending entries into the tree; gives how many.

    One transaction, one at a time whoever calls; a killed one leaves them pending.
    """
    with transaction.atomic():
        _alone()
        waiting = list(
            PendingEntry.objects.select_related("certificate__issuing_unit").order_by("id")[:limit]
        )
        if not waiting:
            return 0
        start = size()
        entries: list[tuple[Any, ...]] = []
        leaves: list[bytes] = []
        now = timezone.now()
        for number, each in enumerate(waiting, start):
            salt, text = secrets.token_bytes(SALT_BYTES), _statement(each).text()
            entries.append((number, each.certificate_id, each.kind, each.at, salt, text, now))
            leaves.append(merkle.leaf_hash(commitment(salt, text)))
        fields = ("sequence", "certificate_id", "kind", "at", "salt", "statement", "logged_at")
        copy_rows(LogEntry, fields, entries)
        _add_nodes(start, leaves)
        PendingEntry.objects.filter(pk__in=[each.pk for each in waiting]).delete()
    return len(waiting)


def grow_all() -> int:
    """Everything that waits."""
    total = 0
    while number := grow():
        total += number
    return total


def publish_head() -> TreeHead:
    """Signs the tree as it stands and publishes the head. Raises Refusal without a signing key."""
    with transaction.atomic():
        _alone()
        key = active_key()
        if key is None:
            raise Refusal(
                "log.no_key",
                "没有使用中的签名密钥，公开日志的检查点没有签名。",
                clause="N18",
                mend="请市职改办负责人在“签名密钥”页面生成密钥。",
            )
        leaves, at = size(), timezone.now().replace(microsecond=0)
        chain = AuditHead.objects.first()
        head = Checkpoint(
            origin(),
            leaves,
            root_of(leaves),
            at,
            (chain.sequence, bytes(chain.digest).hex()) if chain else (0, ""),
        )
        return TreeHead.objects.create(
            size=leaves,
            root=head.root,
            note=sign(head, keeping.load(key)),
            key_id=key.key_id,
            signed_at=at,
        )


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])


def _statement(pending: PendingEntry) -> Statement:
    certificate = pending.certificate
    return Statement(
        kind=Kind(pending.kind),
        at=pending.at,
        number=certificate.number,
        name=certificate.name,
        id_number_masked=certificate.id_number_masked,
        qualification=certificate.qualification,
        specialty=certificate.specialty,
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
        issuer=certificate.issuing_unit.name,
    )


def _add_nodes(start: int, leaves: Sequence[bytes]) -> None:
    # The subtrees on the left of the new leaves, which their parents are made of: one a level.
    left = [(level, (start >> level) - 1) for level in range(start.bit_length())]
    read = reader([key for key in left if key[1] >= 0 and start >> key[0] & 1])
    copy_rows(LogNode, ("level", "index", "hash"), merkle.complete_subtrees(read, start, leaves))
