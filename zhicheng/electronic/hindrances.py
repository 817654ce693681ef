"""Keeps why somebody, or a whole document, has no electronic certificate yet."""

from collections.abc import Iterable

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.audit.recording import recorded
from zhicheng.electronic.models import Hindrance
from zhicheng.organizations.guard import Actor, account_of
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers


def note(
    actor: Actor,
    document: ApprovalDocument,
    hindered: Iterable[tuple[ApprovedPerson, Refusal]],
) -> None:
    """Keeps the reasons, one for each person, the last one."""
    account = account_of(actor)
    Hindrance.objects.bulk_create(
        [
            Hindrance(document=document, person=person, noted_by=account, **words(refusal))
            for person, refusal in hindered
        ],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["rule", "message", "found", "expected", "mend", "noted_at", "noted_by"],
    )


def words(refusal: Refusal) -> dict[str, str]:
    """A refusal as the columns of a hindrance; without ID numbers."""
    room = {"rule": 60, "message": 300, "found": 200, "expected": 200, "mend": 300}
    return {
        name: hide_id_numbers(str(getattr(refusal, name)))[:size] for name, size in room.items()
    }


def note_refused(actor: Actor, document: ApprovalDocument, refusal: Refusal) -> None:
    """Keeps why nothing could be made, for whoever looks at the document."""
    with recorded(actor, Action.ELECTRONIC_MAKE) as record:
        Hindrance.objects.filter(document=document, person=None).delete()
        Hindrance.objects.create(document=document, noted_by=account_of(actor), **words(refusal))
        record(subject=document, data={"number": document.number, "refused": str(refusal.rule)})
