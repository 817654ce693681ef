"""Changes cells of many rows in one step, and tells who came first where two met (N6, N18).

Two people on different cells of one row don't meet; on the same cell the later one is held back
with the whole row, because a row is a person and half of somebody's correction is nobody's. The
other rows of the batch are saved: one transaction, one audit event.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.registers.columns import ID_NUMBER, KEY_OF_TITLE, KEYS
from zhicheng.registers.editing import (
    Change,
    account_id,
    apply,
    changed_before,
    editable,
    forget_tidied,
    offered_value,
    row_gone,
    suggestion_gone,
)
from zhicheng.registers.live_check import settle
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.registers.recheck import Changed
from zhicheng.registers.rules import CheckedRow, CheckResult, shown
from zhicheng.registers.storing import StoredRow, add_rows, as_kept, keyed, save_cells, stored_rows
from zhicheng.registers.tidying import Tidier, TidyRow
from zhicheng.spreadsheets.limits import REGISTER_LIMITS
from zhicheng.values.refusal import Refusal

ROWS = RegisterRow._meta.label_lower
MOST_CELLS = 60_000
MOST_ROWS = REGISTER_LIMITS.rows


@dataclass(frozen=True)
class Cell:
    """What shall stand in a cell: a text, what a finding offers, or a number sealed before.

    ``seen`` is what the person saw in it; without it the row's version decides.
    """

    text: str = ""
    finding: int | None = None
    sealed: str = ""
    seen: str | None = None


@dataclass(frozen=True)
class RowEdit:
    """The cells of one row to change, and the row's version as the person saw it."""

    row: int
    version: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Held:
    """A row that was left as it is: the cells that somebody else changed first, who and when.

    ``gone`` are cells whose suggestion isn't there any more. A row that was removed meanwhile
    has neither.
    """

    row: int
    keys: Sequence[str] = ()
    gone: Sequence[str] = ()
    who: str = ""
    when: datetime | None = None


@dataclass
class Saved:
    """What came of a batch: changed and added rows, rows held back, numbers sealed for undo."""

    register: Register
    rows: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    sealed: dict[int, str] = field(default_factory=dict)
    cells: int = 0


class _NothingChanged(Exception):
    """Every row was held back or is as it was: there is nothing to record."""


@retrying
def change_cells(
    *,
    actor: Actor,
    register_id: int,
    edits: Sequence[RowEdit],
    added: Sequence[Mapping[str, str]] = (),
    told: Mapping[str, str] | None = None,
) -> Saved:
    """Changes cells and adds rows at the end; checks what that affects.

    Rows in which somebody else changed one of these cells first are held back whole; the others
    are saved. ``told`` goes into the audit event. Raises NotPermitted, or Refusal when the
    register can't be changed now or the batch is too large; then nothing is saved.
    """
    saved = Saved(Register(pk=register_id))
    try:
        with recorded(actor, Action.REGISTER_CORRECT) as record:
            register = editable(actor, register_id, Action.REGISTER_CORRECT)
            saved = Saved(register)
            _require_room(register, edits, added)
            before, rows, changes, keys = _apply(register, edits, saved)
            fresh = [as_kept(_new_row(cells)) for cells in added]
            if not rows and not fresh:
                raise _NothingChanged
            save_cells(rows, changed_by=account_id(actor))
            forget_tidied(register, keys)
            after = {row.pk: row.tidy for row in rows}
            saved.added = append_rows(register, fresh, changed_by=account_id(actor))
            after |= dict(zip(saved.added, fresh, strict=True))
            settle(register, Changed(before, after), changed_by=account_id(actor))
            saved.rows = [row.pk for row in rows]
            saved.cells = sum(len(change["changes"]) for change in changes)
            record(
                subject=register,
                data={**(told or {}), **_told(changes, fresh)},
                rows=ROWS,
                ids=[*saved.rows, *saved.added],
            )
    except _NothingChanged:
        pass
    return saved


def refusal_of(held: Held) -> Refusal:
    """The same as an exception, for a caller with a single row."""
    row = RegisterRow.objects.select_related("changed_by").filter(pk=held.row).first()
    if row is None:
        return row_gone()
    return changed_before(row, held.keys) if held.keys else suggestion_gone()


def _apply(
    register: Register, edits: Sequence[RowEdit], saved: Saved
) -> tuple[dict[int, TidyRow], list[StoredRow], list[Change], dict[int, list[str]]]:
    """Changes the rows in memory; who is held back goes into ``saved``."""
    found = {row.pk: row for row in stored_rows(register, Q(pk__in=[edit.row for edit in edits]))}
    offers = _offers(register, edits)
    before: dict[int, TidyRow] = {}
    rows: list[StoredRow] = []
    changes: list[Change] = []
    keys: dict[int, list[str]] = {}
    for edit in edits:
        row = found.get(edit.row)
        if row is None:
            saved.held.append(Held(edit.row))
            continue
        old = row.tidy
        texts, lost, gone = _texts(register, edit, offers)
        told = apply(row, texts)
        as_kept(row.tidy)
        if lost is not None:
            row.tidy.lost = lost
        clashing = _clashes(row, old, edit)
        if gone or clashing:
            row.tidy = old
            saved.held.append(Held(edit.row, clashing, gone))
        elif told or row.tidy.lost != old.lost:
            before[row.pk] = old
            rows.append(row)
            keys[row.pk] = list(texts)
            changes.append({"row": row.tidy.excel_row, "changes": told})
            if old.values[ID_NUMBER] != row.tidy.values[ID_NUMBER]:
                saved.sealed[row.pk] = _seal(register, row.pk, old)
    _name_who_was_first(saved)
    return before, rows, changes, keys


def _clashes(row: StoredRow, old: TidyRow, edit: RowEdit) -> list[str]:
    """The cells that somebody changed after the person saw them, and to something else.

    Two ID numbers can look alike when they are masked, so there the row's version decides.
    """
    today = timezone.localdate()
    clashing = []
    for key, cell in edit.cells.items():
        column = KEYS.index(key)
        if old.values[column] == row.tidy.values[column]:
            continue
        by_version = column == ID_NUMBER or cell.seen is None
        seen_now = shown(column, old.values[column], today)
        if row.version != edit.version if by_version else cell.seen != seen_now:
            clashing.append(key)
    return clashing


def _offers(register: Register, edits: Sequence[RowEdit]) -> dict[int, RegisterFinding]:
    wanted = [cell.finding for edit in edits for cell in edit.cells.values() if cell.finding]
    if not wanted:
        return {}
    found = register.findings.filter(pk__in=wanted).exclude(severity=Severity.TIDIED)
    return {one.pk: one for one in found.select_related("suggested_person__document")}


def _texts(
    register: Register, edit: RowEdit, offers: Mapping[int, RegisterFinding]
) -> tuple[dict[str, str], bool | None, list[str]]:
    """The new texts, whether the ID number is one that Excel destroyed, and offers now gone."""
    texts: dict[str, str] = {}
    lost = None
    gone = []
    for key, cell in edit.cells.items():
        if cell.finding is not None:
            offer = offers.get(cell.finding)
            if offer is None or offer.row_id != edit.row or KEY_OF_TITLE.get(offer.column) != key:
                gone.append(key)
            else:
                texts[key] = offered_value(offer, key)
        elif cell.sealed and key == KEYS[ID_NUMBER]:
            texts[key], lost = _unseal(register, edit.row, cell.sealed)
        else:
            texts[key] = cell.text
    return texts, lost, gone


def _seal(register: Register, row_id: int, row: TidyRow) -> str:
    """The row's former ID number for the undo of the page that changed it, readable by no page."""
    told = json.dumps([register.pk, row_id, row.values[ID_NUMBER], row.lost])
    return base64.urlsafe_b64encode(protect_bytes(told.encode())).decode()


def _unseal(register: Register, row_id: int, sealed: str) -> tuple[str, bool]:
    """The number; raises Refusal for a seal of another row."""
    told = None
    # Whatever a made-up text may cause on its way through decryption: it isn't ours.
    with suppress(Exception):
        told = json.loads(reveal_bytes(base64.urlsafe_b64decode(sealed)))
    if not isinstance(told, list) or told[:2] != [register.pk, row_id]:
        raise Refusal(
            "row.seal_foreign",
            "要恢复的身份证号码不是这一行的，没有保存。",
            mend="请重新录入身份证号码。",
        )
    return str(told[2]), bool(told[3])


def _name_who_was_first(saved: Saved) -> None:
    """Says of the rows held back who changed them last, and when, in one statement."""
    pks = [held.row for held in saved.held if held.keys]
    if not pks:
        return
    rows = RegisterRow.objects.filter(pk__in=pks).select_related("changed_by")
    last = {row.pk: (row.changed_by, row.changed_at) for row in rows}
    for place, held in enumerate(saved.held):
        if held.keys:
            who, when = last[held.row]
            name = who.display_name if who else ""
            saved.held[place] = replace(held, who=name, when=when)


def _require_room(
    register: Register, edits: Sequence[RowEdit], added: Sequence[Mapping[str, str]]
) -> None:
    cells = sum(len(edit.cells) for edit in edits) + len(added) * len(KEYS)
    if cells > MOST_CELLS or register.row_count + len(added) > MOST_ROWS:
        raise Refusal(
            "register.batch_too_large",
            "一次更改的内容太多，没有保存。",
            found=f"{cells} 个单元格，改后 {register.row_count + len(added)} 行",
            expected=f"一次不超过 {MOST_CELLS} 个单元格，一份登记表不超过 {MOST_ROWS} 行",
            mend="请分几次粘贴，或重新上传 Excel 文件。",
        )


def _new_row(cells: Mapping[str, str]) -> TidyRow:
    return Tidier().row(0, [cells.get(key, "") for key in KEYS])


def append_rows(
    register: Register, rows: Sequence[TidyRow], *, changed_by: int | None
) -> list[int]:
    """Adds rows at the end, unchecked; ``settle`` has to follow."""
    if not rows:
        return []
    keyed(rows)
    first = register.row_count + 1
    ids = add_rows(
        register,
        CheckResult([CheckedRow(row, None) for row in rows], []),
        first=first,
        changed_by=changed_by,
    )
    for position, row in enumerate(rows, start=first):
        row.excel_row = position  # a row of no file is called by its place
    register.row_count += len(rows)
    return ids


def _told(changes: Sequence[Change], added: Sequence[TidyRow]) -> Change:
    """What the audit event says; one row alone as it always did."""
    told: Change = {}
    if len(changes) == 1 and not added:
        return {**changes[0]}
    if changes:
        told |= {
            "count": sum(len(change["changes"]) for change in changes),
            "rows": list(changes),
        }
    if added:
        name = KEYS.index("name")
        today = timezone.localdate()
        told["added"] = [shown(name, row.values[name], today) or "（空）" for row in added]
    return told
