"""Makes the electronic certificates of an online approval document, chunk by chunk (N17).

Each chunk is one transaction with one audit event: numbers, certificates, signed files. A worker
that is killed leaves whole chunks behind it, and whoever goes on begins with those who have none.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson, Channel, ReviewMode
from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.documents import electronic_certificate as page
from zhicheng.electronic import photo
from zhicheng.electronic.composing import data_of
from zhicheng.electronic.hindrances import note, note_refused
from zhicheng.electronic.models import Hindrance
from zhicheng.electronic.sealing import seal
from zhicheng.electronic.signing.pades import SealService
from zhicheng.electronic.writing import TABLE, write_certificates, write_files
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.progress import report
from zhicheng.values.refusal import Conflict, Refusal

CHUNK = 50  # certificates: under a second of work, and as long as the number's counter is held
SECONDS = 5.0  # where a distant time-stamp authority makes a chunk longer, the next is smaller
STEP = "制作电子证书"


@dataclass
class Made:
    """What an attempt came to: signed, waiting for a photo, hindered."""

    issued: int = 0
    waiting: int = 0
    hindered: int = 0

    def __add__(self, other: "Made") -> "Made":
        """Both together."""
        return Made(
            self.issued + other.issued,
            self.waiting + other.waiting,
            self.hindered + other.hindered,
        )


def make_electronic(
    *,
    actor: Actor,
    document_id: int,
    address: str = "",
    also: Callable[[Made], None] = lambda made: None,
    after_chunk: Callable[[], None] = lambda: None,
    chunk: int = CHUNK,
) -> Made:
    """Certificates for everybody in the document who has none, and files for whoever got a photo.

    ``address`` is where the public query lives, for the QR codes; the settings' comes before it.
    ``after_chunk`` is called within each chunk's transaction, ``also`` within a last one. A person
    whose certificate can't be made (a character without a glyph) doesn't stop the others; the
    reason is noted. Raises Refusal, and notes it, when nothing can be made.
    """
    document = _document(actor, document_id)
    made, last = Made(), 0
    total, left = document.people_count, _left(document).count()
    report(STEP, total - left, total)
    try:
        by = _By(actor, document_id, seal(), address, after_chunk)
        while _left(document).filter(pk__gt=last).exists():
            began = time.monotonic()
            part, last = _chunk(by, last, chunk)
            chunk = _next_size(chunk, time.monotonic() - began)
            made += part
            report(STEP, total - left + made.issued + made.waiting + made.hindered, total)
        made += _completed(by, chunk)
    except Refusal as refusal:
        note_refused(actor, document, refusal)
        raise
    _finished(actor, document_id, made, also)
    return made


def _next_size(size: int, seconds: float) -> int:
    """How many to make in the next transaction: others wait for the number's counter meanwhile."""
    return size if seconds <= SECONDS else max(1, int(size * SECONDS / seconds))


def _document(actor: Actor, document_id: int, *, lock: bool = False) -> ApprovalDocument:
    """The document, if certificates of it may be made."""
    found = ApprovalDocument.objects.select_related("approving_department").defer("scan")
    if lock:
        found = found.select_for_update(no_key=True, of=("self",))
    document = found.get(pk=document_id)
    require(actor, Action.ELECTRONIC_MAKE, document)
    if document.channel != Channel.ONLINE or document.review_mode == ReviewMode.SELF_MANAGED:
        raise Refusal(
            "electronic.not_online",
            "只有线上评审的核准文件由系统生成电子证书。",
            clause="N17",
            found=f"{document.get_channel_display()}、{document.get_review_mode_display()}",
            expected="申报渠道为线上，且不是自主评审",
            mend="线下评审的人员按登记表办理纸质证书。",
        )
    return document


def _left(document: ApprovalDocument) -> Any:
    """Those who have no certificate, in the document's order."""
    certified = Certificate.objects.filter(approved_person=OuterRef("pk")).exclude(
        state=CertificateState.WITHDRAWN
    )
    return ApprovedPerson.objects.filter(~Exists(certified), document=document).order_by("pk")


@dataclass(frozen=True)
class _By:
    """Who makes what of which document, and how."""

    actor: Actor
    document_id: int
    seal: SealService
    address: str
    after_chunk: Callable[[], None]


@retrying
def _chunk(by: _By, after: int, size: int) -> tuple[Made, int]:
    """The next people after the one with this id; gives what came of it and the last id."""
    with recorded(by.actor, Action.ELECTRONIC_MAKE) as record:
        document = _document(by.actor, by.document_id, lock=True)
        people = list(_left(document).filter(pk__gt=after)[:size])
        if not people:
            # Another worker was faster; the event says that somebody asked.
            record(subject=document, data={"number": document.number, "count": 0})
            return Made(), after
        able, hindered = _able(document, people, by.seal)
        note(by.actor, document, hindered)
        photos = photo.photos_of(
            bytes(person.id_number_index) for person in able if photo.wanted(person.grade)
        )
        certificates, digests = write_certificates(by.actor, document, able, photos)
        waiting = [item for item in certificates if item.state != CertificateState.ISSUED]
        issued = [item for item in certificates if item.state == CertificateState.ISSUED]
        facts = write_files(by.actor, document.issued_on, issued, photos, by.seal, by.address)
        _record(record, document, certificates, digests, facts, waiting, hindered)
        by.after_chunk()
    return Made(len(issued), len(waiting), len(hindered)), people[-1].pk


def _record(
    record: Recorder,
    document: ApprovalDocument,
    certificates: Sequence[Certificate],
    digests: Sequence[bytes],
    facts: dict[str, Any],
    waiting: Sequence[Certificate],
    hindered: Sequence[tuple[ApprovedPerson, Refusal]],
) -> None:
    record(
        subject=document,
        data={
            "number": document.number,
            "count": len(certificates) - len(waiting),
            "waiting": len(waiting),
            "hindered": len(hindered),
            **facts,
        },
        rows=TABLE,
        ids=[item.pk for item in certificates],
        digests=digests,
    )


def _able(
    document: ApprovalDocument, people: Sequence[ApprovedPerson], by: SealService
) -> tuple[list[ApprovedPerson], list[tuple[ApprovedPerson, Refusal]]]:
    """Whose certificate can be set: decided before a number is taken."""
    able, hindered = [], []
    with translation.override("zh-hans"):
        for person in people:
            draft = Certificate(
                name=person.name,
                sex=person.sex,
                id_kind=person.id_kind,
                id_number_cipher=person.id_number_cipher,
                id_number_masked=person.id_number_masked,
                work_unit=person.work_unit,
                specialty=person.specialty,
                qualification=person.qualification,
                level=person.level,
                grade=person.grade,
                approval_date=person.approval_date,
                document_number=document.number,
                approving_department=document.approving_department,
                issuing_unit=document.approving_department,
            )
            today = timezone.localdate()
            data = data_of(
                draft,
                issued_on=document.issued_on or today,
                signed_on=today,
                verification="",
                photo=b"",
                demo=by.identity.is_test,
            )
            try:
                page.check(replace(data, photo=b"1" if photo.wanted(person.grade) else b""))
            except Refusal as refusal:
                hindered.append((person, refusal))
            else:
                able.append(person)
    return able, hindered


def _completed(by: _By, size: int) -> Made:
    """Files for those who waited for a photo that has come since."""
    made, after = Made(), 0
    while True:
        waiting = list(
            Certificate.objects.filter(
                approved_person__document=by.document_id,
                state=CertificateState.AWAITING_PHOTO,
                pk__gt=after,
            )
            .order_by("pk")
            .values_list("pk", "id_number_index")[:size]
        )
        if not waiting:
            return made
        after = waiting[-1][0]
        photos = photo.photos_of(bytes(index) for _pk, index in waiting)
        ready = [pk for pk, index in waiting if bytes(index) in photos]
        if ready:
            made.issued += _complete(by, ready, photos)


@retrying
def _complete(by: _By, ready: list[int], photos: dict[bytes, bytes]) -> int:
    with recorded(by.actor, Action.ELECTRONIC_MAKE) as record:
        document = _document(by.actor, by.document_id, lock=True)
        account = account_of(by.actor)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE certificates_certificate SET state = 'issued', issued_at = %s,
                       issued_by_id = %s
                WHERE id = ANY(%s) AND state = 'awaiting_photo'
                RETURNING id, certificate_digest(certificates_certificate.*)
                """,
                [timezone.now(), account.pk if account else None, ready],
            )
            digests = dict(cursor.fetchall())
        issued = list(
            Certificate.objects.filter(pk__in=digests)
            .select_related("issuing_unit", "approving_department")
            .order_by("pk")
        )
        facts = write_files(by.actor, document.issued_on, issued, photos, by.seal, by.address)
        ordered = [bytes(digests[item.pk]) for item in issued]
        _record(record, document, issued, ordered, facts, [], [])
        by.after_chunk()
    return len(issued)


def issue_with_photo(
    *, actor: Actor, certificate_id: int, picture: bytes, address: str = ""
) -> Certificate:
    """Signs a certificate that waited for its photo, with this one (a JPEG of one inch).

    Raises NotPermitted, or Refusal when it waits for none, or nothing signs.
    """
    certificate = Certificate.objects.select_related("approved_person").get(pk=certificate_id)
    person = certificate.approved_person
    if certificate.state != CertificateState.AWAITING_PHOTO or person is None:
        raise Refusal(
            "electronic.no_photo_wanted",
            "这本证书不在等待照片。",
            clause="N17",
            found=certificate.get_state_display(),
            expected=str(CertificateState.AWAITING_PHOTO.label),
            mend="请刷新页面查看现在的状态。",
        )
    require(actor, Action.ELECTRONIC_MAKE, certificate)
    by = _By(actor, person.document_id, seal(), address, lambda: None)
    done = _complete(by, [certificate.pk], {bytes(certificate.id_number_index): picture})
    if not done:  # somebody else's photo came first
        raise Conflict(
            "electronic.photo_came_first",
            "这本证书刚刚已由他人补上照片并签发。",
            mend="请刷新页面查看。",
        )
    certificate.refresh_from_db()
    return certificate


def _finished(actor: Actor, document_id: int, made: Made, also: Callable[[Made], None]) -> None:
    """The last transaction: reasons that hold no more go, and whoever asked is told."""
    with recorded(actor, Action.ELECTRONIC_MAKE) as record:
        document = _document(actor, document_id, lock=True)
        certified = Certificate.objects.filter(approved_person=OuterRef("person"))
        Hindrance.objects.filter(document=document).filter(
            Q(person=None) | Exists(certified)
        ).delete()
        record(
            subject=document,
            data={
                "number": document.number,
                "finished": True,
                "count": made.issued,
                "waiting": made.waiting,
                "hindered": made.hindered,
            },
        )
        also(made)
