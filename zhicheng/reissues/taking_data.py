"""Puts the data into an application: of the certificate on file, an old ledger, or typed (N10)."""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.organizations.models import Kind as UnitKind
from zhicheng.organizations.models import Organization
from zhicheng.protection import blind_index, protect
from zhicheng.reference.models import Grade, Level, Qualification
from zhicheng.reissues import content, old_certificates, rules
from zhicheng.reissues.content import Application
from zhicheng.reissues.models import Kind, Match, Reissue, Source
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Refusal

GRADES = {
    Level.SENIOR_FULL: Grade.SENIOR,
    Level.SENIOR_DEPUTY: Grade.SENIOR,
    Level.INTERMEDIATE: Grade.INTERMEDIATE,
    Level.ASSISTANT: Grade.JUNIOR,
    Level.TECHNICIAN: Grade.JUNIOR,
}


def work_unit_on_file(name: str) -> Organization | None:
    """The organisation of this name in force today, if it is on file."""
    return (
        Organization.objects.in_force(timezone.localdate())
        .filter(name=name)
        .exclude(kind__in=(UnitKind.MUNICIPAL_OFFICE, UnitKind.EMPLOYER))
        .first()
    )


def fill_from(reissue: Reissue, given: Application, unit: Organization) -> None:
    """Puts the data into the application: the certificate's on file, or the typed ones."""
    person = blind_index(given.id_number)
    certificate = old_certificates.on_file(given.old_number, given.name, person)
    old_certificates.require_replaceable(certificate, given.old_number, person, but=reissue.pk)
    reissue.unit, reissue.old_number, reissue.certificate = unit, given.old_number, certificate
    if certificate is not None:
        reissue.source, reissue.match = Source.CERTIFICATE, Match.MATCHED
        for name in (
            "name", "sex", "id_kind", "id_number_cipher", "id_number_index", "id_number_masked",
            "work_unit", "specialty", "qualification", "level", "grade", "approval_date",
            "document_number", "approved_person", "approving_department",
        ):  # fmt: skip
            setattr(reissue, name, getattr(certificate, name))
        if reissue.approved_person is None:
            reissue.match = Match.DECIDED
            reissue.match_note = "原证书已在证书库中"
    else:
        _fill_typed(reissue, given, person)
    reissue.work_unit_organization = work_unit_on_file(reissue.work_unit)
    reissue.birth_month = content.birth_month_of(given.id_number, given.birth_month)
    reissue.telephone_cipher = protect(given.telephone)
    reissue.telephone_masked = rules.mask_telephone(given.telephone)
    reissue.reason, reissue.damaged = given.reason[:300], given.damaged
    lost = given.kind == Kind.REPLACEMENT
    reissue.newspaper_name = given.newspaper_name[:100] if lost else ""
    reissue.newspaper_date = given.newspaper_date if lost else None
    reissue.newspaper_page = given.newspaper_page[:20] if lost else ""
    content.require_corrections(given, reissue)


def _fill_typed(reissue: Reissue, given: Application, person: bytes) -> None:
    content.require_old_data(given)
    record = old_certificates.in_old_ledgers(given.old_number, person)
    reissue.source = Source.LEGACY if record else Source.PAPER
    reissue.name, reissue.sex = given.name, given.sex
    reissue.id_kind = content.require_id_number(given.id_number, given.id_kind, "身份证号码")
    reissue.id_number_cipher, reissue.id_number_index = protect(given.id_number), person
    reissue.id_number_masked = mask(given.id_number)
    reissue.work_unit = given.work_unit
    if record:
        reissue.name = record.name
        reissue.specialty, reissue.qualification = record.specialty, record.qualification
        reissue.approval_date = record.approval_date
        reissue.document_number = record.document_number
    else:
        assert given.approval_date is not None
        reissue.specialty, reissue.qualification = given.specialty, given.qualification
        reissue.approval_date, reissue.document_number = given.approval_date, given.document_number
    listed = old_certificates.matching_people(
        person, reissue.document_number, reissue.qualification
    )
    for item in listed:
        old_certificates.require_unified(item, given.old_number)
    match = _matched(reissue, listed)
    reissue.match = Match.MATCHED if match else Match.UNMATCHED
    reissue.match_note, reissue.approved_person = "", match
    reissue.approving_department = match.document.approving_department if match else None
    if match is not None:
        old_certificates.require_no_other(match, given.old_number, but=reissue.pk)
        reissue.level, reissue.grade = match.level, match.grade
        return
    level = given.level or _only_level(reissue.qualification)
    if not level:
        raise Refusal(
            "reissue.level_missing",
            "请选择原证书的级别。",
            clause="N10",
            found="级别为空",
            expected="、".join(str(label) for label in Level.labels),
        )
    reissue.level, reissue.grade = level, GRADES[Level(level)]


def _matched(reissue: Reissue, listed: Sequence[ApprovedPerson]) -> ApprovedPerson | None:
    """The one entry that says the same as the typed data; None where any of them differs."""
    same = [
        item
        for item in listed
        if (item.name, item.specialty, item.approval_date)
        == (reissue.name, reissue.specialty, reissue.approval_date)
    ]
    return same[0] if len(same) == 1 else None


def _only_level(qualification: str) -> str:
    levels = list(
        Qualification.objects.filter(name=qualification).values_list("level", flat=True).distinct()
    )
    return levels[0] if len(levels) == 1 else ""
