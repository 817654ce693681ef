"""Reads of the log: roots, paths, evidence for one certificate."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Max

from zhicheng.transparency import evidence
from zhicheng.transparency.models import LogEntry, TreeHead
from zhicheng.values import merkle

T = TypeVar("T")
Key = tuple[int, int]


def size() -> int:
    """How many leaves the tree has."""
    last = LogEntry.objects.aggregate(last=Max("sequence"))["last"]
    return 0 if last is None else last + 1


def latest_head() -> TreeHead | None:
    """The newest signed head."""
    return TreeHead.objects.order_by("-id").first()


def nodes(keys: Sequence[Key]) -> dict[Key, bytes]:
    """The hashes of these nodes, as far as they are kept; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.level, n.index, n.hash FROM transparency_lognode n"
            " JOIN unnest(%s::smallint[], %s::bigint[]) AS w (level, index)"
            " ON w.level = n.level AND w.index = n.index",
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        return {(level, index): bytes(value) for level, index, value in cursor.fetchall()}


def reader(keys: Sequence[Key]) -> merkle.Read:
    """Reads these nodes in one query and hands them out."""
    found = nodes(keys)
    return lambda level, index: found[level, index]


def with_nodes(calculate: Callable[[merkle.Read], T]) -> T:
    """What ``calculate`` makes of the tree: asked once for which nodes it needs, then for real."""
    needed: list[Key] = []

    def note(level: int, index: int) -> bytes:
        needed.append((level, index))
        return bytes(merkle.HASH_BYTES)

    calculate(note)
    return calculate(reader(needed))


def root_of(leaves: int) -> bytes:
    """The root of the first so many leaves."""
    return with_nodes(lambda read: merkle.root(read, leaves))


def inclusion(index: int, leaves: int) -> list[bytes]:
    """The path of a leaf in the tree of the first ``leaves``; ValueError when it isn't in it."""
    return with_nodes(lambda read: merkle.inclusion_path(read, index, leaves))


def consistency(first: int, second: int) -> list[bytes]:
    """The proof that the tree of ``second`` leaves begins with that of ``first``."""
    if second > size():
        raise ValueError(f"the log has {size()} leaves")
    return with_nodes(lambda read: merkle.consistency_path(read, first, second))


def evidence_of(number: str) -> dict[str, object] | None:
    """Evidence that all that happened to a certificate stands in the newest head's tree.

    None while there is no head that has any of it.
    """
    head = latest_head()
    if head is None:
        return None
    found = list(
        LogEntry.objects.filter(certificate__number=number, sequence__lt=head.size).order_by(
            "sequence"
        )
    )
    if not found:
        return None
    paths = with_nodes(
        lambda read: [merkle.inclusion_path(read, entry.sequence, head.size) for entry in found]
    )
    return evidence.write(
        head.note,
        [
            evidence.Entry(entry.statement, bytes(entry.salt), entry.sequence, tuple(path))
            for entry, path in zip(found, paths, strict=True)
        ],
    )
