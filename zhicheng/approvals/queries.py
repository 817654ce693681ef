"""Reads approval documents and the people they list."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Q, QuerySet

from zhicheng.approvals.book import ApprovalBook, ListedDocument, ListedPerson
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson, ReviewRecord
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import PERMISSIONS, Action, Relation, Role
from zhicheng.protection import reveal_bytes

_PEOPLE = """
SELECT p.id, p.id_number_index, d.number, p.name, p.sex, p.id_number_masked, p.work_unit,
       p.qualification, p.specialty, p.approval_date, p.level, p.grade
FROM approvals_approvedperson p JOIN approvals_approvaldocument d ON d.id = p.document_id
WHERE p.id IN (
    SELECT id FROM approvals_approvedperson WHERE id_number_index = ANY(%(keys)s)
    UNION
    SELECT id FROM approvals_approvedperson
    WHERE document_id = ANY(%(documents)s) AND name = ANY(%(names)s)
    UNION
    SELECT id FROM approvals_approvedperson
    WHERE document_id = ANY(%(documents)s) AND work_unit = ANY(%(units)s)
)
ORDER BY p.id
"""


def approval_book(
    *,
    numbers: Collection[str],
    keys: Collection[bytes],
    names: Collection[str],
    units: Collection[str],
) -> ApprovalBook:
    """What a register can be asked about, in two statements.

    The documents of these numbers with whoever in them has one of the names or work units, and
    everybody with one of the blind indexes (``keys``) in any document.
    """
    documents = {
        pk: ListedDocument(number, mode, channel)
        for pk, number, mode, channel in ApprovalDocument.objects.filter(
            number__in=list(numbers)
        ).values_list("pk", "number", "review_mode", "channel")
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _PEOPLE,
            {
                "keys": list(keys),
                "documents": list(documents),
                "names": list(names),
                "units": list(units),
            },
        )
        people = [ListedPerson(*row) for row in cursor.fetchall()]
    return ApprovalBook(documents.values(), people)


def visible(account: Account) -> QuerySet[ApprovalDocument]:
    """The documents that the account may see, without their scans."""
    documents = ApprovalDocument.objects.select_related(
        "approving_department", "review_unit"
    ).defer("scan")
    grants = PERMISSIONS[Action.APPROVAL_VIEW]
    role, organization = Role(account.role), account.organization
    if (role, Relation.ANY) in grants:
        return documents
    if organization.is_municipal_office and (role, Relation.MUNICIPAL) in grants:
        return documents
    if (role, Relation.APPROVING) in grants:
        return documents.filter(approving_department=organization)
    return documents.none()


def people_of(document: ApprovalDocument) -> QuerySet[ApprovedPerson]:
    """The listed people without their encrypted numbers, in the list's order."""
    return ApprovedPerson.objects.filter(document=document).defer("id_number_cipher").order_by("id")


def scan_of(document: ApprovalDocument) -> bytes | None:
    """The scan's bytes; None when none is attached."""
    scan = ApprovalDocument.objects.values_list("scan", flat=True).get(pk=document.pk)
    return reveal_bytes(bytes(scan)) if scan is not None else None


def review_records(account: Account) -> QuerySet[ReviewRecord]:
    """The records that the account may see: all for the office and auditors, else its own.

    An approving department sees those whose results it announces too.
    """
    records = ReviewRecord.objects.select_related("unit", "department")
    if may(account, Action.APPROVAL_VIEW):
        return records
    organization = account.organization_id
    return records.filter(Q(unit=organization) | Q(department=organization))


def records_concerning(organizations: Collection[int]) -> list[ReviewRecord]:
    """Every record of these units, or announced by these departments, in one statement."""
    ids = list(organizations)
    return list(ReviewRecord.objects.filter(Q(unit__in=ids) | Q(department__in=ids)).order_by("pk"))
