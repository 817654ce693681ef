"""Every change of a register's content: upload, correction, suggestions, rows (N2, N4, N6).

Batches of cells are in ``cell_edits``, rows in ``row_edits``, the steps on its way (submit,
endorse, accept, return) in ``steps``; all are offered here too.
"""

import hashlib
from collections.abc import Mapping

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.organizations.guard import Actor, Console, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect_bytes
from zhicheng.registers.cell_edits import Cell, RowEdit, change_cells, refusal_of
from zhicheng.registers.columns import KEY_OF_TITLE, KEYS
from zhicheng.registers.editing import (
    Also,
    account_id,
    editable,
    nothing,
    row_gone,
    suggestion_gone,
    touch,
)
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.registers.paper import check_paper, print_register
from zhicheng.registers.reading import RegisterSheet, read_register
from zhicheng.registers.routing import held_route, route
from zhicheng.registers.row_edits import add_people, remove_row, remove_rows
from zhicheng.registers.scans import attach_scans
from zhicheng.registers.settling import settle_upload
from zhicheng.registers.steps import accept, endorse, return_register, submit, withdraw
from zhicheng.registers.storing import (
    FINDING_FIELDS,
    add_rows,
    check,
    count,
    finding_rows,
    keyed,
)
from zhicheng.registers.tidying import tidy_rows
from zhicheng.registers.title import of_register
from zhicheng.registers.uploading import TIDYING, keep_old_file, note_upload, replace_rows
from zhicheng.values.progress import report
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

READING = "读取文件"
ROWS = RegisterRow._meta.label_lower

__all__ = [
    "accept",
    "accept_suggestion",
    "accept_suggestions",
    "add_people",
    "attach_scans",
    "change_cells",
    "check_paper",
    "correct_row",
    "endorse",
    "print_register",
    "remove_row",
    "remove_rows",
    "replace_file",
    "return_register",
    "settle_upload",
    "submit",
    "upload_register",
    "withdraw",
]


@retrying
def upload_register(
    *,
    actor: Actor,
    content: bytes,
    name: str,
    year: int | None = None,
    unit: Organization | None = None,
    also: Also = nothing,
) -> Register:
    """A new register in draft from the unit's file, read, tidied and checked (N3, N4).

    ``year`` wins over the one in the file's title; ``unit`` is the account's own organisation
    unless the console acts; ``also`` is done in the same transaction. Raises NotPermitted, or
    Refusal for a file that can't be used; then nothing of it is kept.
    """
    unit = unit or _own_unit(actor)
    require(actor, Action.REGISTER_UPLOAD, unit)
    route(unit)  # before a long file is read for nothing
    report(READING)
    sheet = read_register(content)
    with recorded(actor, Action.REGISTER_UPLOAD) as record:
        way = held_route(unit.pk)
        (pk,) = new_ids(Register, 1)
        stated = year or sheet.year or timezone.localdate().year
        register = Register(
            pk=pk,
            number=f"DJ{stated}-{pk:06d}",
            reporting_unit=unit,
            endorser=way.endorser,
            issuing_unit=way.issuing_unit,
            year=stated,
            created_by_id=account_id(actor),
        )
        _take_file(register, sheet, content, name)
        register.save(force_insert=True)
        ids = _take_rows(register, sheet, actor)
        note_upload(register, sheet, actor_id=account_id(actor))
        record(subject=register, data=_told(register), rows=ROWS, ids=ids)
        also(register)
    return register


@retrying
def replace_file(
    *, actor: Actor, register_id: int, content: bytes, name: str, also: Also = nothing
) -> Register:
    """The same register from a corrected file; every row is read and checked anew (N4).

    A row that is the same person's entry stays the same row; what the page had corrected and the
    file takes back is noted with the upload, for a person to choose (``settle_upload``).
    """
    require(actor, Action.REGISTER_REPLACE, Register.objects.defer("source").get(pk=register_id))
    report(READING)
    sheet = read_register(content)
    with recorded(actor, Action.REGISTER_REPLACE) as record:
        register = editable(actor, register_id, Action.REGISTER_REPLACE)
        before = register.source_sha256
        keep_old_file(register)
        touch(register)
        taken = replace_rows(register, sheet, actor_id=account_id(actor))
        _take_file(register, sheet, content, name)
        register.save()
        note_upload(register, sheet, actor_id=account_id(actor), taken=taken)
        record(
            subject=register,
            data={
                **_told(register),
                "before": before,
                "mended": len(taken.findings["mended"]),
                "overwritten": len(taken.overwritten),
            },
            rows=ROWS,
            ids=taken.ids,
        )
        also(register)
    return register


def _own_unit(actor: Actor) -> Organization:
    if isinstance(actor, Console):
        raise ValueError("the console must name the unit")
    return actor.organization


def _take_file(register: Register, sheet: RegisterSheet, content: bytes, name: str) -> None:
    register.source = protect_bytes(content)
    register.source_name = hide_id_numbers(name)[:200]
    register.source_sha256 = hashlib.sha256(content).hexdigest()
    register.sheet_name = hide_id_numbers(sheet.sheet_told)[:60]
    register.filler = hide_id_numbers(sheet.filler)[:60]
    register.telephone = hide_id_numbers(sheet.telephone)[:40]


def _take_rows(register: Register, sheet: RegisterSheet, actor: Actor) -> list[int]:
    report(TIDYING, 0, len(sheet.rows))
    rows = keyed(tidy_rows(sheet.rows, date_1904=sheet.date_1904))
    result = check(register, rows)
    ids = add_rows(register, result, changed_by=account_id(actor))
    copy_rows(RegisterFinding, FINDING_FIELDS, finding_rows(register, ids, result.findings))
    count(register, len(rows), result)
    register.save(update_fields=["row_count", "error_count", "warning_count"])
    return ids


def _told(register: Register) -> dict[str, object]:
    return {
        "number": register.number,
        "unit": register.reporting_unit.name,
        "file": register.source_name,
        "sha256": register.source_sha256,
        "rows": register.row_count,
        "errors": register.error_count,
        "warnings": register.warning_count,
        **{f"title_{told.kind}": told.stated for told in of_register(register)},
    }


def _register_of(row_id: int) -> int:
    found = RegisterRow.objects.filter(pk=row_id).values_list("register_id", flat=True).first()
    if found is None:
        raise row_gone()
    return found


@retrying
def correct_row(
    *, actor: Actor, row_id: int, changes: Mapping[str, str], version: int
) -> RegisterRow:
    """Corrects cells of a row (keys of ``columns.KEYS``) and checks what that affects (N6).

    ``version`` is the row's as the person saw it: raises Conflict when somebody changed the row
    meanwhile, naming who and to what.
    """
    unknown = set(changes) - set(KEYS)
    if unknown:
        raise ValueError(f"no columns of the register: {sorted(unknown)}")
    cells = {key: Cell(text) for key, text in changes.items()}
    _change_row(actor, row_id, version, cells)
    return RegisterRow.objects.get(pk=row_id)


@retrying
def accept_suggestion(*, actor: Actor, finding_id: int, version: int) -> None:
    """Takes over the value that a finding offers; ``version`` is the row's, as in correct_row.

    For ``approval.person_missing`` the missing person is added and ``version`` isn't asked.
    """
    finding = RegisterFinding.objects.filter(pk=finding_id).first()
    if finding is None:
        raise suggestion_gone()
    if finding.row_id is None:
        person = finding.suggested_person_id
        add_people(
            actor=actor, register_id=finding.register_id, person_ids=[person] if person else []
        )
        return
    cells = {KEY_OF_TITLE[finding.column]: Cell(finding=finding_id)}
    _change_row(actor, finding.row_id, version, cells)


def _change_row(actor: Actor, row_id: int, version: int, cells: Mapping[str, Cell]) -> None:
    saved = change_cells(
        actor=actor,
        register_id=_register_of(row_id),
        edits=[RowEdit(row_id, version, cells)],
    )
    for held in saved.held:
        raise refusal_of(held)


@retrying
def accept_suggestions(*, actor: Actor, register_id: int, code: str) -> int:
    """Takes over all values that findings of one kind offer; gives how many cells changed."""
    register = Register.objects.defer("source").get(pk=register_id)
    require(actor, Action.REGISTER_CORRECT, register)
    cells: dict[tuple[int, int], dict[str, Cell]] = {}
    offers = register.findings.filter(code=code, row__isnull=False).exclude(suggestion="")
    for pk, row, version, title, person in offers.exclude(severity=Severity.TIDIED).values_list(
        "pk", "row_id", "row__version", "column", "suggested_person"
    ):
        if KEY_OF_TITLE[title] != "id_number" or person is not None:
            cells.setdefault((row, version), {})[KEY_OF_TITLE[title]] = Cell(finding=pk)
    if not cells:
        raise Refusal(
            "finding.no_suggestion",
            "这一类检查结果没有可以采用的建议。",
            mend="请逐处更正。",
        )
    edits = [RowEdit(row, version, told) for (row, version), told in cells.items()]
    return change_cells(
        actor=actor, register_id=register_id, edits=edits, told={"code": code}
    ).cells
