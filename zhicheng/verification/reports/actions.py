"""Holders have reports made, renewed and revoked; the worker forgets old ones.

Who the holder is, ``holders`` finds out before; ``record`` is the certificate that they proved to
be theirs, as it stands now. No code ever stands in an audit event.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.credentials.queries import publisher
from zhicheng.electronic.handing_out import Holder
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect
from zhicheng.values.refusal import Refusal
from zhicheng.verification.models import ReportTerm, VerificationReport
from zhicheng.verification.reports import codes, rules
from zhicheng.verification.reports.queries import digest_of, in_force, said_of, with_terms
from zhicheng.verification.rules import Record

_LOCK = 0x7265706F  # "repo"


@retrying
def make(*, record: Record, days: int) -> VerificationReport:
    """A new report, valid from today; raises Refusal for a certificate out of force."""
    with recorded(Holder(), Action.REPORT_MAKE) as note:
        _lock(record.number)
        term = rules.term(timezone.localdate(), days)
        rules.may_be_made(record, in_force(record))
        code = codes.make()
        report = VerificationReport.objects.create(
            code_digest=digest_of(code),
            code_cipher=protect(code),
            certificate_number=record.number,
            person=record.person,
            said={**said_of(record), "office": publisher()},
        )
        _begin(report, term)
        note(subject=report, data={"number": record.number, "until": f"{term.ends_on}"})
    return report


@retrying
def renew(*, record: Record, key: int, days: int) -> VerificationReport:
    """Valid for ``days`` from today, also after it ran out, until it is forgotten."""
    with recorded(Holder(), Action.REPORT_RENEW) as note:
        _lock(record.number)
        report = _open(record, key)
        until = with_terms(VerificationReport.objects.filter(pk=key)).get().last_day
        today = timezone.localdate()
        term = rules.term(today, days, until)
        rules.may_be_made(record, in_force(record) if rules.is_over(until, today) else 0)
        _begin(report, term)
        note(
            subject=report,
            data={"number": record.number, "before": f"{until}", "until": f"{term.ends_on}"},
        )
    return report


@retrying
def revoke(*, record: Record, key: int) -> None:
    """Nobody can check it any more, for good."""
    with recorded(Holder(), Action.REPORT_REVOKE) as note:
        report = _open(record, key)
        report.revoked_at = timezone.now()
        report.save(update_fields=["revoked_at"])
        note(subject=report, data={"number": record.number})


def forget_old(*, actor: Actor) -> int:
    """Deletes what has been over for a year, so that nobody can renew it; gives how many."""
    before = timezone.localdate() - timedelta(days=rules.KEPT_DAYS)
    old = with_terms(VerificationReport.objects.all()).filter(
        Q(revoked_at=None, last_day__lt=before) | Q(revoked_at__date__lt=before)
    )
    keys = list(old.values_list("pk", flat=True)[:10_000])
    if not keys:
        return 0
    with recorded(actor, Action.REPORT_FORGET) as note:
        require(actor, Action.REPORT_FORGET)
        ReportTerm.objects.filter(report__in=keys).delete()
        VerificationReport.objects.filter(pk__in=keys).delete()
        note(data={"count": len(keys)}, rows="verification.verificationreport", ids=keys)
    return len(keys)


def _begin(report: VerificationReport, term: rules.Term) -> None:
    ReportTerm.objects.create(report=report, begins_on=term.begins_on, ends_on=term.ends_on)


def _lock(number: str) -> None:
    """One at a time for each certificate, so that the count of its reports holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, number])


def _open(record: Record, key: int) -> VerificationReport:
    report = (
        VerificationReport.objects.select_for_update()
        .filter(pk=key, certificate_number=record.number, person=record.person, revoked_at=None)
        .first()
    )
    if report is None:
        raise Refusal(
            "report.gone",
            "没有这份核验报告，或者它已经撤销。",
            expected="本证书未撤销的核验报告",
            mend="请返回核对报告列表。",
        )
    return report
