"""Every change of approval documents, by the municipal office alone (N2, N15-N17)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from zhicheng.approvals import reading
from zhicheng.approvals.coverage import listed_in_other_channel, uncovered_results
from zhicheng.approvals.imported import tell_imported
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.approvals.rules import (
    DocumentFacts,
    ListResult,
    PersonFacts,
    check_list,
)
from zhicheng.approvals.vocabulary import SELF_MANAGED
from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect, protect_bytes
from zhicheng.reference.catalog import load_catalog
from zhicheng.values.finding import ERROR, Finding
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

SCAN_BYTES = 30 * 1024 * 1024
SCAN_KINDS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
_PERSON_FIELDS = (
    "id",
    "document_id",
    "name",
    "sex",
    "id_kind",
    "id_number_cipher",
    "id_number_index",
    "id_number_masked",
    "work_unit",
    "qualification",
    "specialty",
    "series",
    "level",
    "grade",
    "approval_date",
)


@dataclass(frozen=True)
class ImportReport:
    """What an import did: everything when ``taken``, else nothing, and why in ``findings``."""

    taken: bool
    documents: int
    people: int
    findings: Sequence[Finding]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == ERROR for finding in self.findings)

    def as_text(self) -> str:
        """Lines for a person at the command line."""
        lines = [
            f"第{finding.row}行 {finding.column}：{finding.message}"
            + (f" 现为：{finding.value}" if finding.value else "")
            + f" [{finding.code}]"
            for finding in self.findings
            if finding.severity == ERROR
        ]
        if self.taken:
            lines.append(f"已导入 {self.documents} 份核准文件，{self.people} 人。")
        else:
            lines.append(f"有 {self.errors} 处错误，全部没有导入。")
        return "\n".join(lines)


class _NothingTaken(Exception):
    """Rolls the import back; the report says why."""


@retrying
def import_list(*, actor: Actor, content: bytes, name: str) -> ImportReport:
    """Takes the approval documents of a list workbook, all of it or nothing.

    A document that is on file already gets the people added whom it doesn't list yet. Raises
    NotPermitted, or Refusal when the file itself can't be used; faults of rows are in the report.
    """
    require(actor, Action.APPROVAL_IMPORT)
    sheet = reading.read_list(content)
    result = check_list(
        sheet.rows,
        catalog=load_catalog(),
        today=timezone.localdate(),
        date_1904=sheet.date_1904,
    )
    departments = _match_departments(result)
    if not result.errors:
        source = {"file": hide_id_numbers(name)[:200], "sha256": _sha256(content)}
        try:
            _write(actor, result, departments, source)
        except _NothingTaken:
            pass
        else:
            tell_imported(actor, list(result.documents))
            return ImportReport(True, len(result.documents), len(result.people), result.findings)
    return ImportReport(False, 0, 0, result.findings)


def _write(
    actor: Actor,
    result: ListResult,
    departments: Mapping[str, Organization],
    source: Mapping[str, str],
) -> None:
    with recorded(actor, Action.APPROVAL_IMPORT) as record:
        _one_import_at_a_time()
        keys = [blind_index(person.id_number) for person in result.people]
        on_file = {
            document.number: document
            for document in ApprovalDocument.objects.filter(number__in=result.documents)
            .select_related("approving_department")
            .defer("scan")
        }
        _compare_with_file(result, on_file, departments)
        _refuse_listed_before(result, on_file, keys)
        if result.errors:
            raise _NothingTaken
        result.findings += listed_in_other_channel(result, keys)
        documents = on_file | _new_documents(result, on_file, departments, actor)
        ids = new_ids(ApprovedPerson, len(result.people))
        copy_rows(
            ApprovedPerson,
            _PERSON_FIELDS,
            (
                _person_row(pk, person, documents[person.document].pk, key)
                for pk, person, key in zip(ids, result.people, keys, strict=True)
            ),
        )
        listed: dict[str, list[int]] = {number: [] for number in result.documents}
        for pk, person in zip(ids, result.people, strict=True):
            listed[person.document].append(pk)
        _count_people([document.pk for document in documents.values()])
        for number, people in listed.items():
            record(
                subject=documents[number],
                data={**source, "number": number, "people": len(people)},
                rows=ApprovedPerson._meta.label_lower,
                ids=people,
            )


def _one_import_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE approvals_approvaldocument IN SHARE ROW EXCLUSIVE MODE")


def _match_departments(result: ListResult) -> dict[str, Organization]:
    """The organisations that the list names, by name or short name (N15, N16)."""
    named = {document.department for document in result.documents.values()}
    named |= {each.review_unit for each in result.documents.values() if each.review_unit}
    # Those in force come last and so win; a full name wins over a short one.
    known = list(
        Organization.objects.filter(Q(name__in=named) | Q(short_name__in=named)).order_by(
            F("valid_to").asc(nulls_last=True)
        )
    )
    found = {organization.short_name: organization for organization in known}
    found |= {organization.name: organization for organization in known}
    for document in result.documents.values():
        if not document.department:
            continue
        organization = found.get(document.department)
        if organization is None:
            _add(result, document, "department.unknown", "没有登记名为此的核准部门")
        elif document.review_mode != SELF_MANAGED and not organization.is_approving_department:
            reason = f"{organization.name}不是资格核准部门"
            _add(result, document, "department.not_approving", reason, clause="N15")
    result.findings += uncovered_results(result, found)
    return found


def _compare_with_file(
    result: ListResult,
    on_file: Mapping[str, ApprovalDocument],
    departments: Mapping[str, Organization],
) -> None:
    for number, known in on_file.items():
        told = result.documents[number]
        same = (
            known.approving_department_id == departments[told.department].pk
            and known.review_mode == told.review_mode
            and known.channel == told.channel
            and (not told.issued_on or not known.issued_on or known.issued_on == told.issued_on)
        )
        if not same:
            reason = "该文件已经导入，核准部门、评审方式、申报渠道或发文日期与已导入的不一致"
            _add(result, told, "document.inconsistent", reason)


def _refuse_listed_before(
    result: ListResult, on_file: Mapping[str, ApprovalDocument], keys: Sequence[bytes]
) -> None:
    """Who is listed already stays as listed: a second listing is a fault of the list."""
    if not on_file:
        return
    listed = {
        (number, bytes(index), qualification, specialty)
        for number, index, qualification, specialty in ApprovedPerson.objects.filter(
            document__in=list(on_file.values())
        ).values_list("document__number", "id_number_index", "qualification", "specialty")
    }
    for person, key in zip(result.people, keys, strict=True):
        if (person.document, key, person.qualification, person.specialty) in listed:
            result.findings.append(
                Finding(
                    row=person.row,
                    column="身份证号码",
                    code="person.duplicate",
                    severity=ERROR,
                    value=mask(person.id_number),
                    suggestion="",
                    message=f"{person.name}的同一资格已列入{person.document}，不能重复导入。",
                    clause="N2",
                    index=person.index,
                )
            )


def _add(
    result: ListResult, document: DocumentFacts, code: str, reason: str, *, clause: str = "N2"
) -> None:
    result.findings.append(
        Finding(
            row=document.row,
            column="核准部门" if "inconsistent" not in code else "批准文号",
            code=code,
            severity=ERROR,
            value=document.department if "inconsistent" not in code else document.number,
            suggestion="",
            message=f"{reason}。",
            clause=clause,
            index=document.index,
        )
    )


def _new_documents(
    result: ListResult,
    on_file: Collection[str],
    departments: Mapping[str, Organization],
    actor: Actor,
) -> dict[str, ApprovalDocument]:
    created = ApprovalDocument.objects.bulk_create(
        [
            ApprovalDocument(
                number=document.number,
                approving_department=departments[document.department],
                review_mode=document.review_mode,
                channel=document.channel,
                review_unit=departments.get(document.review_unit),
                issued_on=document.issued_on,
                imported_by=actor if isinstance(actor, Account) else None,
            )
            for number, document in result.documents.items()
            if number not in on_file
        ]
    )
    return {document.number: document for document in created}


def _person_row(pk: int, person: PersonFacts, document_id: int, key: bytes) -> tuple[Any, ...]:
    return (
        pk,
        document_id,
        person.name,
        person.sex,
        person.id_kind,
        protect(person.id_number),
        key,
        mask(person.id_number),
        person.work_unit,
        person.qualification,
        person.specialty,
        person.series,
        person.level,
        person.grade,
        person.approval_date,
    )


def _count_people(document_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE approvals_approvaldocument d SET people_count = c.people FROM (
                SELECT document_id, count(*) AS people FROM approvals_approvedperson
                WHERE document_id = ANY(%s) GROUP BY document_id
            ) c WHERE c.document_id = d.id
            """,
            [list(document_ids)],
        )


def attach_scan(*, actor: Actor, document_id: int, content: bytes, name: str) -> ApprovalDocument:
    """Keeps the scan of the document (PDF, JPEG, PNG or TIFF), encrypted, with its SHA-256."""
    with recorded(actor, Action.APPROVAL_ATTACH_SCAN) as record:
        document = ApprovalDocument.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=document_id
        )
        require(actor, Action.APPROVAL_ATTACH_SCAN, document)
        kind = next((kind for magic, kind in SCAN_KINDS.items() if content.startswith(magic)), "")
        if not kind or len(content) > SCAN_BYTES:
            raise Refusal(
                "scan.unusable",
                "扫描件应为 PDF 或图片文件，且不能过大。",
                clause="N2",
                found=f"{len(content) / 1024 / 1024:.1f} MB" if kind else "其他格式的文件",
                expected=f"PDF、JPG、PNG、TIFF，不超过 {SCAN_BYTES // 1024 // 1024} MB",
                mend="请重新扫描后上传。",
            )
        digest = _sha256(content)
        document.scan = protect_bytes(content)
        document.scan_name = hide_id_numbers(name)[:200]
        document.scan_type = kind
        document.scan_sha256 = digest
        document.save(update_fields=["scan", "scan_name", "scan_type", "scan_sha256"])
        record(subject=document, data={"number": document.number, "sha256": digest})
    return document


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
