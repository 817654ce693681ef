"""Evidence that a certificate stands in the log, checked with no trust in the server. Pure.

A JSON object: ``checkpoint`` (a signed note) and ``entries``, each with ``statement`` (the text
that was committed to), ``salt``, ``index`` and ``inclusion`` (hashes from the leaf up), in hex.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhicheng.credentials.rules import PublicKey
from zhicheng.transparency import checkpoint as notes
from zhicheng.transparency.statement import commitment
from zhicheng.values import merkle

FORMAT = "zhicheng-log-evidence-1"


class EvidenceError(ValueError):
    """The evidence doesn't hold, and why."""


@dataclass(frozen=True)
class Entry:
    """One leaf with its proof."""

    statement: str
    salt: bytes
    index: int
    inclusion: tuple[bytes, ...]


@dataclass(frozen=True)
class Proved:
    """What was proved: the tree head and each statement's contents, in the log's order."""

    head: notes.Checkpoint
    statements: tuple[Mapping[str, Any], ...]


def write(note: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """The evidence as JSON values."""
    return {
        "format": FORMAT,
        "checkpoint": note,
        "entries": [
            {
                "statement": entry.statement,
                "salt": entry.salt.hex(),
                "index": entry.index,
                "inclusion": [item.hex() for item in entry.inclusion],
            }
            for entry in entries
        ],
    }


def verify(text: str, keys: Iterable[PublicKey]) -> Proved:
    """What the evidence proves; raises EvidenceError when any of it doesn't hold."""
    note, entries = _read(text)
    try:
        head = notes.verify(note, keys)
        for entry in entries:
            leaf = merkle.leaf_hash(commitment(entry.salt, entry.statement))
            merkle.verify_inclusion(leaf, entry.index, head.size, entry.inclusion, head.root)
        statements = tuple(json.loads(entry.statement) for entry in entries)
    except (notes.CheckpointError, merkle.ProofError, ValueError) as error:
        raise EvidenceError(str(error)) from None
    return Proved(head, statements)


def _read(text: str) -> tuple[str, list[Entry]]:
    try:
        told = json.loads(text)
        if told["format"] != FORMAT or not isinstance(told["checkpoint"], str):
            raise ValueError("format")
        entries = [
            Entry(
                str(item["statement"]),
                bytes.fromhex(item["salt"]),
                int(item["index"]),
                tuple(bytes.fromhex(each) for each in item["inclusion"]),
            )
            for item in told["entries"]
        ]
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise EvidenceError("不是日志证明文件") from None
    if not entries:
        raise EvidenceError("证明文件中没有记录")
    return told["checkpoint"], sorted(entries, key=lambda entry: entry.index)
