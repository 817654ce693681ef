"""Who the approval documents list for a unit: what a register or a template is made from (N2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson, Channel, ReviewMode
from zhicheng.organizations.models import Organization
from zhicheng.protection import blind_index, reveal
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.registers.tidying import TidyRow
from zhicheng.values.dates import read_date
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class ListedFor:
    """A document with how many people it lists for the unit, and how many are on no register.

    ``closed`` says why its people are never on a paper register, by ``clause``.
    """

    document: ApprovalDocument
    people: int
    waiting: int
    closed: str = ""
    clause: str = ""


def work_units(unit: Organization) -> list[str]:
    """Under which work units people count as the unit's.

    Its own name, and the work units of rows that it has filed before and that were accepted: a
    district office files for the hospitals and schools of its district.
    """
    return names_of(unit, RegisterRow.objects.filter(register__reporting_unit=unit, accepted=True))


def names_of(unit: Organization, before: QuerySet[RegisterRow]) -> list[str]:
    """Its own names and the work units of these rows."""
    names = {unit.name, unit.short_name, *before.values_list("work_unit", flat=True).distinct()}
    return sorted(name for name in names if name)


def people_for(unit: Organization) -> QuerySet[ApprovedPerson]:
    """Everybody whom a document lists for the unit, by document and in its order."""
    return (
        ApprovedPerson.objects.filter(work_unit__in=work_units(unit))
        .select_related("document")
        .defer("document__scan")
        .order_by("document_id", "id")
    )


def waiting_people(unit: Organization, documents: Collection[int]) -> QuerySet[ApprovedPerson]:
    """Those of these documents who get a paper certificate and stand on no register yet."""
    return on_no_register(people_for(unit)).filter(document__in=list(documents))


def on_no_register(people: QuerySet[ApprovedPerson]) -> QuerySet[ApprovedPerson]:
    """Those of these people who get a paper certificate and stand on no register yet."""
    stands = RegisterRow.objects.filter(approved_person=OuterRef("pk"))
    return (
        people.filter(~Exists(stands))
        .exclude(document__review_mode=ReviewMode.SELF_MANAGED)
        .exclude(document__channel=Channel.ONLINE)
    )


def on_paper() -> QuerySet[ApprovalDocument]:
    """The documents whose people get a paper certificate (``closed_reason`` says why not)."""
    return ApprovalDocument.objects.exclude(review_mode=ReviewMode.SELF_MANAGED).exclude(
        channel=Channel.ONLINE
    )


def documents_for(unit: Organization) -> list[ListedFor]:
    """The documents that list people for the unit, newest first, in two statements."""
    stands = RegisterRow.objects.filter(approved_person=OuterRef("pk"))
    counted = {
        row["document"]: row
        for row in ApprovedPerson.objects.filter(work_unit__in=work_units(unit))
        .annotate(stands=Exists(stands))
        .order_by()
        .values("document")
        .annotate(people=Count("pk"), waiting=Count("pk", filter=Q(stands=False)))
    }
    documents = (
        ApprovalDocument.objects.filter(pk__in=list(counted))
        .select_related("approving_department")
        .defer("scan")
        .order_by("-issued_on", "-pk")
    )
    found = []
    for document in documents:
        row = counted[document.pk]
        closed, clause = closed_reason(document)
        found.append(ListedFor(document, row["people"], row["waiting"], closed, clause))
    return found


def closed_reason(document: ApprovalDocument) -> tuple[str, str]:
    """Why the document's people are on no paper register, with the clause; empty: they are."""
    if document.review_mode == ReviewMode.SELF_MANAGED:
        return _("自主评审：由单位自主印制证书核发，不领取全市统一的职称证书。"), "N16"
    if document.channel == Channel.ONLINE:
        return _("线上评审：证书由系统自动生成，不在纸质登记表上填报。"), "N17"
    return "", ""


def require_open(documents: Collection[ApprovalDocument]) -> None:
    """Raises Refusal, with the clause, for documents that give no certificates on paper."""
    for document in documents:
        reason, clause = closed_reason(document)
        if reason:
            raise Refusal(
                "approval.self_issued" if clause == "N16" else "approval.online",
                reason,
                clause=clause,
                found=f"{document.number}（{document.get_review_mode_display()}，"
                f"{document.get_channel_display()}）",
                expected="线下评审、由核准部门统一发文公布的核准文件",
                mend="请改选其他核准文件。",
            )


def tidy_rows_of(people: Sequence[ApprovedPerson], register: Register) -> list[TidyRow]:
    """Rows with all that the approval document says; the certificate numbers stay empty."""
    department = (register.endorser or register.issuing_unit).name
    return [_row_of(person, department) for person in people]


def _row_of(person: ApprovedPerson, department: str) -> TidyRow:
    number = reveal(bytes(person.id_number_cipher))
    day = person.approval_date.isoformat()
    return TidyRow(
        excel_row=0,
        values=[
            "",
            person.work_unit,
            department,
            person.name,
            person.sex,
            number,
            person.specialty,
            person.qualification,
            day,
            person.document.number,
        ],
        approved_on=read_date(day),
        key=blind_index(number),
    )
