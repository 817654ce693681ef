"""Makes a register from approval documents, with no Excel at all (N2, N6)."""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers.editing import account_id, check_again
from zhicheng.registers.embossers import embossers_for
from zhicheng.registers.listed import people_for, require_open, tidy_rows_of
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow
from zhicheng.registers.numbering.actions import number_and_record
from zhicheng.registers.routing import held_route
from zhicheng.registers.storing import (
    FINDING_FIELDS,
    add_rows,
    check,
    count,
    finding_rows,
    stored_rows,
)
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers


@retrying
def make_register(
    *,
    actor: Actor,
    unit: Organization,
    person_ids: Sequence[int],
    year: int,
    filler: str = "",
    telephone: str = "",
    with_numbers: bool = False,
) -> Register:
    """A register in draft with these approved people and all that their documents say.

    With ``with_numbers`` the issuing unit's rule gives the certificate numbers in the same
    transaction. Raises NotPermitted, or Refusal: N16 and N17, people who aren't listed for the
    unit or stand on a register already, whose approving department has ended, no numbering rule.
    """
    require(actor, Action.REGISTER_MAKE, unit)
    with recorded(actor, Action.REGISTER_MAKE) as record:
        way = held_route(unit.pk, embossers_for(person_ids))
        people = _people(unit, person_ids)
        (pk,) = new_ids(Register, 1)
        register = Register(
            pk=pk,
            number=f"DJ{year}-{pk:06d}",
            reporting_unit=unit,
            endorser=way.endorser,
            issuing_unit=way.issuing_unit,
            year=year,
            filler=hide_id_numbers(filler.strip())[:60],
            telephone=hide_id_numbers(telephone.strip())[:40],
            created_by_id=account_id(actor),
        )
        register.save(force_insert=True)
        rows = tidy_rows_of(people, register)
        result = check(register, rows)
        ids = add_rows(register, result, changed_by=account_id(actor))
        copy_rows(RegisterFinding, FINDING_FIELDS, finding_rows(register, ids, result.findings))
        count(register, len(rows), result)
        register.save(update_fields=["row_count", "error_count", "warning_count"])
        if with_numbers:
            number_and_record(register, actor, record)
            check_again(register, stored_rows(register))
        record(
            subject=register,
            data={
                "number": register.number,
                "unit": unit.name,
                "documents": sorted({person.document.number for person in people}),
                "rows": len(rows),
            },
            rows=RegisterRow._meta.label_lower,
            ids=ids,
        )
    return register


def _people(unit: Organization, person_ids: Sequence[int]) -> list[ApprovedPerson]:
    """The chosen people in their documents' order; whoever can't be taken refuses all."""
    wanted = set(person_ids)
    if not wanted:
        raise Refusal(
            "register.nobody_chosen",
            "没有选择人员，没有生成登记表。",
            clause="A1",
            found="0 人",
            expected="至少 1 人",
            mend="请勾选人员。",
        )
    people = list(people_for(unit).filter(pk__in=wanted))
    require_open(
        ApprovalDocument.objects.filter(people__in=wanted).defer("scan").distinct().order_by("pk")
    )
    taken = RegisterRow.objects.filter(approved_person__in=wanted)
    standing = set(taken.values_list("approved_person", flat=True))
    free = [person for person in people if person.pk not in standing]
    if len(free) != len(wanted):
        raise Refusal(
            "register.people_not_addable",
            "所选人员中有的已在登记表中，或者核准文件没有列在本单位名下，没有生成登记表。",
            clause="N2",
            found=f"可列入 {len(free)} 人",
            expected=f"所选 {len(wanted)} 人",
            mend="请刷新页面后重新选择。",
        )
    return free


def this_year() -> int:
    """The year that a new register is for, unless somebody says otherwise."""
    return timezone.localdate().year
