"""The public answer (N7). What the office decided of two sources that differ counts in it.

Every question runs the same statements whether or not somebody is found, so that neither shape
nor time of the answer tells who exists.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from zhicheng.blanks.models import LOSS_STATES, Holding
from zhicheng.certificates.models import (
    Certificate,
    CertificateState,
    Filling,
    Origin,
    VoidReason,
)
from zhicheng.credentials.claims import Claims
from zhicheng.protection import blind_index
from zhicheng.reissues import old_certificates
from zhicheng.reissues.models import Kind, Reissue, ReissueState
from zhicheng.reissues.models import Source as Told
from zhicheng.selfissued import queries as self_issued
from zhicheng.selfissued.models import Standing as OwnStanding
from zhicheng.values.id_number import person_form
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.verification.models import LegacyRecord, Outcome, SourceConflict, SourceDecision
from zhicheng.verification.rules import Record, Source, Standing, fitting

_CERTIFICATE_FIELDS = (
    "number",
    "name",
    "id_number_index",
    "id_number_masked",
    "specialty",
    "qualification",
    "approval_date",
    "document_number",
    "issuing_unit__name",
    "approving_department__name",
    "work_unit",
    "sex",
    "grade",
    "issued_at",
    "origin",
    "reissue_kind",
    "lost_at",
    "voided_at",
    "void_reason",
    "disputed",
)
_GONE = Q(state=ReissueState.DONE) | Q(lost_at__isnull=False)


def find(name: str, id_number: str, number: str) -> list[Record]:
    """The answer to a question with a name and one number, or both; then both must fit."""
    if not number:
        return find_by_person(name, id_number)
    wanted = tidy_name(name)[0]
    return fitting(_by_number(number), wanted, _person(id_number) if id_number else None)


def find_by_person(name: str, id_number: str) -> list[Record]:
    """All issued certificates of the person with exactly this name and ID number.

    Those in force come first; lost and void ones say so, and nothing about a successor but that
    there is one.
    """
    person = _person(id_number)
    wanted = tidy_name(name)[0]
    found = [
        *_registered(id_number_index=person),
        *_self_issued(id_number_index=person),
        *_legacy(id_number_index=person),
        *_on_paper(id_number_index=person),
    ]
    return fitting(found, wanted)


def find_by_number(number: str, name: str) -> list[Record]:
    """The certificate with exactly this number, if it bears this name; else nothing."""
    return fitting(_by_number(number), tidy_name(name)[0])


def _by_number(number: str) -> list[Record]:
    return [
        *_registered(number=number.strip()),
        *_self_issued(number=number.strip()),
        *_legacy(certificate_number=number.strip()),
        *_on_paper(old_number=number.strip()),
    ]


def of_people(keys: Collection[bytes]) -> list[Record]:
    """What every source says of these people, in as many statements as there are sources."""
    asked = list(keys)
    return [
        *_registered(id_number_index__in=asked),
        *_self_issued(id_number_index__in=asked),
        *_legacy(id_number_index__in=asked),
        *_on_paper(id_number_index__in=asked),
    ]


def of_numbers(numbers: Collection[str]) -> list[Record]:
    """What every source says of these certificate numbers, in the same way."""
    asked = list(numbers)
    return [
        *_registered(number__in=asked),
        *_self_issued(number__in=asked),
        *_legacy(certificate_number__in=asked),
        *_on_paper(old_number__in=asked),
    ]


def standing(claims: Claims) -> Standing:
    """How the certificate that a credential tells of stands today.

    Its issue, not its printing, puts a certificate in force. Paper on a blank that was reported
    lost, or that was spoiled and the certificate printed on another, is out of force, whatever
    became of the certificate. One whose loss its holder reported says so until its replacement is
    issued; then it is void. A credential that says something else than the record under its
    number isn't this certificate's.
    """
    found = Certificate.objects.filter(
        number=claims.number,
        name=claims.name,
        id_number_masked=claims.id_number_masked,
        qualification=claims.qualification,
        specialty=claims.specialty,
        approval_date=claims.approval_date,
        document_number=claims.document_number,
    ).values_list("state", "blank_serial", "lost_at", "voided_at", "void_reason")
    state, serial, lost_at, voided_at, reason = next(iter(found), ("", None, None, None, ""))
    lost = Holding.objects.filter(
        serials__contains=claims.blank_serial or 0, custody__state__in=LOSS_STATES
    ).exists()
    if not state:
        return Standing.UNKNOWN
    if lost:
        return Standing.LOST
    if claims.blank_serial is not None and claims.blank_serial != serial:
        return Standing.VOID
    if state != CertificateState.ISSUED:
        return Standing.UNKNOWN
    return _standing(lost_at, voided_at, reason)


def _standing(lost_at: datetime | None, voided_at: datetime | None, void_reason: str) -> Standing:
    """Of an issued certificate; void outweighs lost."""
    if voided_at is not None:
        replaced = void_reason in (VoidReason.REPLACED, VoidReason.RENEWED)
        return Standing.REPLACED if replaced else Standing.VOID
    return Standing.LOST if lost_at is not None else Standing.VALID


def _standing_by(state: str | None) -> Standing:
    """Of an old certificate that isn't on file, by the state of its application, if any."""
    if state is None:
        return Standing.VALID
    return Standing.REPLACED if state == ReissueState.DONE else Standing.LOST


def lost_blanks(name: str, id_number: str, number: str) -> list[tuple[str, int]]:
    """Certificates asked for, in whatever state, with blanks that they lay on and that were lost.

    For the alarm alone: no answer ever shows it. Pairs of certificate number and serial.
    """
    where = {"certificate__number": number.strip()} if number else {}
    if id_number:
        where["certificate__id_number_index"] = _person(id_number)  # type: ignore[assignment]
    return list(
        Filling.objects.filter(certificate__name=tidy_name(name)[0], **where)
        .filter(Exists(_lost()))
        .order_by("id")
        .values_list("certificate__number", "serial")
    )


def lost_blanks_of(
    keys: Collection[bytes], numbers: Collection[str]
) -> list[tuple[str, str, Any, int]]:
    """As :func:`lost_blanks` for many: certificate number, name, person and serial."""
    asked = Q(certificate__number__in=list(numbers)) | Q(
        certificate__id_number_index__in=list(keys)
    )
    return list(
        Filling.objects.filter(asked)
        .filter(Exists(_lost()))
        .order_by("id")
        .values_list(
            "certificate__number", "certificate__name", "certificate__id_number_index", "serial"
        )
    )


def _lost() -> QuerySet[Holding]:
    return Holding.objects.filter(
        custody__state__in=LOSS_STATES, serials__contains=OuterRef("serial")
    )


def _person(id_number: str) -> bytes:
    """The key of a person by an ID number as people type it, also the one of fifteen digits."""
    return blind_index(person_form(tidy_id_number(id_number)[0]))


def _decided(outcomes: list[Outcome], **where: OuterRef) -> Exists:
    """Whether a decision that counts says so of a conflict in which the record takes part."""
    return Exists(
        SourceDecision.objects.filter(
            outcome__in=outcomes,
            revoked_at=None,
            **{f"conflict__{side}": value for side, value in where.items()},
        )
    )


def _registered(**where: object) -> list[Record]:
    kind = Reissue.objects.filter(pk=OuterRef("reissue")).values("kind")[:1]
    rows = (
        Certificate.objects.filter(state=CertificateState.ISSUED, **where)
        .exclude(old_certificates.made_by_mistake())
        .annotate(
            reissue_kind=Subquery(kind),
            disputed=_decided(
                [Outcome.OTHER_RIGHT, Outcome.BOTH_WRONG], first_certificate=OuterRef("pk")
            ),
        )
        .values_list(*_CERTIFICATE_FIELDS)
    )
    return [
        Record(
            source=_source(row[14], row[15]),
            number=row[0],
            name=row[1],
            person=bytes(row[2]),
            id_number_masked=row[3],
            specialty=row[4],
            qualification=row[5],
            approval_date=row[6],
            document_number=row[7],
            issuing_unit=row[8],
            approving_department=row[9],
            work_unit=row[10],
            sex=row[11],
            grade=row[12],
            issued_on=timezone.localdate(row[13]) if row[13] else None,
            standing=_standing(*row[16:19]),
            disputed=row[19],
        )
        for row in rows
    ]


def _source(origin: str, reissue_kind: str | None) -> Source:
    """N7's order: a completed correction, the register, the system, old records."""
    if origin == Origin.HISTORIC:
        return Source.LEGACY
    if origin == Origin.REISSUE:
        return Source.CORRECTION if reissue_kind == Kind.RENEWAL else Source.REPLACEMENT
    return Source.SYSTEM if origin == Origin.ONLINE else Source.REGISTER


def _self_issued(**where: object) -> list[Record]:
    """What self-managed units issued themselves: theirs, and said to be theirs (N16)."""
    return [
        Record(
            source=Source.SELF_ISSUED,
            number=item.number,
            name=item.name,
            person=bytes(item.id_number_index),
            id_number_masked=item.id_number_masked,
            specialty=item.specialty,
            qualification=item.qualification,
            approval_date=item.approval_date,
            document_number=item.document_number,
            issuing_unit=item.unit.name,
            work_unit=item.work_unit,
            sex=item.sex,
            grade=item.grade,
            issued_on=item.issued_on,
            standing=Standing.VOID if item.state == OwnStanding.VOID else Standing.VALID,
        )
        for item in self_issued.shown(**where)
    ]


def _legacy(**where: object) -> list[Record]:
    # Old ledgers have ID numbers of fifteen digits and wrong ones: number and name name it as well.
    same = Q(id_number_index=OuterRef("id_number_index")) | Q(name=OuterRef("name"))
    gone = (
        Reissue.objects.filter(
            _GONE, same, old_number=OuterRef("certificate_number"), certificate=None
        )
        .order_by("-id")
        .values("state")[:1]
    )
    me = OuterRef("pk")
    two = _decided([Outcome.TWO_CERTIFICATES], other_legacy=me)
    # The number of a certificate on file that says otherwise: that one answers, until somebody
    # decided that there are two certificates.
    outranked = Exists(
        SourceConflict.objects.filter(other_legacy=me, first_certificate__isnull=False)
    )
    told = LegacyRecord.objects.filter(**where).annotate(
        gone=Subquery(gone),
        apart=two | _decided([Outcome.TWO_CERTIFICATES], first_legacy=me),
        outranked=outranked & ~two,
        set_aside=_decided([Outcome.OTHER_RIGHT], first_legacy=me)
        | _decided([Outcome.FIRST_RIGHT], other_legacy=me),
        disputed=_decided([Outcome.BOTH_WRONG], first_legacy=me)
        | _decided([Outcome.BOTH_WRONG], other_legacy=me),
    )
    return [
        Record(
            source=Source.LEGACY,
            number=item.certificate_number,
            name=item.name,
            person=bytes(item.id_number_index),
            id_number_masked=item.id_number_masked,
            specialty=item.specialty,
            qualification=item.qualification,
            approval_date=item.approval_date,
            document_number=item.document_number,
            issuing_unit=item.issuer,
            approving_department=item.department,
            work_unit=item.work_unit,
            sex=item.sex,
            grade=item.grade,
            standing=_standing_by(item.gone),
            month_only=item.month_only,
            document_date=item.issued_on,
            self_managed=item.self_managed,
            disputed=item.disputed,
            apart=item.apart,
        )
        for item in told.order_by("certificate_number", "id")
        if not item.outranked and not item.set_aside
    ]


def _on_paper(**where: object) -> list[Record]:
    """Old certificates known by their application alone: only once they are lost or replaced."""
    return [
        Record(
            source=Source.PAPER,
            number=item.old_number,
            name=item.name,
            person=bytes(item.id_number_index),
            id_number_masked=item.id_number_masked,
            specialty=item.specialty,
            qualification=item.qualification,
            approval_date=item.approval_date,
            document_number=item.document_number,
            standing=_standing_by(item.state),
        )
        for item in Reissue.objects.filter(_GONE, source=Told.PAPER, **where)
    ]


def in_old_ledgers(number: str, person: bytes) -> old_certificates.OldRecord | None:
    """What the reissues ask about a certificate that isn't on file (N10)."""
    item = (
        LegacyRecord.objects.filter(certificate_number=number, id_number_index=person)
        .order_by("month_only", "id")
        .first()
    )
    if item is None:
        return None
    return old_certificates.OldRecord(
        number=item.certificate_number,
        name=item.name,
        specialty=item.specialty,
        qualification=item.qualification,
        approval_date=item.approval_date,
        document_number=item.document_number,
    )
