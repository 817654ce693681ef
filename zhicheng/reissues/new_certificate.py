"""The new certificate: the old one's data with the corrections (N12, invariant 7)."""

from typing import Any

from django.db import connection
from django.utils import timezone

from zhicheng.certificates.models import Certificate, CertificateState, Origin
from zhicheng.certificates.rules import embosser_of
from zhicheng.organizations.models import Account, Organization
from zhicheng.reissues import content
from zhicheng.reissues.models import Field, Reissue
from zhicheng.values.dates import read_date


def value(reissue: Reissue, of: str) -> Any:
    """What the new certificate says in a field: the correction, else the old certificate's."""
    row = next((item for item in content.corrections_in(reissue) if item.field == of), None)
    if row is None:
        return getattr(reissue, of)
    return read_date(row.new_text).value if of == Field.APPROVAL_DATE else row.new_text


def write(
    reissue: Reissue, waiting: Certificate | None, serial: int, actor: Account
) -> tuple[Certificate, bytes]:
    """Writes it on a blank: a new one, or the one that waits; gives its digest, too."""
    now = timezone.now()
    if waiting is not None:
        waiting.state, waiting.blank_serial = CertificateState.FILLED, serial
        waiting.filled_at, waiting.filled_by = now, actor
        waiting.save(update_fields=["state", "blank_serial", "filled_at", "filled_by"])
        return waiting, _digest(waiting)
    department = reissue.approving_department_id
    assert department is not None
    number = next(
        (item for item in content.corrections_in(reissue) if item.field == Field.ID_NUMBER), None
    )
    office = Organization.objects.municipal_office()
    certificate = Certificate.objects.create(
        origin=Origin.REISSUE,
        number=reissue.new_number or "",
        position=1,
        approved_person=reissue.approved_person,
        reissue=reissue.pk,
        replaces=reissue.certificate,
        state=CertificateState.FILLED,
        blank_serial=serial,
        name=value(reissue, Field.NAME),
        sex=value(reissue, Field.SEX),
        id_kind=number.new_kind if number else reissue.id_kind,
        id_number_cipher=number.new_cipher if number else reissue.id_number_cipher,
        id_number_index=number.new_index if number else reissue.id_number_index,
        id_number_masked=number.new_text if number else reissue.id_number_masked,
        work_unit=value(reissue, Field.WORK_UNIT),
        specialty=value(reissue, Field.SPECIALTY),
        qualification=value(reissue, Field.QUALIFICATION),
        grade=reissue.grade,
        level=reissue.level,
        approval_date=value(reissue, Field.APPROVAL_DATE),
        document_number=value(reissue, Field.DOCUMENT_NUMBER),
        issuing_unit=reissue.unit,
        approving_department_id=department,
        embosser_id=embosser_of(
            reissue.grade, approving_department_id=department, municipal_office_id=office.pk
        ),
        filled_at=now,
        filled_by=actor,
    )
    return certificate, _digest(certificate)


def _digest(certificate: Certificate) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT certificate_digest(c.*) FROM certificates_certificate c WHERE id = %s",
            [certificate.pk],
        )
        return bytes(cursor.fetchone()[0])
