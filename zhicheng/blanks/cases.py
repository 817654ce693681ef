"""Opening a case; the investigation itself is in ``investigations`` (N18).

Opened within the transaction of whoever found the difference, so that no difference is ever left
without one.
"""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.blanks.models import BlankCase, CaseKind
from zhicheng.blanks.rules import describe
from zhicheng.bulk import new_ids
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.models import Account, Organization
from zhicheng.values.serials import SerialRange, count
from zhicheng.values.text import hide_id_numbers


def open_case(
    *,
    kind: CaseKind,
    grade: str,
    serials: Sequence[SerialRange],
    holder: Organization | int,
    note: str,
    actor: Actor,
    register_id: int | None = None,
) -> BlankCase:
    """A new case about these serials; the caller moves the blanks and records the event."""
    (pk,) = new_ids(BlankCase, 1)
    return BlankCase.objects.create(
        pk=pk,
        number=f"AJ{timezone.localdate().year}-{pk:06d}",
        kind=kind,
        grade=grade,
        serials=describe(serials),
        count=count(serials),
        holder_id=holder if isinstance(holder, int) else holder.pk,
        register_id=register_id,
        note=hide_id_numbers(note.strip())[:500],
        opened_by=actor if isinstance(actor, Account) else None,
    )
