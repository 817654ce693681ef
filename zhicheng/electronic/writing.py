"""Writes certificates and their signed files, in a fixed number of statements for each batch."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.documents import electronic_certificate as page
from zhicheng.electronic import photo
from zhicheng.electronic.composing import Composed, compose, maker
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.signing.pades import SealService
from zhicheng.files.models import ContentType, StoredFile
from zhicheng.organizations.guard import Actor, account_of
from zhicheng.organizations.models import Organization
from zhicheng.protection import protect_bytes
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.taking import required_rule, take
from zhicheng.values.text import hide_id_numbers

TABLE = "certificates.certificate"
# The same field names as in the tables, in the order of the rows below.
_STORED = (
    "id",
    "token",
    "name",
    "content_type",
    "size",
    "sha256",
    "kept_sha256",
    "content",
    "stored_at",
    "stored_by_id",
)
_FILES = (
    "certificate_id",
    "file_id",
    "template_version",
    "maker",
    "data_cipher",
    "unsigned_size",
    "unsigned_sha256",
    "signed_sha256",
    "level",
    "signer",
    "signer_name",
    "is_test",
    "credential_key",
    "signed_at",
)


def write_certificates(
    actor: Actor,
    document: ApprovalDocument,
    people: Sequence[ApprovedPerson],
    photos: Mapping[bytes, bytes],
) -> tuple[list[Certificate], list[bytes]]:
    """Numbers and rows for the people, in two statements; with their digests."""
    if not people:
        return [], []
    department = document.approving_department
    rule = required_rule(department)
    region = department.region.code if department.region else ""
    places = [
        rule.place(
            person.grade,
            approved_in=person.approval_date.year,
            registered_in=person.approval_date.year,
            region=region,
        )
        for person in people
    ]
    numbers = take(rule, places, actor=actor, purpose=NumberPurpose.ONLINE).numbers
    account = account_of(actor)
    now = timezone.now()
    states = [_state(person, photos) for person in people]
    with connection.cursor() as cursor:
        cursor.execute(
            """
                INSERT INTO certificates_certificate (
                    number, medium, origin, position, approved_person_id, state, name, sex,
                    id_kind, id_number_cipher, id_number_index, id_number_masked, work_unit,
                    specialty, qualification, grade, level, approval_date, document_number,
                    issuing_unit_id, approving_department_id, embosser_id, issued_at,
                    issued_by_id, recipient, recipient_relation)
                SELECT w.number, 'electronic', 'online', before.n + w.position, p.id, w.state,
                       p.name, p.sex, p.id_kind, p.id_number_cipher, p.id_number_index,
                       p.id_number_masked, p.work_unit, p.specialty, p.qualification, p.grade,
                       p.level, p.approval_date, d.number, d.approving_department_id,
                       d.approving_department_id,
                       CASE p.grade WHEN 'senior' THEN %(office)s
                            ELSE d.approving_department_id END,
                       CASE w.state WHEN 'issued' THEN %(now)s::timestamptz END,
                       CASE w.state WHEN 'issued' THEN %(account)s::bigint END, '', ''
                FROM unnest(%(people)s::bigint[], %(numbers)s::text[], %(states)s::text[])
                     WITH ORDINALITY AS w (person, number, state, position)
                JOIN approvals_approvedperson p ON p.id = w.person
                JOIN approvals_approvaldocument d ON d.id = p.document_id
                CROSS JOIN (
                    SELECT count(*) AS n FROM certificates_certificate c
                    JOIN approvals_approvedperson q ON q.id = c.approved_person_id
                    WHERE q.document_id = %(document)s) before
                ORDER BY w.position
                RETURNING id, certificate_digest(certificates_certificate.*)
            """,
            {
                "office": Organization.objects.municipal_office().pk,
                "now": now,
                "account": account.pk if account else None,
                "people": [person.pk for person in people],
                "numbers": numbers,
                "states": states,
                "document": document.pk,
            },
        )
        digests = dict(cursor.fetchall())
    made = list(
        Certificate.objects.filter(pk__in=digests)
        .select_related("issuing_unit", "approving_department")
        .order_by("pk")
    )
    return made, [bytes(digests[item.pk]) for item in made]


def _state(person: ApprovedPerson, photos: Mapping[bytes, bytes]) -> str:
    waits = photo.wanted(person.grade) and bytes(person.id_number_index) not in photos
    return (CertificateState.AWAITING_PHOTO if waits else CertificateState.ISSUED).value


def write_files(
    actor: Actor,
    issued_on: date | None,
    issued: Sequence[Certificate],
    photos: Mapping[bytes, bytes],
    by: SealService,
    address: str,
) -> dict[str, Any]:
    """Signs and keeps the files; gives what the audit event says of the signatures.

    ``issued_on`` is the day of the approval document, None where it bears none.
    """
    if not issued:
        return {}
    shown = {
        item.pk: photos[bytes(item.id_number_index)]
        for item in issued
        if photo.wanted(item.grade) and bytes(item.id_number_index) in photos
    }
    composed, key = compose(
        issued,
        issued_on=issued_on,
        photos=shown,
        seal=by,
        address=settings.ZHICHENG_PUBLIC_ADDRESS or address,
    )
    account = account_of(actor)
    now = timezone.now()
    ids = new_ids(StoredFile, len(composed))
    digests = [hashlib.sha256(item.signed).hexdigest() for item in composed]
    copy_rows(
        StoredFile,
        _STORED,
        (
            (
                pk,
                uuid.uuid4(),
                f"{hide_id_numbers(item.certificate.number)}.pdf",
                ContentType.PDF.value,
                len(item.signed),
                digest,
                digest,
                protect_bytes(item.signed),
                now,
                account.pk if account else None,
            )
            for pk, item, digest in zip(ids, composed, digests, strict=True)
        ),
    )
    copy_rows(
        ElectronicFile,
        _FILES,
        (
            _file_row(pk, item, digest, by, key, now)
            for pk, item, digest in zip(ids, composed, digests, strict=True)
        ),
    )
    together = hashlib.sha256("".join(digests).encode()).hexdigest()
    return {"signer": by.identity.fingerprint, "signing_key": key, "files_sha256": together}


def _file_row(
    file: int, item: Composed, digest: str, by: SealService, key: str, now: Any
) -> tuple[Any, ...]:
    return (
        item.certificate.pk,
        file,
        page.VERSION,
        maker(),
        protect_bytes(item.data.stored()),
        len(item.unsigned),
        hashlib.sha256(item.unsigned).hexdigest(),
        digest,
        by.level,
        by.identity.fingerprint,
        by.identity.name,
        by.identity.is_test,
        key,
        now,
    )
