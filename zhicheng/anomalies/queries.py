"""Reads of the inspector's pages."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from zhicheng.anomalies.models import Anomaly, DetectionPolicy, Inquiry, InquiryEntry
from zhicheng.anomalies.rules import Thresholds
from zhicheng.audit.models import AuditEvent
from zhicheng.database.dated import with_replaced
from zhicheng.organizations.permissions import Action


def thresholds_on(day: date) -> Thresholds:
    """The figures in force on a day; the product's own before the first setting.

    Of several for one day the last counts.
    """
    policy = DetectionPolicy.objects.filter(valid_from__lte=day).first()
    if policy is None:
        return Thresholds()
    return Thresholds(**{name: getattr(policy, name) for name in Thresholds.__dataclass_fields__})


def policies() -> QuerySet[DetectionPolicy]:
    """All settings, the latest day first; ``replaced`` where a later one was for the same day."""
    return with_replaced(DetectionPolicy.objects.all())


def anomalies() -> QuerySet[Anomaly]:
    """All of them; whoever may see any sees all."""
    return Anomaly.objects.select_related("organization", "account", "inquiry")


def not_looked_at() -> QuerySet[Anomaly]:
    """Those that wait: nobody has dealt with them, and the last search found them still."""
    return anomalies().filter(set_aside_at=None, inquiry=None, gone_since=None)


def by_progress(rows: QuerySet[Anomaly], progress: str) -> QuerySet[Anomaly]:
    """Those that stand so; see ``Anomaly.progress``."""
    match progress:
        case "aside":
            return rows.exclude(set_aside_at=None)
        case "new":
            return rows.filter(set_aside_at=None, inquiry=None, gone_since=None)
        case "gone":
            return rows.filter(set_aside_at=None, inquiry=None, gone_since__isnull=False)
        case "open":
            return rows.filter(inquiry__outcome="")
        case _:
            return rows.exclude(inquiry=None).exclude(inquiry__outcome="")


def inquiries() -> QuerySet[Inquiry]:
    """All of them, with how many anomalies each looks into."""
    return Inquiry.objects.select_related("opened_by", "closed_by").annotate(
        count=Count("anomalies")
    )


def open_inquiries() -> QuerySet[Inquiry]:
    """Those still looked into."""
    return Inquiry.objects.filter(Q(outcome=""))


def entries(inquiry: Inquiry) -> QuerySet[InquiryEntry]:
    """Its steps in order; of their documents all but the bytes."""
    rows = inquiry.entries.select_related("written_by", "file").defer("file__content")
    return rows.order_by("pk")


def last_look() -> AuditEvent | None:
    """The event of the last search."""
    return AuditEvent.objects.filter(tag=Action.ANOMALY_LOOK).order_by("-occurred_at").first()
