"""A file that takes the place of the one before: rows keep their identity, nothing gets lost.

What the page had corrected and the file brings back is noted cell by cell, for a person to choose;
findings of before and after are told apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils import timezone

from zhicheng.bulk import copy_rows, new_ids, remove_ids, remove_rows, update_rows
from zhicheng.registers.columns import ID_NUMBER, KEYS
from zhicheng.registers.models import (
    Register,
    RegisterFinding,
    RegisterRow,
    RegisterUpload,
    RowHistory,
)
from zhicheng.registers.open_choices import BACK, CELL, LOST, entry_of, still_open
from zhicheng.registers.reading import RegisterSheet
from zhicheng.registers.rematching import Entry, match_again
from zhicheng.registers.rules import CheckedRow
from zhicheng.registers.storing import (
    CELL_FIELDS,
    FINDING_FIELDS,
    SAVING,
    StoredRow,
    check,
    count,
    finding_rows,
    keyed,
    put_rows,
    row_columns,
    shown_texts,
    stored_rows,
)
from zhicheng.registers.tidying import TidyRow, tidy_rows
from zhicheng.registers.title import stated_in
from zhicheng.registers.versions import FIELD_OF_KEY, states_at
from zhicheng.values.finding import TIDIED
from zhicheng.values.progress import report

TIDYING = "规范内容"
FINDINGS_KEPT = 20_000
TOLD = ("row_id", "column", "code", "severity", "message", "value", "suggestion")


@dataclass
class Taken:
    """What replacing the rows did."""

    ids: list[int]
    overwritten: list[list[Any]] = field(default_factory=list)
    findings: dict[str, list[list[Any]]] = field(default_factory=dict)


def note_upload(
    register: Register, sheet: RegisterSheet, *, actor_id: int | None, taken: Taken | None = None
) -> None:
    """Puts the file on record that made the register's present version."""
    before = register.uploads.aggregate(last=Max("version"))["last"] if taken else None
    RegisterUpload.objects.create(
        register=register,
        version=Register.objects.values_list("version", flat=True).get(pk=register.pk),
        before_version=(register.version - 1) if taken else None,
        source_name=register.source_name,
        source_sha256=register.source_sha256,
        findings=taken.findings if taken else {},
        overwritten=taken.overwritten if taken else [],
        title=stated_in(sheet),
        uploaded_by_id=actor_id,
        decided_at=None if taken and taken.overwritten else timezone.now(),
    )
    if before is not None:
        register.uploads.filter(version__lte=before, decided_at=None).update(
            decided_at=timezone.now()
        )


def keep_old_file(register: Register) -> None:
    """The file that is about to be replaced moves to the line of its upload."""
    last = register.uploads.order_by("-version").values_list("pk", flat=True).first()
    if last is not None:
        source = Register.objects.filter(pk=register.pk).values("source")[:1]
        RegisterUpload.objects.filter(pk=last, source=None).update(source=source)


def replace_rows(register: Register, sheet: RegisterSheet, *, actor_id: int | None) -> Taken:
    """Puts the file's rows in the place of the register's; gives what became of them."""
    report(TIDYING, 0, len(sheet.rows))
    rows = keyed(tidy_rows(sheet.rows, date_1904=sheet.date_1904))
    result = check(register, rows)
    held = stored_rows(register)
    entries = [_entry(row, place) for place, row in enumerate(rows, start=1)]
    matched = match_again(
        [_entry(row.tidy, place) for place, row in enumerate(held, start=1)], entries
    )
    base = _base(register)
    removed = _removed_on_page(base, {row.pk for row in held})
    back = _brought_back(removed, entries, matched)
    fresh = iter(new_ids(RegisterRow, sum(at is None for at in matched) - len(back)))
    ids = [
        held[at].pk if at is not None else back[place] if place in back else next(fresh)
        for place, at in enumerate(matched)
    ]
    taken = Taken(ids)
    taken.overwritten = [
        *_overwritten(register, base, held, rows, matched, back),
        *still_open(register, held, rows, matched),
    ]
    before = list(
        register.findings.exclude(severity=TIDIED).values_list(*TOLD, "suggested_person_id")
    )
    report(SAVING, 0, len(rows))
    remove_rows(RegisterFinding, "register_id", register.pk)
    _remove([row.pk for row in held], ids)
    _write(register, held, result.rows, matched, ids, actor_id)
    found = finding_rows(register, ids, result.findings)
    copy_rows(RegisterFinding, FINDING_FIELDS, found)
    taken.findings = told_apart(before, found)
    count(register, len(rows), result)
    return taken


def _entry(row: TidyRow, place: int) -> Entry:
    return Entry(row.values, row.key, row.excel_row or place)


def _remove(held: Sequence[int], ids: Sequence[int]) -> None:
    gone = set(held) - set(ids)
    if gone:
        remove_ids(RegisterRow, sorted(gone))


def _write(
    register: Register,
    held: Sequence[StoredRow],
    rows: Sequence[CheckedRow],
    matched: Sequence[int | None],
    ids: Sequence[int],
    actor_id: int | None,
) -> None:
    """Writes what the file changes: whole rows, places alone, new rows; a statement for each."""
    now = timezone.now()
    changed, placed, fresh = [], [], []
    for place, (pk, checked, at) in enumerate(zip(ids, rows, matched, strict=True), start=1):
        entry = checked.approved.ref if checked.approved else None
        outcome = (place, checked.row.excel_row or None, entry, checked.grade)
        if at is None:
            fresh.append((pk, place, checked))
        elif _same(held[at].tidy, checked.row):
            placed.append((pk, *outcome))
        else:
            cells = row_columns(checked.row)
            changed.append((pk, *outcome, *cells, held[at].version + 1, actor_id, now))
    outcome_fields = ("position", "excel_row", "approved_person_id", "grade")
    if changed:
        fields = (*outcome_fields, *CELL_FIELDS, "version", "changed_by_id", "changed_at")
        update_rows(RegisterRow, fields, changed)
    if placed:
        update_rows(RegisterRow, outcome_fields, placed)
    if fresh:
        put_rows(register, fresh, actor_id)


def _same(old: TidyRow, new: TidyRow) -> bool:
    return old.key == new.key and old.lost == new.lost and shown_texts(old) == shown_texts(new)


def _base(register: Register) -> dict[int, RowHistory]:
    """Every row as the last file had it; rows added on the page as they came."""
    last = register.uploads.aggregate(last=Max("version"))["last"]
    base = {state.row_id: state for state in states_at(register, last)} if last else {}
    later = RowHistory.objects.filter(register=register, version_from__gt=last or 0)
    for state in later.order_by("row_id", "version_from", "id"):
        if state.version_to is None or state.version_to > state.version_from:
            base.setdefault(state.row_id, state)
    return base


def _removed_on_page(base: Mapping[int, RowHistory], held: set[int]) -> list[RowHistory]:
    return [state for key, state in base.items() if key not in held]


def _brought_back(
    removed: Sequence[RowHistory], entries: Sequence[Entry], matched: Sequence[int | None]
) -> dict[int, int]:
    """New rows (their places) that the page had removed; they are the same rows again."""
    places = [place for place, at in enumerate(matched) if at is None]
    if not removed or not places:
        return {}
    old = [entry_of(state) for state in removed]
    again = match_again(old, [entries[place] for place in places])
    return {
        place: removed[at].row_id for place, at in zip(places, again, strict=True) if at is not None
    }


def _overwritten(
    register: Register,
    base: Mapping[int, RowHistory],
    held: Sequence[StoredRow],
    rows: Sequence[TidyRow],
    matched: Sequence[int | None],
    back: Mapping[int, int],
) -> list[list[Any]]:
    """What the page had changed since the last file and this file takes back."""
    found: list[list[Any]] = []
    for place, at in enumerate(matched):
        if at is not None:
            row = held[at]
            state = base.get(row.pk)
            if state is not None:
                found += [[CELL, row.pk, key] for key in _taken_back(state, row.tidy, rows[place])]
    last = register.uploads.aggregate(last=Max("version"))["last"]
    stay = {at for at in matched if at is not None}
    for at, row in enumerate(held):
        state = base.get(row.pk)
        if at not in stay and (state is None or last is None or state.version_from > last):
            found.append([LOST, row.pk, ""])
    found += [[BACK, key, ""] for key in back.values()]
    return found


def _taken_back(base: RowHistory, page: TidyRow, file: TidyRow) -> list[str]:
    """Keys of the cells that the page had changed and that the file says otherwise."""
    keys = []
    shown = dict(zip((key for key in KEYS if key != "id_number"), shown_texts(page), strict=True))
    filed = dict(zip((key for key in KEYS if key != "id_number"), shown_texts(file), strict=True))
    for column, key in enumerate(KEYS):
        if column == ID_NUMBER:
            held = bytes(base.id_number_index) if base.id_number_index is not None else b""
            if page.key != held and page.key != file.key:
                keys.append(key)
        elif shown[key] != str(getattr(base, FIELD_OF_KEY[key])) and shown[key] != filed[key]:
            keys.append(key)
    return keys


def told_apart(
    before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]
) -> dict[str, list[list[Any]]]:
    """Findings as mended, remaining and fresh, each as a list of the values of ``TOLD``.

    Two findings are the same when row, column and code are, and the person for missing ones.
    """
    places = [FINDING_FIELDS.index(name) for name in TOLD]
    now = [
        (
            *(finding[place] for place in places),
            finding[FINDING_FIELDS.index("suggested_person_id")],
        )
        for finding in after
        if finding[FINDING_FIELDS.index("severity")] != TIDIED
    ]

    def key(finding: Sequence[Any]) -> tuple[Any, ...]:
        return (*finding[:3], finding[-1] if finding[0] is None else None)

    old, new = {key(finding) for finding in before}, {key(finding) for finding in now}

    def kept(found: Sequence[Sequence[Any]], wanted: bool, other: set[tuple[Any, ...]]):  # type: ignore[no-untyped-def]
        return [
            [
                None if value is None else value if isinstance(value, int) else str(value)
                for value in finding[:-1]
            ]
            for finding in found
            if (key(finding) in other) is wanted
        ][:FINDINGS_KEPT]

    return {
        "mended": kept(before, False, new),
        "remaining": kept(now, True, old),
        "fresh": kept(now, False, old),
    }
