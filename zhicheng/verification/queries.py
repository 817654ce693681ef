"""The public answer (N7). What the office decided of two sources that differ counts in it.

Every question runs the same statements whether or not somebody is found, so that neither shape
nor time of the answer tells who exists.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, Q, QuerySet

from zhicheng.blanks.models import LOSS_STATES, Holding
from zhicheng.certificates.models import Certificate, CertificateState, Filling
from zhicheng.credentials.claims import Claims
from zhicheng.database.asked import Asked
from zhicheng.protection import blind_index
from zhicheng.reissues import old_certificates
from zhicheng.values.id_number import person_form
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.verification.models import LegacyRecord
from zhicheng.verification.remembered import Remembered
from zhicheng.verification.rules import Record, Standing, fitting
from zhicheng.verification.sources import (
    lost_blank_rows,
    lost_holdings,
    records,
    sources,
    standing_of,
)


class Answer(list[Record]):
    """The records that are shown; ``lost_blanks`` is for the alarm alone, no page ever shows it.

    Pairs of certificate number and serial: certificates asked for, in whatever state, with blanks
    that they lay on and that were lost.
    """

    lost_blanks: list[tuple[str, int]]


def _by_person(person: Any, name: Any) -> list[QuerySet[Any, Any]]:
    asked = {"certificate__name": name, "certificate__id_number_index": person}
    return [*sources("person", person), lost_blank_rows(**asked)]


def _by_number(number: Any, name: Any) -> list[QuerySet[Any, Any]]:
    asked = {"certificate__name": name, "certificate__number": number}
    return [*sources("number", number), lost_blank_rows(**asked)]


def _by_both(number: Any, name: Any, person: Any) -> list[QuerySet[Any, Any]]:
    asked = {"certificate__name": name, "certificate__number": number}
    return [
        *sources("number", number),
        lost_blank_rows(**asked, certificate__id_number_index=person),
    ]


_rows_by_person, _rows_by_number = Remembered(_by_person), Remembered(_by_number)
_rows_by_both = Remembered(_by_both)


class Finding:
    """A question to all sources: one statement, the same whether somebody is found or not.

    It may be sent by itself, or beside the count of the question.
    """

    def __init__(self, name: str, id_number: str, number: str) -> None:
        self._wanted = tidy_name(name)[0]
        self._person = _person(id_number) if id_number or not number else None
        values: dict[str, bytes | str]
        if not number:
            rows, values = _rows_by_person, {"person": self._person or b""}
        elif self._person is None:
            rows, values = _rows_by_number, {"number": number.strip()}
        else:
            rows, values = _rows_by_both, {"number": number.strip(), "person": self._person}
        self._rows, self._values = rows, {**values, "name": self._wanted}

    def beside(self) -> Asked:
        """The statement for all who ask at the same moment, and the values of this one."""
        return self._rows.asked(**self._values)

    def answer(self, rows: Sequence[tuple[Any, ...]] | None = None) -> Answer:
        """What these rows of it say, or those that it is sent for now."""
        said, lost = records(self._rows(**self._values) if rows is None else rows)
        answer = Answer(fitting(said, self._wanted, self._person))
        answer.lost_blanks = lost
        return answer


def find(name: str, id_number: str, number: str) -> Answer:
    """The answer to a question with a name and one number, or both; then both must fit.

    Certificates in force come first; lost and void ones say so, and nothing about a successor but
    that there is one.
    """
    return Finding(name, id_number, number).answer()


def find_by_person(name: str, id_number: str) -> Answer:
    """All issued certificates of the person with exactly this name and ID number."""
    return find(name, id_number, "")


def find_by_number(number: str, name: str) -> Answer:
    """The certificate with exactly this number, if it bears this name; else nothing."""
    if not number:  # would be a question by person
        number = " "
    return find(name, "", number)


def of_people(keys: Collection[bytes]) -> list[Record]:
    """What every source says of these people, in as many statements as there are sources."""
    return _of_many("person__in", list(keys))


def of_numbers(numbers: Collection[str]) -> list[Record]:
    """What every source says of these certificate numbers, in the same way."""
    return _of_many("number__in", list(numbers))


def _of_many(by: str, asked: list[Any]) -> list[Record]:
    return records([row for found in sources(by, asked) for row in found])[0]


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
    return standing_of(lost_at, voided_at, reason)


def lost_blanks(name: str, id_number: str, number: str) -> list[tuple[str, int]]:
    """Certificates asked for, in whatever state, with blanks that they lay on and that were lost.

    For the alarm alone: no answer ever shows it. Pairs of certificate number and serial.
    """
    where = {"certificate__number": number.strip()} if number else {}
    if id_number:
        where["certificate__id_number_index"] = _person(id_number)  # type: ignore[assignment]
    return list(
        Filling.objects.filter(certificate__name=tidy_name(name)[0], **where)
        .filter(Exists(lost_holdings()))
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
        .filter(Exists(lost_holdings()))
        .order_by("id")
        .values_list(
            "certificate__number", "certificate__name", "certificate__id_number_index", "serial"
        )
    )


def _person(id_number: str) -> bytes:
    """The key of a person by an ID number as people type it, also the one of fifteen digits."""
    return blind_index(person_form(tidy_id_number(id_number)[0]))


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
