"""A writer of Parquet files: text, dates and times, a row group at a time, gzip inside.

The file's index stands at its end, so a file of any length streams in the memory of one group. It
is the plain part of the format (version 1 pages, PLAIN encoding), which every reader reads; a
library for it weighs 50 MB. https://parquet.apache.org/docs/file-format/
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

MAGIC = b"PAR1"
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN, _RLE, _GZIP = 0, 3, 2
# Types of Thrift's compact protocol.
_TRUE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 5, 6, 8, 9, 12


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"


# Physical type, converted type, for each kind.
_TYPES = {Kind.TEXT: (6, 0), Kind.DATE: (1, 6), Kind.TIMESTAMP: (2, 10)}


@dataclass(frozen=True)
class Column:
    """A column; ``nullable`` ones may hold None."""

    name: str
    kind: Kind
    nullable: bool = False


@dataclass(frozen=True)
class _Chunk:
    offset: int
    values: int
    plain_bytes: int
    packed_bytes: int


class ParquetWriter:
    """Gives the file's bytes: ``begin``, any number of ``group``, ``end``."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.offset = 0
        self.groups: list[tuple[int, list[_Chunk]]] = []

    def begin(self) -> bytes:
        """The first bytes."""
        self.offset = len(MAGIC)
        return MAGIC

    def group(self, columns: Sequence[Sequence[Any]]) -> bytes:
        """A group of rows, given column by column."""
        parts, chunks = [], []
        for column, values in zip(self.columns, columns, strict=True):
            page = _page(column, values)
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            packed = packer.compress(page) + packer.flush()
            head = _struct(
                (1, _I32, 0),
                (2, _I32, len(page)),
                (3, _I32, len(packed)),
                (
                    5,
                    _STRUCT,
                    _struct(
                        (1, _I32, len(values)), (2, _I32, _PLAIN), (3, _I32, _RLE), (4, _I32, _RLE)
                    ),
                ),
            )
            chunks.append(
                _Chunk(self.offset, len(values), len(head) + len(page), len(head) + len(packed))
            )
            self.offset += len(head) + len(packed)
            parts += [head, packed]
        self.groups.append((len(columns[0]), chunks))
        return b"".join(parts)

    def end(self) -> bytes:
        """The index and the last bytes."""
        root = _struct((4, _BINARY, b"zhicheng"), (5, _I32, len(self.columns)))
        schema = [root, *(self._element(column) for column in self.columns)]
        index = _struct(
            (1, _I32, 1),
            (2, _LIST, (_STRUCT, schema)),
            (3, _I64, sum(rows for rows, _chunks in self.groups)),
            (4, _LIST, (_STRUCT, [self._group(*group) for group in self.groups])),
            (6, _BINARY, b"zhicheng"),
        )
        return index + struct.pack("<I", len(index)) + MAGIC

    def _element(self, column: Column) -> bytes:
        physical, converted = _TYPES[column.kind]
        fields = [
            (1, _I32, physical),
            (3, _I32, int(column.nullable)),
            (4, _BINARY, column.name.encode()),
            (6, _I32, converted),
        ]
        if column.kind is Kind.TIMESTAMP:
            fields.append((10, _STRUCT, _struct((8, _STRUCT, _UTC_MICROS))))
        return _struct(*fields)

    def _group(self, rows: int, chunks: Sequence[_Chunk]) -> bytes:
        told = [
            _struct(
                (2, _I64, chunk.offset),
                (3, _STRUCT, self._chunk(column, chunk)),
            )
            for column, chunk in zip(self.columns, chunks, strict=True)
        ]
        size = sum(chunk.plain_bytes for chunk in chunks)
        return _struct((1, _LIST, (_STRUCT, told)), (2, _I64, size), (3, _I64, rows))

    @staticmethod
    def _chunk(column: Column, chunk: _Chunk) -> bytes:
        return _struct(
            (1, _I32, _TYPES[column.kind][0]),
            (2, _LIST, (_I32, [_zigzag(_PLAIN), _zigzag(_RLE)])),
            (3, _LIST, (_BINARY, [_binary(column.name.encode())])),
            (4, _I32, _GZIP),
            (5, _I64, chunk.values),
            (6, _I64, chunk.plain_bytes),
            (7, _I64, chunk.packed_bytes),
            (9, _I64, chunk.offset),
        )


def _page(column: Column, values: Sequence[Any]) -> bytes:
    present = [value for value in values if value is not None]
    if not column.nullable:
        if len(present) != len(values):
            raise ValueError(f"{column.name} is null")
        return _plain(column.kind, values)
    levels = _levels([value is not None for value in values])
    return struct.pack("<I", len(levels)) + levels + _plain(column.kind, present)


def _plain(kind: Kind, values: Sequence[Any]) -> bytes:
    if kind is Kind.DATE:
        days = [value.toordinal() - _EPOCH_DAY for value in values]
        return struct.pack(f"<{len(days)}i", *days)
    if kind is Kind.TIMESTAMP:
        moments = [_micros(value) for value in values]
        return struct.pack(f"<{len(moments)}q", *moments)
    parts = []
    for value in values:
        text = value.encode()
        parts += [len(text).to_bytes(4, "little"), text]
    return b"".join(parts)


def _micros(moment: datetime) -> int:
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _levels(present: Sequence[bool]) -> bytes:
    """Definition levels as runs (RLE)."""
    parts, at = [], 0
    while at < len(present):
        end = at
        while end < len(present) and present[end] == present[at]:
            end += 1
        parts.append(_varint((end - at) << 1) + bytes([present[at]]))
        at = end
    return b"".join(parts)


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _binary(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _struct(*fields: tuple[int, int, Any]) -> bytes:
    """A struct of Thrift's compact protocol; fields in their order."""
    parts, before = [], 0
    for number, kind, value in fields:
        parts.append(bytes([(number - before) << 4 | kind]))
        before = number
        if kind in (_I32, _I64):
            parts.append(_zigzag(value))
        elif kind == _BINARY:
            parts.append(_binary(value))
        elif kind == _LIST:
            element, items = value
            count = len(items)
            head = bytes([count << 4 | element]) if count < 15 else bytes([0xF0 | element])
            parts.append(head if count < 15 else head + _varint(count))
            parts += items
        else:
            parts.append(value)
    return b"".join(parts) + b"\0"


# The logical type of times: of the whole world (UTC), in microseconds.
_UTC_MICROS = _struct((1, _TRUE, b""), (2, _STRUCT, _struct((2, _STRUCT, _struct()))))
