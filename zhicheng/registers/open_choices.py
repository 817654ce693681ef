"""Choices about an earlier file that nobody has made when the next file comes: they stay open.

What a file took back is noted in ``RegisterUpload.overwritten`` as [kind, row, key], with the
version that holds the page's value behind it where that isn't the upload's ``before_version``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from zhicheng.registers.columns import ID_NUMBER, KEYS
from zhicheng.registers.models import Register, RegisterUpload, RowHistory
from zhicheng.registers.rematching import Entry, match_again
from zhicheng.registers.storing import StoredRow, shown_texts
from zhicheng.registers.tidying import TidyRow
from zhicheng.registers.versions import FIELD_OF_KEY, states_at

# Kinds of what a file took back: a cell's correction, a row added on the page, a row removed there.
CELL, LOST, BACK = "cell", "lost", "back"


def undecided(register: Register) -> RegisterUpload | None:
    """The upload whose old values wait for a choice, if there is one."""
    waiting = register.uploads.filter(decided_at=None, before_version__isnull=False)
    return waiting.defer("source", "findings").order_by("-version").first()


def noted(upload: RegisterUpload) -> Iterator[tuple[str, int, str, int]]:
    """Kind, row, key and the version with the page's value of each choice."""
    for kind, row_id, key, *version in upload.overwritten:
        yield kind, row_id, key, version[0] if version else upload.before_version or 0


def entry_of(state: RowHistory) -> Entry:
    """A past row as it is told from others."""
    return Entry(
        [str(getattr(state, FIELD_OF_KEY[key])) for key in KEYS],
        _index(state),
        state.excel_row or 0,
    )


def filed_otherwise(state: RowHistory, key: str, row: TidyRow) -> bool:
    """Whether the row says something else in that column than the state did."""
    if key == KEYS[ID_NUMBER]:
        return row.key != _index(state)
    texts = dict(
        zip((one for one in KEYS if one != KEYS[ID_NUMBER]), shown_texts(row), strict=True)
    )
    return texts[key] != str(getattr(state, FIELD_OF_KEY[key]))


def still_open(
    register: Register,
    held: Sequence[StoredRow],
    rows: Sequence[TidyRow],
    matched: Sequence[int | None],
) -> list[list[Any]]:
    """What of the waiting choices is still to be chosen when these rows come."""
    waiting = undecided(register)
    if waiting is None:
        return []
    stays = {
        held[at].pk: (held[at].tidy, rows[n]) for n, at in enumerate(matched) if at is not None
    }
    fresh = [
        Entry(row.values, row.key, row.excel_row)
        for row, at in zip(rows, matched, strict=True)
        if at is None
    ]
    there = {row.pk for row in held}
    choices = list(noted(waiting))
    states = {
        version: _by_row(register, version, choices)
        for version in {waiting.version, *(version for *_told, version in choices)}
    }
    found: list[list[Any]] = []
    for kind, row_id, key, version in choices:
        page, filed = states[version].get(row_id), states[waiting.version].get(row_id)
        if kind == CELL:
            now, new = stays.get(row_id, (None, None))
            if now is None or new is None or page is None or filed is None:
                continue
            # Changed on the page since: then that is what the new file is held against.
            wanted = not filed_otherwise(filed, key, now) and filed_otherwise(page, key, new)
        elif kind == LOST:
            wanted = row_id not in there and page is not None and not _among(page, fresh)
        else:
            wanted = row_id in stays
        if wanted:
            found.append([kind, row_id, key, version])
    return found


def _by_row(
    register: Register, version: int, choices: Sequence[tuple[str, int, str, int]]
) -> dict[int, RowHistory]:
    ids = {row_id for _kind, row_id, _key, _version in choices}
    return {state.row_id: state for state in states_at(register, version) if state.row_id in ids}


def _among(state: RowHistory, fresh: Sequence[Entry]) -> bool:
    return any(at is not None for at in match_again([entry_of(state)], fresh))


def _index(state: RowHistory) -> bytes:
    return bytes(state.id_number_index) if state.id_number_index is not None else b""
