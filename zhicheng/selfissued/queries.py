"""Reads of reports and certificates of self-managed units, and what the public query shows."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from zhicheng.approvals.models import RecordMode, ReviewRecord
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal_bytes
from zhicheng.selfissued.models import Report, ReportState, SelfIssuedCertificate, Standing

RECENT = timedelta(days=30)


def reports(account: Account) -> QuerySet[Report]:
    """The reports that the account may see: all for the office and auditors, else its own."""
    found = Report.objects.select_related("unit", "filed_by", "decided_by").defer("source")
    if may(account, Action.SELF_ISSUED_VIEW):
        return found
    return found.filter(unit=account.organization_id)


def certificates(account: Account) -> QuerySet[SelfIssuedCertificate]:
    """Their certificates in the same way, without the encrypted numbers."""
    found = SelfIssuedCertificate.objects.select_related("unit", "report", "record").defer(
        "id_number_cipher"
    )
    if may(account, Action.SELF_ISSUED_VIEW):
        return found
    return found.filter(unit=account.organization_id)


def to_correct(unit_id: int) -> QuerySet[Report]:
    """Returned lately to the unit, and followed by no other report: it has to correct them."""
    own = Report.objects.filter(unit=unit_id).defer("source")
    newer = own.filter(state__in=[ReportState.FILED, ReportState.ACCEPTED])
    last = newer.order_by("-pk").values_list("pk", flat=True).first() or 0
    return own.filter(
        state=ReportState.RETURNED, pk__gt=last, decided_at__gt=timezone.now() - RECENT
    )


def concerned(account: Account) -> bool:
    """Whether the menu names these pages: of the units, to those that were ever on record (N16)."""
    if may(account, Action.SELF_ISSUED_VIEW):
        return True
    own = ReviewRecord.objects.filter(unit=account.organization_id, mode=RecordMode.SELF_MANAGED)
    return own.exists()


def source_of(report: Report) -> bytes:
    """The file as the unit sent it."""
    return reveal_bytes(bytes(Report.objects.values_list("source", flat=True).get(pk=report.pk)))


def shown(**where: Any) -> QuerySet[SelfIssuedCertificate]:
    """What the public query may answer with: accepted ones, and those that the unit voided."""
    return (
        SelfIssuedCertificate.objects.filter(state__in=[Standing.ACCEPTED, Standing.VOID], **where)
        .select_related("unit")
        .defer("id_number_cipher")
    )
