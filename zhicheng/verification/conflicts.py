"""Reads of conflicts between sources: open and decided ones, with both records (N7)."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from zhicheng.verification.models import SourceConflict, SourceDecision
from zhicheng.verification.rules import Record, Source

RECORDS = (
    "first_certificate__issuing_unit",
    "first_certificate__approving_department",
    "first_legacy",
    "other_legacy",
    "other_reissue",
)


def _decided() -> Exists:
    return Exists(SourceDecision.objects.filter(conflict=OuterRef("pk"), revoked_at=None))


def all_conflicts() -> QuerySet[SourceConflict]:
    """Every conflict with whether a decision counts, and the decisions, the newest first."""
    return (
        SourceConflict.objects.select_related(*RECORDS)
        .annotate(decided=_decided())
        .prefetch_related(
            Prefetch(
                "decisions",
                SourceDecision.objects.select_related("decided_by", "revoked_by").order_by("-id"),
            )
        )
    )


def open_conflicts() -> QuerySet[SourceConflict]:
    """Those that nobody decided, or whose decision was revoked."""
    return all_conflicts().filter(~_decided())


def decided_conflicts() -> QuerySet[SourceConflict]:
    """Those whose decision counts."""
    return all_conflicts().filter(_decided())


def decision_of(conflict: SourceConflict) -> SourceDecision | None:
    """The decision that counts."""
    return next((item for item in conflict.decisions.all() if item.revoked_at is None), None)


def sides(conflict: SourceConflict) -> tuple[Record, Record]:
    """Both records as ``rules`` compares them, the one that the query answers from first."""
    first = conflict.first_certificate or conflict.first_legacy
    other = conflict.other_legacy or conflict.other_reissue
    return _record(conflict, Source[conflict.first_source.upper()], first), _record(
        conflict, Source[conflict.other_source.upper()], other
    )


def _record(conflict: SourceConflict, source: Source, item: object) -> Record:
    def said(name: str, default: object = "") -> object:
        return getattr(item, name, default)

    return Record(
        source=source,
        number=conflict.number,
        name=str(said("name")),
        person=bytes(said("id_number_index", b"")),  # type: ignore[call-overload]
        id_number_masked=str(said("id_number_masked")),
        specialty=str(said("specialty")),
        qualification=str(said("qualification")),
        approval_date=said("approval_date"),  # type: ignore[arg-type]
        document_number=str(said("document_number")),
        work_unit=str(said("work_unit")),
        sex=str(said("sex")),
        grade=str(said("grade")),
        month_only=bool(said("month_only", False)),
        document_date=None if source != Source.LEGACY else said("issued_on", None),  # type: ignore[arg-type]
    )


__all__ = ["all_conflicts", "decided_conflicts", "decision_of", "open_conflicts", "sides"]
