"""Reads past versions of a register from the history of its rows, and compares two of them.

ID numbers are shown masked, and told apart by their index where the masks look the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from zhicheng.registers.columns import COLUMNS, KEYS
from zhicheng.registers.models import Register, RegisterVersion, RowHistory

ADDED, REMOVED, CHANGED, MOVED, SAME = "added", "removed", "changed", "moved", "same"
FIELD_OF_KEY = {
    key: {"id_number": "id_number_masked", "approval_date": "approval_date_text"}.get(key, key)
    for key in KEYS
}
# What makes two states differ to a person; the place isn't among it.
_CONTENT = (
    *(FIELD_OF_KEY[key] for key in KEYS),
    "id_number_index",
    "id_number_from_number",
    "id_kind",
)


@dataclass(frozen=True)
class CellDifference:
    """One cell of two versions; ``hidden``: the masks look the same, the numbers differ."""

    key: str
    title: str
    before: str
    after: str
    changed: bool
    hidden: bool = False


@dataclass(frozen=True)
class RowDifference:
    """One row of two versions: what it is called, where it stood, its ten cells."""

    row_id: int
    kind: str
    before: RowHistory | None
    after: RowHistory | None

    @property
    def state(self) -> RowHistory:
        """The later state, else the earlier."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def cells(self) -> list[CellDifference]:
        """All ten cells, old and new."""
        return [_cell(key, title, self.before, self.after) for key, title in _TITLES]

    @property
    def changes(self) -> list[CellDifference]:
        """The cells that differ."""
        return [cell for cell in self.cells if cell.changed]


_TITLES = tuple((column.key, column.title) for column in COLUMNS)


def _cell(
    key: str, title: str, before: RowHistory | None, after: RowHistory | None
) -> CellDifference:
    name = FIELD_OF_KEY[key]
    old = str(getattr(before, name)) if before else ""
    new = str(getattr(after, name)) if after else ""
    changed, hidden = old != new, False
    if key == "id_number" and before is not None and after is not None and not changed:
        hidden = changed = _bytes(before.id_number_index) != _bytes(after.id_number_index)
    return CellDifference(key, title, old, new, changed, hidden)


def _bytes(value: object) -> bytes:
    return bytes(value) if value is not None else b""  # type: ignore[call-overload]


def versions_of(register: Register) -> QuerySet[RegisterVersion]:
    """The register's versions, newest first."""
    return register.versions.select_related("made_by__organization").order_by("-version")


def states_at(register: Register, version: int) -> QuerySet[RowHistory]:
    """The rows as they were at that version, in the form's order."""
    return (
        RowHistory.objects.filter(register=register, version_from__lte=version)
        .filter(Q(version_to=None) | Q(version_to__gt=version))
        .order_by("position", "row_id")
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two states of a row, not yet read: their keys in the history."""

    row_id: int
    before: int | None
    after: int | None
    kind: str


_PAIRS = f"""
WITH old AS (SELECT * FROM registers_rowhistory WHERE register_id = %(register)s
             AND version_from <= %(before)s
             AND (version_to IS NULL OR version_to > %(before)s)),
     new AS (SELECT * FROM registers_rowhistory WHERE register_id = %(register)s
             AND version_from <= %(after)s
             AND (version_to IS NULL OR version_to > %(after)s))
SELECT coalesce(new.row_id, old.row_id), old.id, new.id,
    CASE WHEN old.id IS NULL THEN 'added' WHEN new.id IS NULL THEN 'removed'
         WHEN ({", ".join(f"old.{name}" for name in _CONTENT)})
             IS DISTINCT FROM ({", ".join(f"new.{name}" for name in _CONTENT)}) THEN 'changed'
         WHEN old.position <> new.position THEN 'moved' ELSE 'same' END
FROM old FULL JOIN new ON new.row_id = old.row_id
WHERE %(whole)s OR old.id IS DISTINCT FROM new.id
ORDER BY coalesce(new.position, old.position), new.position NULLS FIRST, 1
"""


def pairs(register: Register, before: int, after: int, *, whole: bool = False) -> list[Pair]:
    """Every row that differs between two versions, in order; all rows when ``whole``.

    The kinds are added, removed, changed, moved (nothing but the place), and same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _PAIRS, {"register": register.pk, "before": before, "after": after, "whole": whole}
        )
        found = [Pair(*row) for row in cursor.fetchall()]
    return found if whole else [pair for pair in found if pair.kind != SAME]


def read(found: Iterable[Pair]) -> list[RowDifference]:
    """The pairs with what they say, in one statement."""
    found = list(found)
    keys = {key for pair in found for key in (pair.before, pair.after) if key is not None}
    states = RowHistory.objects.defer("id_number_cipher").in_bulk(keys)
    return [
        RowDifference(
            pair.row_id,
            pair.kind,
            states[pair.before] if pair.before is not None else None,
            states[pair.after] if pair.after is not None else None,
        )
        for pair in found
    ]


def compare(register: Register, before: int, after: int) -> list[RowDifference]:
    """Row by row what differs between two versions."""
    return read(pairs(register, before, after))


def counted(found: Sequence[Pair]) -> dict[str, int]:
    """How many pairs there are of each kind."""
    counts = dict.fromkeys((CHANGED, ADDED, REMOVED, MOVED, SAME), 0)
    for pair in found:
        counts[pair.kind] += 1
    return counts
