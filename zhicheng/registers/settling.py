"""After a file was sent again: what the page had corrected stays or goes, by a person's choice."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import remove_ids
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.registers.columns import ID_NUMBER, KEYS
from zhicheng.registers.editing import (
    account_id,
    apply,
    check_again,
    editable,
    forget_tidied,
    touch,
)
from zhicheng.registers.models import (
    Register,
    RegisterFinding,
    RegisterRow,
    RegisterUpload,
    RowHistory,
)
from zhicheng.registers.open_choices import BACK, CELL, LOST, noted, undecided
from zhicheng.registers.rules import CheckedRow
from zhicheng.registers.storing import put_rows, save_cells, stored_rows
from zhicheng.registers.tidying import TidyRow
from zhicheng.registers.versions import (
    FIELD_OF_KEY,
    CellDifference,
    RowDifference,
    states_at,
)
from zhicheng.values.dates import read_date
from zhicheng.values.refusal import Refusal

ROWS = RegisterRow._meta.label_lower
__all__ = ["Choice", "choices", "settle_upload", "undecided"]


@dataclass(frozen=True)
class Choice:
    """One thing that the file took back: its place in the upload's list, kind, row and cell.

    ``still`` says whether the register still has what the file brought.
    """

    number: int
    kind: str
    row: RowDifference
    cell: CellDifference | None
    still: bool


def choices(upload: RegisterUpload) -> list[Choice]:
    """What the file took back, with the page's and the file's value."""
    if not upload.overwritten or upload.before_version is None:
        return []
    told = list(noted(upload))
    ids = {row_id for _kind, row_id, _key, _version in told}
    register = upload.register
    before = {
        version: _by_row(states_at(register, version), ids)
        for version in {version for *_told, version in told}
    }
    after = _by_row(states_at(register, upload.version), ids)
    now = _by_row(states_at(register, register.version), ids)
    found = []
    for number, (kind, row_id, key, version) in enumerate(told):
        row = RowDifference(row_id, kind, before[version].get(row_id), after.get(row_id))
        cells = {cell.key: cell for cell in row.cells}
        present, filed = now.get(row_id), after.get(row_id)
        if kind == LOST:
            still = present is None
        elif kind == BACK:
            still = present is not None
        else:
            still = present is not None and filed is not None and _says(present, filed, key)
        found.append(Choice(number, kind, row, cells.get(key), still))
    return found


def _by_row(states: Iterable[RowHistory], ids: set[int]) -> dict[int, RowHistory]:
    return {state.row_id: state for state in states if state.row_id in ids}


def _says(one: RowHistory, other: RowHistory, key: str) -> bool:
    if key == "id_number":
        return _index(one) == _index(other)
    return bool(getattr(one, FIELD_OF_KEY[key]) == getattr(other, FIELD_OF_KEY[key]))


def _index(state: RowHistory) -> bytes:
    return bytes(state.id_number_index) if state.id_number_index is not None else b""


@retrying
def settle_upload(*, actor: Actor, upload_id: int, keep: Collection[int]) -> int:
    """Keeps the page's values of the choices numbered in ``keep`` and the file's of the others.

    Gives how many were put back; what somebody changed since stays as it is. Raises Refusal when
    the choice was made already.
    """
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        upload = RegisterUpload.objects.filter(pk=upload_id).first()
        if upload is None:
            raise _gone()
        register = editable(actor, upload.register_id, Action.REGISTER_CORRECT)
        upload = RegisterUpload.objects.select_for_update().get(pk=upload_id)
        upload.register = register
        if upload.decided_at is not None:
            raise _gone()
        wanted = [item for item in choices(upload) if item.number in keep and item.still]
        ids = _put_back(register, wanted, account_id(actor))
        if wanted:
            check_again(register, stored_rows(register))
            touch(register)
        upload.decided_at = timezone.now()
        upload.kept = len(wanted)
        upload.save(update_fields=["decided_at", "kept"])
        record(
            subject=register,
            data={"kept": len(wanted), "taken": len(upload.overwritten) - len(wanted)},
            rows=ROWS,
            ids=ids,
        )
    return len(wanted)


def _gone() -> Refusal:
    return Refusal(
        "upload.settled",
        "这次上传的取舍已经办理。",
        found="已由他人选定，或登记表已再次上传",
        mend="请刷新页面，查看现在的内容。",
    )


def _put_back(register: Register, wanted: list[Choice], actor_id: int | None) -> list[int]:
    rows = {row.pk: row for row in stored_rows(register)}
    changes: dict[int, dict[str, str]] = {}
    for item in wanted:
        if item.kind == CELL and item.cell is not None and item.row.before is not None:
            changes.setdefault(item.row.row_id, {})[item.cell.key] = _text(
                item.row.before, item.cell.key
            )
    touched = [rows[key] for key in changes if key in rows]
    for row in touched:
        apply(row, changes[row.pk])
    save_cells(touched, changed_by=actor_id)
    forget_tidied(register, {row.pk: list(changes[row.pk]) for row in touched})
    gone = [item.row.row_id for item in wanted if item.kind == BACK]
    if gone:
        RegisterFinding.objects.filter(row__in=gone).delete()
        remove_ids(RegisterRow, gone)
    lost = [item.row.before for item in wanted if item.kind == LOST and item.row.before]
    if lost:
        last = max(_positions(register), default=0)
        put_rows(
            register,
            [
                (state.row_id, last + place, CheckedRow(_row_of(state), None))
                for place, state in enumerate(lost, start=1)
            ],
            actor_id,
        )
    if gone:
        _close_gaps(register)
    return [row.pk for row in touched] + gone + [state.row_id for state in lost]


def _positions(register: Register) -> Iterable[int]:
    return register.rows.values_list("position", flat=True)


def _close_gaps(register: Register) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registers_registerrow w SET position = n.place FROM ("
            " SELECT id, row_number() OVER (ORDER BY position) AS place"
            " FROM registers_registerrow WHERE register_id = %s) n"
            " WHERE n.id = w.id AND w.position <> n.place",
            [register.pk],
        )


def _text(state: RowHistory, key: str) -> str:
    if key == "id_number":
        return reveal(bytes(state.id_number_cipher)) if state.id_number_cipher is not None else ""
    return str(getattr(state, FIELD_OF_KEY[key]))


def _row_of(state: RowHistory) -> TidyRow:
    values = [_text(state, key) for key in KEYS]
    index = KEYS.index("approval_date")
    assert KEYS[ID_NUMBER] == "id_number"
    return TidyRow(
        excel_row=0,  # it stands in no line of the present file
        values=values,
        approved_on=read_date(values[index]),
        lost=state.id_number_from_number,
        key=_index(state),
    )
