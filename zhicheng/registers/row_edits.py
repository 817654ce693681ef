"""Takes rows off a register and adds listed people to it (N2, N6)."""

from collections.abc import Mapping, Sequence

from django.db import connection
from django.db.models import Q

from zhicheng.approvals.models import ApprovedPerson, Channel, ReviewMode
from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.permissions import Action
from zhicheng.registers.cell_edits import append_rows
from zhicheng.registers.columns import KEYS
from zhicheng.registers.editing import (
    account_id,
    changed_before,
    check_again,
    editable,
    row_gone,
)
from zhicheng.registers.listed import tidy_rows_of
from zhicheng.registers.live_check import settle, with_duplicates
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.registers.numbering.actions import number_and_record
from zhicheng.registers.recheck import Changed
from zhicheng.registers.storing import stored_rows
from zhicheng.values.refusal import Refusal

ROWS = RegisterRow._meta.label_lower
_CLOSE_GAPS = """
UPDATE registers_registerrow AS row SET position = counted.place
FROM (
    SELECT id, row_number() OVER (ORDER BY position) AS place
    FROM registers_registerrow WHERE register_id = %s
) AS counted
WHERE row.id = counted.id AND row.position <> counted.place
"""


@retrying
def remove_rows(*, actor: Actor, register_id: int, versions: Mapping[int, int]) -> list[str]:
    """Takes rows (id: version as seen) off the register, all or none; the rows below move up.

    Gives the names. Raises Conflict when somebody changed one of them meanwhile.
    """
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, register_id, Action.REGISTER_CORRECT)
        rows = stored_rows(register, Q(pk__in=list(versions)))
        if not versions or len(rows) != len(versions):
            raise row_gone()
        going = register.rows.filter(pk__in=list(versions)).select_related("changed_by")
        held = list(going.order_by("position"))
        for row in held:
            if row.version != versions[row.pk]:
                raise changed_before(row, KEYS)
        renumbered = with_duplicates(register) - versions.keys()
        going.delete()
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE_GAPS, [register.pk])
        register.row_count -= len(held)
        settle(
            register,
            Changed({row.pk: row.tidy for row in rows}, {}, renumbered),
            changed_by=account_id(actor),
        )
        told = [_told(row) for row in held]
        data = told[0] if len(told) == 1 else {"count": len(told), "removed_rows": told}
        record(subject=register, data=data, rows=ROWS, ids=[row.pk for row in held])
    return [row.name for row in held]


def remove_row(*, actor: Actor, row_id: int, version: int) -> None:
    """Takes a row off its register; the rows below move up."""
    register = RegisterRow.objects.filter(pk=row_id).values_list("register_id", flat=True).first()
    if register is None:
        raise row_gone()
    remove_rows(actor=actor, register_id=register, versions={row_id: version})


def _told(row: RegisterRow) -> dict[str, object]:
    return {
        "removed": row.position,
        "row": row.excel_row or row.position,
        "name": row.name,
        "certificate_number": row.certificate_number,
    }


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
    unit's rule for them. Raises Refusal for people who are on the register already or whose
    documents give no certificates on paper (N16, N17).
    """
    with recorded(actor, Action.REGISTER_CORRECT) as record:
        register = editable(actor, register_id, Action.REGISTER_CORRECT)
        people = _addable(register, person_ids)
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
        ids = append_rows(register, rows, changed_by=account_id(actor))
        added = Changed({}, dict(zip(ids, rows, strict=True)))
        settle(register, added, changed_by=account_id(actor))
        if with_numbers:
            number_and_record(register, actor, record, row_ids=set(ids))
            check_again(register, stored_rows(register))
            # Numbers were given after that: whoever looks on loads the whole register.
            register.changes.filter(version=register.version).delete()
        record(
            subject=register,
            data={"added": [person.name for person in people]},
            rows=ROWS,
            ids=ids,
        )
    return ids


def _addable(register: Register, person_ids: Sequence[int]) -> list[ApprovedPerson]:
    there = register.rows.exclude(approved_person=None).values("approved_person")
    return list(
        ApprovedPerson.objects.select_related("document")
        .filter(pk__in=person_ids)
        .exclude(document__review_mode=ReviewMode.SELF_MANAGED)
        .exclude(document__channel=Channel.ONLINE)
        .exclude(pk__in=there)
        .order_by("document_id", "id")
    )
