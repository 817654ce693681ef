"""Reads of the chain: an object's story."""

from django.db.models import Q, QuerySet

from zhicheng.audit.models import AuditEvent


def story_of(subject_type: str, subject_id: int) -> QuerySet[AuditEvent]:
    """Everything that happened to an object, newest first; ``subject_type`` as ``app.model``."""
    return AuditEvent.objects.filter(subject_type=subject_type, subject_id=subject_id)


def story_of_row(
    row_type: str, row_id: int, subject_type: str, subject_id: int
) -> list[AuditEvent]:
    """The batch events of ``subject`` in which this row took part, newest first."""
    return list(
        AuditEvent.objects.filter(
            Q(row_type=row_type, row_ids__contains=[row_id]),
            subject_type=subject_type,
            subject_id=subject_id,
        )
    )
