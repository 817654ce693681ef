"""Who may still come to an organisation that is to be ended, counted to a limit (N4, N8).

Only the newest documents are looked through, and only the newest registers for the work units that
count as the unit's: among millions who were filed long ago nobody waits for the few who weren't.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.listed import names_of, on_no_register, on_paper
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values.text import shown

COUNTED = 1_000
# How many documents or registers are looked through, and how many people in them.
PAPERS, PEOPLE = 1_000, 50_000


def people_to_come(organization: Organization) -> Sequence[Left]:
    """Approved people on no register yet, of the unit and of the department (N4, N8).

    A warning alone: they are the unit's by its name, which may be another's, and nobody may ever
    file them.
    """
    names, all_names = _work_units(organization)
    documents, all_documents = _newest(on_paper(), "people_count", None)
    theirs, all_theirs = _newest(
        on_paper().filter(approving_department=organization), "people_count", PEOPLE
    )
    return [
        _counted(
            shown("已核准、尚未列入登记表的本单位人员（人）"),
            ApprovedPerson.objects.filter(document__in=documents, work_unit__in=names),
            all_of_them=all_names and all_documents,
        ),
        _counted(
            shown("本机构核准、待其压印钢印、尚未列入登记表的人员（人）"),
            ApprovedPerson.objects.filter(document__in=theirs).exclude(grade=Grade.SENIOR),
            all_of_them=all_theirs,
        ),
    ]


def _counted(what: str, people: QuerySet[ApprovedPerson], *, all_of_them: bool) -> Left:
    count = on_no_register(people).order_by().values("pk")[: COUNTED + 1].count()
    return Left(what, min(count, COUNTED), more=count > COUNTED or not all_of_them)


def _work_units(unit: Organization) -> tuple[list[str], bool]:
    """As ``listed.work_units``, as far as the newest registers tell, and whether that is all."""
    accepted = Register.objects.filter(reporting_unit=unit, state="accepted")
    registers, all_of_them = _newest(accepted, "row_count", PEOPLE)
    rows = RegisterRow.objects.filter(register__in=registers, accepted=True)
    return names_of(unit, rows), all_of_them


def _newest(rows: QuerySet[Any], size: str, most: int | None) -> tuple[list[int], bool]:
    """The newest ones with so many people in them at most, and whether these are all."""
    found: list[int] = []
    total = 0
    for pk, people in rows.order_by("-pk").values_list("pk", size)[: PAPERS + 1]:
        total += people
        if len(found) == PAPERS or (found and most is not None and total > most):
            return found, False
        found.append(pk)
    return found, True
