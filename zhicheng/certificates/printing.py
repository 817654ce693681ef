"""The overprint of filled-in certificates; the only place where a batch is decrypted (N6, N8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.certificates import actions, rules
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.owners import owner
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.signing import sign_batch
from zhicheng.documents import certificate_sheet
from zhicheng.documents.layout import load_layout
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.reference.models import Grade, Level
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import ranges_of


@dataclass(frozen=True)
class Printed:
    """A PDF of one grade, ``count`` pages in the order of ``serials``."""

    pdf: bytes
    count: int
    grade: str
    serials: tuple[str, ...]


def print_sheets(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    grade: str,
    certificate_ids: Sequence[int] | None = None,
    address: str = "",
) -> Printed:
    """The overprint of the register's filled-in certificates of a grade, in serial order.

    ``certificate_ids`` picks some of them; ``address`` is where the public query lives, for the
    QR codes (empty: none), which hold each certificate's signed credential. Only certificates
    that bear no seal yet are printed; the approval document is compared once more. Who printed
    which is an audit event. Raises Refusal when there is nothing to print, no key signs, or the
    documents part can't set a text.
    """
    with recorded(actor, Action.CERTIFICATE_PRINT) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.CERTIFICATE_PRINT, whose)
        if grade not in Grade.values:
            raise Refusal(
                "certificate.grade_missing",
                "不同等级的空白证书版式不同，请按等级打印。",
                clause="N8",
                expected="、".join(str(label) for label in Grade.labels),
            )
        if whose.register is not None:
            actions.compare_with_approvals(whose.register)
        chosen = whose.certificates().filter(grade=grade)
        if certificate_ids is None:
            chosen = chosen.filter(state=CertificateState.FILLED)
        else:
            chosen = chosen.filter(pk__in=list(certificate_ids))
        certificates = list(
            chosen.select_related("approving_department", "issuing_unit").order_by("blank_serial")
        )
        waits_for = str(CertificateState.FILLED.label)
        rules.require_something(len(certificates), step="打印", wanted_label=waits_for)
        rules.require_state(
            [
                rules.Selected(item.number, item.state, item.get_state_display())
                for item in certificates
            ],
            frozenset({CertificateState.FILLED.value}),
            step="打印",
            wanted_label=waits_for,
        )
        serials = tuple(
            str(item) for item in ranges_of(c.blank_serial for c in certificates if c.blank_serial)
        )
        today = timezone.localdate()
        codes, signed_by = [""] * len(certificates), {}
        if address:
            signed = sign_batch(
                [claims_of(item, made_on=today) for item in certificates],
                address=address,
            )
            codes, signed_by = list(signed.texts), {"signing_key": signed.key_id}
        record(
            subject=whose.subject,
            data={
                "grade": grade,
                "count": len(certificates),
                "serials": list(serials),
                **signed_by,
            },
            rows=actions.TABLE,
            ids=[item.pk for item in certificates],
        )
        pdf = certificate_sheet.render(
            [_data(item, code) for item, code in zip(certificates, codes, strict=True)],
            load_layout(grade),
            created=today,
        )
    return Printed(pdf, len(certificates), grade, serials)


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


def _data(certificate: Certificate, code: str) -> certificate_sheet.CertificateData:
    assert certificate.blank_serial is not None
    return certificate_sheet.CertificateData(
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
    )
