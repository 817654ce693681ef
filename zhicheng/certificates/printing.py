"""What stands on a certificate's blank; the only place where a batch is decrypted (N6, N8)."""

from datetime import date

from zhicheng.certificates.models import Certificate
from zhicheng.credentials.claims import Claims
from zhicheng.documents.certificate_sheet import CertificateData
from zhicheng.protection import reveal
from zhicheng.reference.models import Level


def claims_of(
    certificate: Certificate,
    *,
    made_on: date | None = None,
    issued_on: date | None = None,
) -> Claims:
    """What the credential of a certificate says; one of the two days (see ``Claims``)."""
    return Claims(
        number=certificate.number,
        name=certificate.name,
        id_number_masked=certificate.id_number_masked,
        qualification=certificate.qualification,
        specialty=certificate.specialty,
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
        issuer=certificate.issuing_unit.name,
        made_on=made_on,
        issued_on=issued_on,
        blank_serial=certificate.blank_serial if made_on else None,
    )


def sheet_data(
    certificate: Certificate, code: str, *, photo: bytes | None = None
) -> CertificateData:
    """What is printed on the certificate's blank; ``code`` is the text of its QR code."""
    assert certificate.blank_serial is not None
    return CertificateData(
        blank_serial=certificate.blank_serial,
        number=certificate.number,
        name=certificate.name,
        sex=certificate.sex,
        id_number=reveal(bytes(certificate.id_number_cipher)),
        work_unit=certificate.work_unit,
        specialty=certificate.specialty,
        qualification=certificate.qualification,
        level=str(Level(certificate.level).label),
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
        approving_department=certificate.approving_department.name,
        issuing_unit=certificate.issuing_unit.name,
        verification=code,
        photo=photo,
    )
