"""Reads reports: a holder's own ones, and what a code opens.

Every check runs the same statements whether or not there is such a report, and unknown, expired
and revoked ones are one answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from zhicheng.protection import blind_index, reveal
from zhicheng.verification.models import VerificationReport
from zhicheng.verification.queries import find_by_number
from zhicheng.verification.reports import codes
from zhicheng.verification.reports.rules import is_over
from zhicheng.verification.rules import Record, Source, Standing

_SAID = (
    "number", "name", "sex", "id_number_masked", "qualification", "grade", "specialty",
    "document_number", "approving_department", "issuing_unit",
)  # fmt: skip
_ABOUT = frozenset({"source", "issuing_unit", "office"})  # not what the certificate itself says


@dataclass(frozen=True)
class Report:
    """A report as its holder sees it."""

    key: int
    code: str
    said: Mapping[str, Any]
    made_at: datetime
    revoked_at: datetime | None
    begins_on: date
    renewed_on: date
    ends_on: date
    renewals: int

    @property
    def state(self) -> str:
        """One word: running, over or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "over" if is_over(self.ends_on, timezone.localdate()) else "running"

    @property
    def grouped_code(self) -> str:
        """The code as it stands on paper."""
        return codes.grouped(self.code)


@dataclass(frozen=True)
class Checked:
    """What a report said, and how its certificate stands today (``standing``)."""

    report: Report
    standing: Standing
    changed: bool

    @property
    def number(self) -> str:
        """The certificate's."""
        return str(self.report.said["number"])


def digest_of(code: str) -> bytes:
    """By which a code is found: keyed, so that a stolen database tells none."""
    return blind_index(f"verification report {code}")


def said_of(record: Record) -> dict[str, Any]:
    """What a report says, as JSON values: the public answer, with no more of the ID number."""
    said: dict[str, Any] = {name: getattr(record, name) for name in _SAID}
    said["approval_date"] = record.approval_date.isoformat()
    said["issued_on"] = record.issued_on.isoformat() if record.issued_on else ""
    said["source"] = int(record.source)
    return said


def record_of(said: Mapping[str, Any]) -> Record:
    """What a report said, as the public answer shows it."""
    issued = said["issued_on"]
    return Record(
        source=Source(said["source"]),
        person=b"",
        approval_date=date.fromisoformat(said["approval_date"]),
        issued_on=date.fromisoformat(issued) if issued else None,
        **{name: said[name] for name in _SAID},
    )


def with_terms(found: QuerySet[VerificationReport]) -> QuerySet[Any]:
    """Reports with their first day, the last renewal's, their last day and how many terms."""
    return found.annotate(
        first_day=Min("terms__begins_on"),
        last_begin=Max("terms__begins_on"),
        last_day=Max("terms__ends_on"),
        term_count=Count("terms"),
    )


def of_certificate(record: Record) -> list[Report]:
    """All reports of a certificate that its holder made, the newest first."""
    return [_report(row) for row in with_terms(_of(record))]


def one_of(record: Record, key: int) -> Report | None:
    """The report with this key, if it is this holder's and of this certificate."""
    row = with_terms(_of(record).filter(pk=key)).first()
    return _report(row) if row is not None else None


def in_force(record: Record) -> int:
    """How many reports of a certificate can be checked today."""
    running: QuerySet[Any] = with_terms(_of(record).filter(revoked_at=None))
    return running.filter(last_day__gte=timezone.localdate()).count()


def check(code: str) -> Sequence[Checked]:
    """The report with this code, or nothing: unknown, expired and revoked ones are the same."""
    row = (
        with_terms(VerificationReport.objects.filter(code_digest=digest_of(code), revoked_at=None))
        .filter(last_day__gte=timezone.localdate())
        .first()
    )
    said = row.said if row is not None else {}
    # Asked in any case, so that time tells no more than words.
    now = find_by_number(said.get("number", ""), said.get("name", ""))
    if row is None:
        return []
    mine = [record for record in now if record.person == bytes(row.person)]
    standing = mine[0].standing if mine else Standing.UNKNOWN
    changed = bool(mine) and _facts(said_of(mine[0])) != _facts(said)
    return [Checked(_report(row), standing, changed)]


def _of(record: Record) -> QuerySet[VerificationReport]:
    return VerificationReport.objects.filter(certificate_number=record.number, person=record.person)


def _facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate says; where it is known from may change without changing it."""
    return {name: value for name, value in said.items() if name not in _ABOUT}


def _report(row: Any) -> Report:
    return Report(
        key=row.pk,
        code=reveal(bytes(row.code_cipher)),
        said=row.said,
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        begins_on=row.first_day,
        renewed_on=row.last_begin,
        ends_on=row.last_day,
        renewals=row.term_count - 1,
    )
