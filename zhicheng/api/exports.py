"""All certificates at once: streamed from PostgreSQL, in constant memory, each export audited."""

import hashlib
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from zhicheng.api import feed
from zhicheng.api.authentication import Caller
from zhicheng.api.parquet import Column, Kind, ParquetWriter
from zhicheng.api.records import FIELDS, ROW, TABLES, seen_by, with_id_number
from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.values.refusal import Refusal

AT_ONCE = 3
_LOCK_SPACE = 0x6578706F  # "expo": the first half of the advisory lock's key
CHUNK_BYTES = 128 * 1024
GROUP_ROWS = 20_000
FORMATS = {
    "ndjson": "application/x-ndjson",
    "ndjson.gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
}
_KINDS = {
    "approval_date": Kind.DATE,
    "issued_at": Kind.TIMESTAMP,
    "lost_at": Kind.TIMESTAMP,
    "voided_at": Kind.TIMESTAMP,
}
_NULLABLE = {"lost_at", "voided_at", "replaces", "replaced_by"}


@dataclass
class Export:
    """One export: its position in the feed, and its bytes."""

    position: int
    content: "Begun"


class Begun:
    """The bytes of an export that has begun: whoever drops it ends it, read or not."""

    def __init__(self, content: Generator[bytes, None, None]) -> None:
        self.content = content
        self.first: bytes | None = next(content, b"")

    def __iter__(self) -> "Begun":
        return self

    def __next__(self) -> bytes:
        first, self.first = self.first, None
        return next(self.content) if first is None else first

    def close(self) -> None:
        """Ends it where it is."""
        self.content.close()


class Busy(Refusal):
    """Too many exports at once: each holds a thread of a web process for minutes."""

    status = 503
    headers: Mapping[str, str] = {"Retry-After": "30"}


@dataclass
class _Count:
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    complete: bool = False


def export(caller: Caller, form: str, *, whole: bool) -> Export:
    """The export in one of ``FORMATS``; its position is where a reader of the feed goes on.

    The audit has an event before the first byte and one with count and digest after the last,
    also when the reader goes away in between.
    """
    require(caller.account, Action.LIST_EXPORT)
    feed.number_changes()
    position = feed.head()
    told = {
        "list": "certificates",
        "by": "api",
        "key": caller.key.prefix,
        "format": form,
        "id_numbers": "whole" if whole else "masked",
        "position": position,
    }
    if whole:
        told["purpose"] = caller.key.purpose
    count = _Count()
    rows = _parquet(caller, count, whole) if form == "parquet" else _lines(caller, count, whole)
    content = _gzip(rows) if form == "ndjson.gz" else rows
    slot = _take_slot()
    return Export(position, Begun(_audited(caller, told, count, content, slot)))


def _take_slot() -> int:
    """One of the few exports that run at once; the lock goes with the connection, too."""
    with connection.cursor() as cursor:
        for slot in range(AT_ONCE):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, slot])
            if cursor.fetchone() == (True,):
                return slot
    raise Busy(
        "export.busy",
        "现在有其他导出正在进行。",
        expected=f"同时不超过 {AT_ONCE} 个",
        mend="请半分钟后重试。",
    )


def _audited(
    caller: Caller,
    told: dict[str, Any],
    count: _Count,
    content: Generator[bytes, None, None],
    slot: int,
) -> Generator[bytes, None, None]:
    try:
        with recorded(caller.account, Action.LIST_EXPORT) as record:
            record(data={**told, "step": "begun"})
        for chunk in content:
            count.digest.update(chunk)
            yield chunk
        count.complete = True
    finally:
        content.close()
        _working_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, slot])
        with recorded(caller.account, Action.LIST_EXPORT) as record:
            record(
                data={
                    **told,
                    "step": "ended",
                    "complete": count.complete,
                    "rows": count.rows,
                    "sha256": count.digest.hexdigest(),
                }
            )


def _working_connection() -> None:
    """A reader that goes away in the middle of a COPY takes the connection with it."""
    broken = connection.connection is not None and connection.connection.closed
    if broken and not connection.in_atomic_block:
        connection.close()


def _lines(caller: Caller, count: _Count, whole: bool) -> Generator[bytes, None, None]:
    """NDJSON: COPY doubles every backslash and nothing else, for JSON has no control characters."""
    condition, parameters = seen_by(caller.account)
    cipher = ", encode(c.id_number_cipher, 'hex')" if whole else ""
    statement = (
        f"COPY (SELECT row_to_json(r){cipher} FROM {TABLES} {ROW} WHERE {condition}) TO STDOUT"
    )
    held: list[bytes] = []
    size = 0
    with connection.cursor() as cursor, cursor.copy(statement, parameters or None) as copy:
        for data in copy:
            line = bytes(data)
            if whole:
                text, _tab, secret = line.rstrip(b"\n").rpartition(b"\t")
                line = with_id_number(text, bytes.fromhex(secret.decode())) + b"\n"
            count.rows += 1
            held.append(line)
            size += len(line)
            if size >= CHUNK_BYTES:
                yield b"".join(held).replace(b"\\\\", b"\\")
                held, size = [], 0
    yield b"".join(held).replace(b"\\\\", b"\\")


def _gzip(chunks: Iterable[bytes]) -> Generator[bytes, None, None]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for chunk in chunks:
        packed = packer.compress(chunk)
        if packed:
            yield packed
    yield packer.flush()


def _parquet(caller: Caller, count: _Count, whole: bool) -> Generator[bytes, None, None]:
    names = [name for name, _expression in FIELDS]
    writer = ParquetWriter(
        [Column(name, _KINDS.get(name, Kind.TEXT), name in _NULLABLE) for name in names]
    )
    yield writer.begin()
    condition, parameters = seen_by(caller.account)
    cipher = ", c.id_number_cipher" if whole else ""
    fields = ", ".join(f"r.{name}" for name in names)
    statement = f"SELECT {fields}{cipher} FROM {TABLES} {ROW} WHERE {condition}"
    for rows in _batches(statement, parameters):
        count.rows += len(rows)
        columns = [list(column) for column in zip(*rows, strict=True)]
        if whole:
            columns[0] = [reveal(bytes(secret)) for secret in columns.pop()]
        yield writer.group(columns)
    yield writer.end()


def _batches(statement: str, parameters: tuple[Any, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows by a cursor at the server, so that only one batch is ever here."""
    connection.ensure_connection()
    opened: Callable[..., Any] = connection.connection.cursor
    with opened(name="zhicheng_export", withhold=True) as cursor:
        cursor.execute(statement, parameters or None)
        while rows := cursor.fetchmany(GROUP_ROWS):
            yield rows
