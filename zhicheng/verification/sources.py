"""What each source says (N7), in the same columns, so that one statement asks all of them.

What the office decided of two sources that differ counts in it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from zhicheng.blanks.models import LOSS_STATES, Holding
from zhicheng.certificates.models import (
    Certificate,
    CertificateState,
    Filling,
    Origin,
    VoidReason,
)
from zhicheng.reissues import old_certificates
from zhicheng.reissues.models import Kind, Reissue, ReissueState
from zhicheng.reissues.models import Source as Told
from zhicheng.selfissued import queries as self_issued
from zhicheng.selfissued.models import Standing as OwnStanding
from zhicheng.verification.models import LegacyRecord, Outcome, SourceConflict, SourceDecision
from zhicheng.verification.rules import Record, Source, Standing

GONE = Q(state=ReissueState.DONE) | Q(lost_at__isnull=False)

# The columns of every source; what a source has nothing to say of is empty.
_COLUMNS: dict[str, Any] = {
    "told_by": CharField(),
    "number": CharField(),
    "name": CharField(),
    "person": BinaryField(),
    "id_number_masked": CharField(),
    "specialty": CharField(),
    "qualification": CharField(),
    "approval_date": DateField(),
    "document_number": CharField(),
    "issuing_unit": CharField(),
    "approving_department": CharField(),
    "work_unit": CharField(),
    "sex": CharField(),
    "grade": CharField(),
    "issued_at": DateTimeField(),
    "dated": DateField(),
    "origin": CharField(),
    "kind": CharField(),
    "lost_at": DateTimeField(),
    "voided_at": DateTimeField(),
    "void_reason": CharField(),
    "state": CharField(),
    "month_only": BooleanField(),
    "self_managed": BooleanField(),
    "disputed": BooleanField(),
    "apart": BooleanField(),
    "serial": BigIntegerField(),
}
# Under the same name in every table of certificates.
_ALIKE = (
    *("name", "id_number_masked", "specialty", "qualification", "approval_date"),
    "document_number",
)
_REGISTERED, _SELF_ISSUED, _LEGACY, _PAPER, _BLANK = ("certificate", "own", "old", "paper", "blank")


def _columns(found: QuerySet[Any], told_by: str, **said: Any) -> QuerySet[Any, Any]:
    asked = {"told_by": Value(told_by), **said}
    unsaid = {
        name: Cast(Value(None), output_field=field)
        for name, field in _COLUMNS.items()
        if name not in asked
    }
    named = {f"q_{name}": (asked | unsaid)[name] for name in _COLUMNS}
    return found.annotate(**named).order_by("pk").values_list(*named)


def _of_certificates(found: QuerySet[Any], told_by: str, **said: Any) -> QuerySet[Any, Any]:
    alike = {name: F(name) for name in _ALIKE}
    return _columns(found, told_by, person=F("id_number_index"), **(alike | said))


def sources(by: str, value: Any) -> list[QuerySet[Any, Any]]:
    """What every source says of a number (``number``, ``number__in``) or person (``person``)."""
    name, _dot, how = by.partition("__")
    how = how and f"__{how}"

    def where(number: str) -> dict[str, Any]:
        return {(number if name == "number" else "id_number_index") + how: value}

    return [
        _registered(**where("number")),
        _self_issued(**where("number")),
        _legacy(**where("certificate_number")),
        _on_paper(**where("old_number")),
    ]


def lost_blank_rows(**where: Any) -> QuerySet[Any, Any]:
    """Certificates, in whatever state, with blanks that they lay on and that were lost.

    In the same columns, since it is asked together with the sources; no answer ever shows it.
    """
    found = Filling.objects.filter(**where).filter(Exists(lost_holdings()))
    return _columns(found, _BLANK, number=F("certificate__number"), serial=F("serial"))


def lost_holdings() -> QuerySet[Holding]:
    """Holdings out of control that the serial of the query around is in."""
    return Holding.objects.filter(
        custody__state__in=LOSS_STATES, serials__contains=OuterRef("serial")
    )


def records(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Record], list[tuple[str, int]]]:
    """What the rows of those query sets say: of certificates, and of lost blanks."""
    said, blanks = [], []
    for row in rows:
        if row[0] == _BLANK:
            blanks.append((row[1], row[-1]))
        else:
            said.append(_record(*row))
    return said, sorted(blanks)


def _record(
    told_by: str,
    number: str,
    name: str,
    person: Any,
    id_number_masked: str,
    specialty: str,
    qualification: str,
    approval_date: Any,
    document_number: str,
    issuing_unit: str | None,
    approving_department: str | None,
    work_unit: str | None,
    sex: str | None,
    grade: str | None,
    issued_at: datetime | None,
    dated: Any,
    origin: str | None,
    kind: str | None,
    lost_at: datetime | None,
    voided_at: datetime | None,
    void_reason: str | None,
    state: str | None,
    month_only: bool | None,
    self_managed: bool | None,
    disputed: bool | None,
    apart: bool | None,
    serial: int | None,
) -> Record:
    issued_on = timezone.localdate(issued_at) if issued_at else None
    if told_by == _REGISTERED:
        source = _source(origin or "", kind)
        standing = standing_of(lost_at, voided_at, void_reason or "")
    elif told_by == _SELF_ISSUED:
        source, issued_on = Source.SELF_ISSUED, dated
        standing = Standing.VOID if state == OwnStanding.VOID else Standing.VALID
    else:
        source = Source.LEGACY if told_by == _LEGACY else Source.PAPER
        standing = _standing_by(state)
    return Record(
        source=source,
        number=number,
        name=name,
        person=bytes(person),
        id_number_masked=id_number_masked,
        specialty=specialty,
        qualification=qualification,
        approval_date=approval_date,
        document_number=document_number,
        issuing_unit=issuing_unit or "",
        approving_department=approving_department or "",
        work_unit=work_unit or "",
        sex=sex or "",
        grade=grade or "",
        issued_on=issued_on,
        standing=standing,
        month_only=bool(month_only),
        document_date=dated if told_by == _LEGACY else None,
        self_managed=bool(self_managed),
        disputed=bool(disputed),
        apart=bool(apart),
    )


def standing_of(lost_at: datetime | None, voided_at: datetime | None, void_reason: str) -> Standing:
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


def _source(origin: str, reissue_kind: str | None) -> Source:
    """N7's order: a completed correction, the register, the system, old records."""
    if origin == Origin.HISTORIC:
        return Source.LEGACY
    if origin == Origin.REISSUE:
        return Source.CORRECTION if reissue_kind == Kind.RENEWAL else Source.REPLACEMENT
    return Source.SYSTEM if origin == Origin.ONLINE else Source.REGISTER


def _decided(outcomes: list[Outcome], **where: OuterRef) -> Exists:
    """Whether a decision that counts says so of a conflict in which the record takes part."""
    return Exists(
        SourceDecision.objects.filter(
            outcome__in=outcomes,
            revoked_at=None,
            **{f"conflict__{side}": value for side, value in where.items()},
        )
    )


def _registered(**where: Any) -> QuerySet[Any, Any]:
    kind = Reissue.objects.filter(pk=OuterRef("reissue")).values("kind")[:1]
    return _of_certificates(
        Certificate.objects.filter(state=CertificateState.ISSUED, **where).exclude(
            old_certificates.made_by_mistake()
        ),
        _REGISTERED,
        number=F("number"),
        issuing_unit=F("issuing_unit__name"),
        approving_department=F("approving_department__name"),
        work_unit=F("work_unit"),
        sex=F("sex"),
        grade=F("grade"),
        issued_at=F("issued_at"),
        origin=F("origin"),
        kind=Subquery(kind),
        lost_at=F("lost_at"),
        voided_at=F("voided_at"),
        void_reason=F("void_reason"),
        disputed=_decided(
            [Outcome.OTHER_RIGHT, Outcome.BOTH_WRONG], first_certificate=OuterRef("pk")
        ),
    )


def _self_issued(**where: Any) -> QuerySet[Any, Any]:
    """What self-managed units issued themselves: theirs, and said to be theirs (N16)."""
    return _of_certificates(
        self_issued.shown(**where),
        _SELF_ISSUED,
        number=F("number"),
        issuing_unit=F("unit__name"),
        work_unit=F("work_unit"),
        sex=F("sex"),
        grade=F("grade"),
        dated=F("issued_on"),
        state=F("state"),
    )


def _legacy(**where: Any) -> QuerySet[Any, Any]:
    # Old ledgers have ID numbers of fifteen digits and wrong ones: number and name name it as well.
    same = Q(id_number_index=OuterRef("id_number_index")) | Q(name=OuterRef("name"))
    gone = (
        Reissue.objects.filter(
            GONE, same, old_number=OuterRef("certificate_number"), certificate=None
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
    set_aside = _decided([Outcome.OTHER_RIGHT], first_legacy=me) | _decided(
        [Outcome.FIRST_RIGHT], other_legacy=me
    )
    return _of_certificates(
        LegacyRecord.objects.filter(**where).exclude(outranked & ~two).exclude(set_aside),
        _LEGACY,
        number=F("certificate_number"),
        issuing_unit=F("issuer"),
        approving_department=F("department"),
        work_unit=F("work_unit"),
        sex=F("sex"),
        grade=F("grade"),
        dated=F("issued_on"),
        state=Subquery(gone),
        month_only=F("month_only"),
        self_managed=F("self_managed"),
        disputed=_decided([Outcome.BOTH_WRONG], first_legacy=me)
        | _decided([Outcome.BOTH_WRONG], other_legacy=me),
        apart=two | _decided([Outcome.TWO_CERTIFICATES], first_legacy=me),
    )


def _on_paper(**where: Any) -> QuerySet[Any, Any]:
    """Old certificates known by their application alone: only once they are lost or replaced."""
    return _of_certificates(
        Reissue.objects.filter(GONE, source=Told.PAPER, **where),
        _PAPER,
        number=F("old_number"),
        state=F("state"),
    )
