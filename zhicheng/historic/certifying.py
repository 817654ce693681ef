"""An electronic certificate for an old record on file: the same number, signed and logged (N7).

Its data are the old record's (invariant 7), which a trigger holds; an open conflict about the
number stops it, for a signed file can't be corrected.
"""

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.documents import electronic_certificate as page
from zhicheng.electronic import photo
from zhicheng.electronic.composing import data_of
from zhicheng.electronic.sealing import seal
from zhicheng.electronic.writing import TABLE, write_files
from zhicheng.files.store import content_of
from zhicheng.historic import registration_rules as rules
from zhicheng.historic.lifecycle import REGISTRATION
from zhicheng.historic.models import EvidenceKind, Registration
from zhicheng.historic.registering import locked
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.verification.models import Outcome, SourceConflict, SourceDecision


@retrying
def certify(*, actor: Account, registration_id: int, address: str = "") -> Certificate:
    """Makes and signs the electronic certificate of an accepted registration.

    Raises Refusal for another state, a self-managed certificate (N16), an undecided or lost
    conflict, somebody who has a certificate of the same title, a name without a glyph.
    """
    by = seal()
    with recorded(actor, Action.HISTORIC_CERTIFY) as record:
        registration = locked(registration_id)
        require(actor, Action.HISTORIC_CERTIFY, registration)
        target = REGISTRATION.target(Action.HISTORIC_CERTIFY, registration.state)
        kept = registration.record
        assert kept is not None
        rules.require_unified(self_managed=kept.self_managed)
        _require_undisputed(kept.pk, kept.certificate_number)
        _require_only(registration)
        certificate, digest = _write(registration, actor)
        page.check(
            data_of(
                certificate,
                issued_on=kept.issued_on or timezone.localdate(),
                signed_on=timezone.localdate(),
                verification="",
                photo=b"",
                demo=by.identity.is_test,
            )
        )
        facts = write_files(actor, kept.issued_on, [certificate], _photo(registration), by, address)
        registration.state, registration.certificate = target, certificate
        registration.waiting_since = timezone.now()
        registration.save(update_fields=["state", "certificate", "waiting_since"])
        record(
            subject=registration,
            data={"receipt": registration.receipt_number, "number": certificate.number},
        )
        # The event by which the signed file is known to be the one that was made.
        record(
            subject=certificate,
            data={"number": certificate.number, "count": 1, **facts},
            rows=TABLE,
            ids=[certificate.pk],
            digests=[digest],
            tag=Action.ELECTRONIC_MAKE,
        )
    return certificate


def _write(registration: Registration, actor: Account) -> tuple[Certificate, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO certificates_certificate (
                number, medium, origin, legacy, position, state, name, sex, id_kind,
                id_number_cipher, id_number_index, id_number_masked, work_unit, specialty,
                qualification, grade, level, approval_date, document_number, issuing_unit_id,
                approving_department_id, embosser_id, issued_at, issued_by_id, recipient,
                recipient_relation)
            SELECT r.certificate_number, 'electronic', 'historic', r.id, 1, 'issued', r.name,
                   r.sex, r.id_kind, r.id_number_cipher, r.id_number_index, r.id_number_masked,
                   r.work_unit, r.specialty, r.qualification, r.grade, r.level, r.approval_date,
                   r.document_number, g.unit_id, g.approving_department_id,
                   CASE r.grade WHEN 'senior' THEN %s ELSE g.approving_department_id END,
                   %s, %s, '', ''
            FROM verification_legacyrecord r JOIN historic_registration g ON g.record_id = r.id
            WHERE g.id = %s
            RETURNING id, certificate_digest(certificates_certificate.*)
            """,
            [
                Organization.objects.municipal_office().pk,
                timezone.now(),
                actor.pk,
                registration.pk,
            ],
        )
        pk, digest = cursor.fetchone()
    made = Certificate.objects.select_related("issuing_unit", "approving_department").get(pk=pk)
    return made, bytes(digest)


def _photo(registration: Registration) -> dict[bytes, bytes]:
    """The holder's own picture, where certificates of the grade bear one."""
    if not photo.wanted(registration.grade):
        return {}
    kept = registration.evidence.filter(kind=EvidenceKind.PHOTO, removed_at=None)
    return {
        bytes(registration.id_number_index): content_of(each.file)
        for each in kept.select_related("file")
    }


def _require_undisputed(record_id: int, number: str) -> None:
    counts = SourceDecision.objects.filter(conflict=OuterRef("pk"), revoked_at=None)
    about = SourceConflict.objects.filter(Q(first_legacy=record_id) | Q(other_legacy=record_id))
    undecided = about.filter(~Exists(counts))
    lost = about.filter(
        Exists(counts.filter(outcome__in=[Outcome.BOTH_WRONG, Outcome.TWO_CERTIFICATES]))
        | Q(first_legacy=record_id) & Exists(counts.filter(outcome=Outcome.OTHER_RIGHT))
        | Q(other_legacy=record_id) & Exists(counts.filter(outcome=Outcome.FIRST_RIGHT))
    )
    for found, said, mend in (
        (undecided, "有其他来源与这本证书不一致，尚未认定。", "请先在“来源冲突”中认定。"),
        (lost, "来源冲突的认定不支持按这条记录生成电子证书。", "请查看来源冲突的认定。"),
    ):
        if found.exists():
            raise Refusal(
                "historic.disputed",
                said,
                clause="N7",
                found=number,
                expected="各来源一致，或已认定以本记录为准",
                mend=mend,
            )


def _require_only(registration: Registration) -> None:
    """One certificate in force per person, qualification, specialty and document (inv. 4)."""
    other = (
        Certificate.objects.filter(
            id_number_index=bytes(registration.id_number_index),
            qualification=registration.qualification,
            specialty=registration.specialty,
            document_number=registration.document_number,
            voided_at=None,
        )
        .exclude(state=CertificateState.WITHDRAWN)
        .first()
    )
    if other is not None:
        raise Refusal(
            "historic.person_already_certified",
            "该人员已有同一批准文号、资格名称和专业名称的证书。",
            clause="N6",
            found=other.number,
            expected="同一资格只有一本有效证书",
            mend="请核对两本证书；同一证书编号不同的，在来源中核实后办理换发。",
        )
