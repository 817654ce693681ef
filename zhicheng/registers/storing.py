"""Between the tables and the pure checks: rows as the checks want them, findings as stored.

Everything here works on whole registers, in a number of statements that doesn't grow with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhicheng.approvals.queries import approval_book
from zhicheng.bulk import copy_rows, new_ids, update_rows
from zhicheng.protection import blind_index, protect, reveal
from zhicheng.registers.columns import (
    APPROVAL_DATE,
    CERTIFICATE_NUMBER,
    DOCUMENT_NUMBER,
    ID_NUMBER,
    KEYS,
    NAME,
    WORK_UNIT,
)
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.registers.numbering.held_against import numbering_of
from zhicheng.registers.numbering.used import used_by_others
from zhicheng.registers.rules import CheckedRow, CheckResult, Taken, check_rows, shown
from zhicheng.registers.tidying import TidyRow
from zhicheng.values import id_number
from zhicheng.values.dates import read_date
from zhicheng.values.finding import Finding
from zhicheng.values.progress import counted, report

CHECKING, SAVING = "与核准文件核对", "保存"

# Columns of the table that hold the ten columns of the form; the ID number has three of its own.
TEXT_FIELDS = tuple(
    "approval_date_text" if key == "approval_date" else key for key in KEYS if key != "id_number"
)
_LONGEST = {field.attname: field.max_length or 0 for field in RegisterRow._meta.concrete_fields}
CELL_FIELDS = (
    *TEXT_FIELDS,
    "approval_date",
    "id_kind",
    "id_number_cipher",
    "id_number_index",
    "id_number_masked",
    "id_number_from_number",
)
ROW_FIELDS = (
    "id",
    "register_id",
    "position",
    "excel_row",
    *CELL_FIELDS,
    "approved_person_id",
    "grade",
    "accepted",
    "version",
    "changed_by_id",
    "changed_at",
)
FINDING_FIELDS = (
    "register_id",
    "row_id",
    "column",
    "code",
    "severity",
    "clause",
    "value",
    "suggestion",
    "message",
    "suggested_person_id",
)
_FINDING_LONGEST = {
    field.attname: field.max_length or 0 for field in RegisterFinding._meta.concrete_fields
}


@dataclass(slots=True)
class StoredRow:
    """A row of the table as the checks want it, with what the table knows beside."""

    pk: int
    version: int
    approved_person: int | None
    grade: str
    tidy: TidyRow


def keyed(rows: Sequence[TidyRow]) -> Sequence[TidyRow]:
    """The rows with the blind index in the place of the ID number as the key of the person."""
    for row in rows:
        number = row.values[ID_NUMBER]
        row.key = blind_index(number) if number else b""
    return rows


def stored_rows(register: Register, only: Q | None = None) -> list[StoredRow]:
    """The register's rows in order, with ID numbers in clear for the checks alone."""
    found = (register.rows.filter(only) if only is not None else register.rows.all()).order_by(
        "position"
    )
    return [
        _stored(row)
        for row in found.values_list(
            "pk",
            "version",
            "approved_person_id",
            "grade",
            "excel_row",
            "position",
            "id_number_cipher",
            "id_number_index",
            "id_number_from_number",
            *TEXT_FIELDS,
        )
    ]


def _stored(row: Sequence[Any]) -> StoredRow:
    pk, version, person, grade, excel_row, position, cipher, index, lost, *texts = row
    values = list(texts)
    values.insert(ID_NUMBER, reveal(bytes(cipher)) if cipher is not None else "")
    return StoredRow(
        pk=pk,
        version=version,
        approved_person=person,
        grade=grade,
        tidy=TidyRow(
            excel_row=excel_row or position,
            values=values,
            approved_on=read_date(values[APPROVAL_DATE]),
            lost=lost,
            key=bytes(index) if index is not None else b"",
        ),
    )


def check(register: Register, rows: Sequence[TidyRow]) -> CheckResult:
    """Checks the rows against the approval documents and other registers as they are now."""
    report(CHECKING, 0, len(rows))
    book = approval_book(
        numbers={row.values[DOCUMENT_NUMBER] for row in rows},
        keys={row.key for row in rows if isinstance(row.key, bytes) and row.key},
        names={row.values[NAME] for row in rows},
        units={row.values[WORK_UNIT] for row in rows} | {register.reporting_unit.name},
    )
    return check_rows(
        rows,
        approvals=book,
        today=timezone.localdate(),
        taken=_taken(register, rows),
        numbering=numbering_of(register, [row.values[CERTIFICATE_NUMBER] for row in rows]),
        reporting_unit=register.reporting_unit.name,
        has_authority=register.reporting_unit.has_authority,
    )


def _taken(register: Register, rows: Sequence[TidyRow]) -> Taken:
    """Where these numbers are used already, and which people of these documents are accepted."""
    accepted = RegisterRow.objects.filter(accepted=True).exclude(register=register)
    numbers = used_by_others(
        [row.values[CERTIFICATE_NUMBER] for row in rows], register_id=register.pk
    )
    entries = dict(
        accepted.filter(
            approved_person__document__number__in={row.values[DOCUMENT_NUMBER] for row in rows}
        ).values_list("approved_person_id", "register__number")
    )
    return Taken(
        numbers,
        {pk: f"登记表{where}" for pk, where in entries.items() if pk is not None},
    )


def add_rows(
    register: Register, result: CheckResult, *, first: int = 1, changed_by: int | None = None
) -> list[int]:
    """Adds checked rows at the positions from ``first``; gives their ids in order."""
    ids = new_ids(RegisterRow, len(result.rows))
    places = range(first, first + len(ids))
    put_rows(register, list(zip(ids, places, result.rows, strict=True)), changed_by)
    return ids


def put_rows(
    register: Register, rows: Sequence[tuple[int, int, CheckedRow]], changed_by: int | None
) -> None:
    """Adds checked rows given as (id, position, row)."""
    now = timezone.now()
    copy_rows(
        RegisterRow,
        ROW_FIELDS,
        (
            (
                pk,
                register.pk,
                position,
                checked.row.excel_row or None,
                *row_columns(checked.row),
                checked.approved.ref if checked.approved else None,
                checked.grade,
                False,
                1,
                changed_by,
                now,
            )
            for pk, position, checked in counted(SAVING, rows, len(rows))
        ),
    )


def shown_texts(row: TidyRow) -> tuple[str, ...]:
    """The values of ``TEXT_FIELDS`` as the table keeps them."""
    today = timezone.localdate()
    return tuple(
        shown(column, text, today)[: _LONGEST[name]]
        for (column, text), name in zip(
            ((i, text) for i, text in enumerate(row.values) if i != ID_NUMBER),
            TEXT_FIELDS,
            strict=True,
        )
    )


def row_columns(row: TidyRow) -> tuple[Any, ...]:
    """The values of ``CELL_FIELDS``."""
    number = row.values[ID_NUMBER]
    return (
        *shown_texts(row),
        row.approval_date,
        id_number.kind_of(number) or id_number.RESIDENT,
        protect(number) if number else None,
        row.key if number else None,
        id_number.mask(number)[: _LONGEST["id_number_masked"]],
        row.lost,
    )


def as_kept(row: TidyRow) -> TidyRow:
    """The row as the table will give it back: shortened and without ID numbers in other columns."""
    today = timezone.localdate()
    for column, key in enumerate(KEYS):
        if column != ID_NUMBER:
            name = "approval_date_text" if key == "approval_date" else key
            row.values[column] = shown(column, row.values[column], today)[: _LONGEST[name]]
    return row


def save_cells(rows: Sequence[StoredRow], *, changed_by: int | None) -> None:
    """Writes the cells of changed rows back, one version on."""
    if not rows:
        return
    now = timezone.now()
    update_rows(
        RegisterRow,
        (*CELL_FIELDS, "version", "changed_by_id", "changed_at"),
        [(row.pk, *row_columns(row.tidy), row.version + 1, changed_by, now) for row in rows],
    )


def save_outcome(register: Register, rows: Sequence[StoredRow], result: CheckResult) -> None:
    """Makes rows and findings say what the checks found; writes only what changed.

    Tidied findings stay: they tell of the file, not of the rows as they are now.
    """
    moved = [
        (row.pk, checked.approved.ref if checked.approved else None, checked.grade)
        for row, checked in zip(rows, result.rows, strict=True)
        if (row.approved_person, row.grade)
        != (checked.approved.ref if checked.approved else None, checked.grade)
    ]
    if moved:
        update_rows(RegisterRow, ("approved_person_id", "grade"), moved)
    replace_findings(
        register.findings.all(),
        finding_rows(register, [row.pk for row in rows], result.findings),
    )
    count(register, len(rows), result)


def replace_findings(
    held: QuerySet[RegisterFinding], now: Sequence[tuple[Any, ...]]
) -> set[int | None]:
    """Makes the held findings be those of now; gives the rows about which anything changed.

    What is still found keeps its id; tidied findings stay and are only added to.
    """
    known: dict[tuple[Any, ...], list[int]] = {}
    for pk, *told in held.exclude(severity=Severity.TIDIED).values_list("pk", *FINDING_FIELDS):
        known.setdefault(tuple(told), []).append(pk)
    fresh = []
    for finding in now:
        same = known.get(finding)
        if finding[4] == Severity.TIDIED or not same:
            fresh.append(finding)
        else:
            same.pop()
    gone = [pk for pks in known.values() for pk in pks]
    if gone:
        RegisterFinding.objects.filter(pk__in=gone).delete()
    if fresh:
        copy_rows(RegisterFinding, FINDING_FIELDS, fresh)
    lost = {finding[1] for finding, pks in known.items() if pks}
    return lost | {finding[1] for finding in fresh}


def count(register: Register, rows: int, result: CheckResult) -> None:
    """Keeps the register's counters."""
    register.row_count = rows
    register.error_count = result.errors
    register.warning_count = result.count(Severity.WARNING)


def finding_rows(
    register: Register, row_ids: Sequence[int], findings: Sequence[Finding]
) -> list[tuple[Any, ...]]:
    """The findings as rows of ``FINDING_FIELDS``."""
    return [
        (
            register.pk,
            row_ids[finding.index] if finding.index is not None else None,
            finding.column,
            finding.code,
            finding.severity,
            finding.clause,
            finding.value[: _FINDING_LONGEST["value"]],
            finding.suggestion[: _FINDING_LONGEST["suggestion"]],
            finding.message[: _FINDING_LONGEST["message"]],
            finding.person,
        )
        for finding in findings
    ]
