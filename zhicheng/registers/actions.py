"""Every change of a register's content: upload, correction, suggestions, rows (N2, N4, N6).

The steps on its way (submit, endorse, accept, return) are in ``steps`` and offered here too.
"""

import hashlib
from collections.abc import Mapping, Sequence

from django.db.models import F
from django.utils import timezone

from zhicheng.approvals.models import ApprovedPerson, Channel, ReviewMode
from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.organizations.guard import Actor, Console, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect_bytes
from zhicheng.registers.columns import KEY_OF_TITLE, KEYS
from zhicheng.registers.editing import (
    Also,
    Change,
    account_id,
    apply,
    check_again,
    editable,
    find_row,
    forget_tidied,
    nothing,
    offered_value,
    require_version,
    row_gone,
    touch,
)
from zhicheng.registers.listed import tidy_rows_of
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.registers.numbering.actions import number_and_record
from zhicheng.registers.paper import check_paper, print_register
from zhicheng.registers.reading import RegisterSheet, read_register
from zhicheng.registers.routing import route
from zhicheng.registers.rules import CheckedRow, CheckResult
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
    save_cells,
    stored_rows,
)
from zhicheng.registers.tidying import tidy_rows
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
    "check_paper",
    "correct_row",
    "endorse",
    "print_register",
    "remove_row",
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
    way = route(unit)
    report(READING)
    sheet = read_register(content)
    with recorded(actor, Action.REGISTER_UPLOAD) as record:
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
        note_upload(register, actor_id=account_id(actor))
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
        note_upload(register, actor_id=account_id(actor), taken=taken)
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
    """Corrects cells of a row (keys of ``columns.KEYS``) and checks the register again (N6).

    ``version`` is the row's as the person saw it: raises Conflict when somebody changed the row
    meanwhile, naming who and to what.
    """
    unknown = set(changes) - set(KEYS)
    if unknown:
        raise ValueError(f"no columns of the register: {sorted(unknown)}")
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, _register_of(row_id), Action.REGISTER_CORRECT)
        rows = stored_rows(register)
        row = find_row(rows, row_id)
        require_version(row, version, list(changes))
        changed = apply(row, changes)
        save_cells([row], changed_by=account_id(actor))
        forget_tidied(register, {row.pk: list(changes)})
        check_again(register, rows)
        touch(register)
        record(
            subject=register,
            data={"row": row.tidy.excel_row, "changes": changed},
            rows=ROWS,
            ids=[row.pk],
        )
    return RegisterRow.objects.get(pk=row_id)


@retrying
def accept_suggestion(*, actor: Actor, finding_id: int, version: int) -> None:
    """Takes over the value that a finding offers; ``version`` is the row's, as in correct_row.

    For ``approval.person_missing`` the missing person is added and ``version`` isn't asked.
    """
    finding = (
        RegisterFinding.objects.select_related("suggested_person__document")
        .filter(pk=finding_id)
        .first()
    )
    if finding is None:
        raise Refusal("finding.gone", "这一处已经更正，或已重新检查。", mend="请刷新页面。")
    if finding.row_id is None:
        person = finding.suggested_person_id
        add_people(
            actor=actor, register_id=finding.register_id, person_ids=[person] if person else []
        )
        return
    key = KEY_OF_TITLE[finding.column]
    correct_row(
        actor=actor,
        row_id=finding.row_id,
        changes={key: offered_value(finding, key)},
        version=version,
    )


@retrying
def accept_suggestions(*, actor: Actor, register_id: int, code: str) -> int:
    """Takes over all values that findings of one kind offer; gives how many cells changed."""
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, register_id, Action.REGISTER_CORRECT)
        offers: dict[int, dict[str, str]] = {}
        findings = register.findings.filter(code=code, row__isnull=False).exclude(suggestion="")
        for finding in findings.exclude(severity=Severity.TIDIED).select_related(
            "suggested_person__document"
        ):
            key = KEY_OF_TITLE[finding.column]
            assert finding.row_id is not None
            if key != "id_number" or finding.suggested_person_id is not None:
                offers.setdefault(finding.row_id, {})[key] = offered_value(finding, key)
        if not offers:
            raise Refusal(
                "finding.no_suggestion",
                "这一类检查结果没有可以采用的建议。",
                mend="请逐处更正。",
            )
        rows = stored_rows(register)
        changed: list[Change] = []
        touched = [row for row in rows if row.pk in offers]
        for row in touched:
            told = apply(row, offers[row.pk])
            changed.append({"row": row.tidy.excel_row, "changes": told})
        save_cells(touched, changed_by=account_id(actor))
        forget_tidied(register, {pk: list(keys) for pk, keys in offers.items()})
        check_again(register, rows)
        touch(register)
        record(
            subject=register,
            data={"code": code, "count": len(changed), "rows": changed},
            rows=ROWS,
            ids=[row.pk for row in touched],
        )
    return sum(len(told["changes"]) for told in changed)


@retrying
def remove_row(*, actor: Actor, row_id: int, version: int) -> None:
    """Takes a row off the register; the rows below move up."""
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, _register_of(row_id), Action.REGISTER_CORRECT)
        rows = stored_rows(register)
        row = find_row(rows, row_id)
        require_version(row, version, KEYS)
        held = RegisterRow.objects.get(pk=row_id)
        told = {
            "removed": held.position,
            "row": row.tidy.excel_row,
            "name": held.name,
            "certificate_number": held.certificate_number,
        }
        held.delete()
        register.rows.filter(position__gt=held.position).update(position=F("position") - 1)
        rows.remove(row)
        check_again(register, rows)
        touch(register)
        record(subject=register, data=told, rows=ROWS, ids=[row_id])


@retrying
def add_people(
    *,
    actor: Actor,
    register_id: int,
    person_ids: Sequence[int],
    with_numbers: bool = False,
) -> list[int]:
    """Adds approved people as new rows at the end, with all that the approval document says.

    Their certificate numbers stay to be filled in, unless ``with_numbers`` asks the issuing
    unit's rule for them. Raises Refusal for people who are on the
    register already or whose documents give no certificates on paper (N16, N17).
    """
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, register_id, Action.REGISTER_CORRECT)
        people = list(
            ApprovedPerson.objects.select_related("document")
            .filter(pk__in=person_ids)
            .exclude(document__review_mode=ReviewMode.SELF_MANAGED)
            .exclude(document__channel=Channel.ONLINE)
            .exclude(pk__in=register.rows.exclude(approved_person=None).values("approved_person"))
            .order_by("document_id", "id")
        )
        if not people or len(people) != len(set(person_ids)):
            raise Refusal(
                "register.people_not_addable",
                "所选人员中有的已在登记表中，或者不领取全市统一的职称证书，没有添加。",
                clause="N2",
                found=f"可添加 {len(people)} 人",
                expected=f"所选 {len(set(person_ids))} 人",
                mend="请刷新页面后重新选择。",
            )
        rows = tidy_rows_of(people, register)
        ids = add_rows(
            register,
            CheckResult([CheckedRow(row, None) for row in rows], []),
            first=register.row_count + 1,
            changed_by=account_id(actor),
        )
        check_again(register, stored_rows(register))
        if with_numbers:
            number_and_record(register, actor, record, row_ids=set(ids))
            check_again(register, stored_rows(register))
        touch(register)
        record(
            subject=register,
            data={"added": [person.name for person in people]},
            rows=ROWS,
            ids=ids,
        )
    return ids
