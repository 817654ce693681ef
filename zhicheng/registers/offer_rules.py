"""What a row is offered for a cell, from the approval document and never guessed; pure (N6)."""

from zhicheng.approvals.book import ListedPerson
from zhicheng.registers.columns import (
    APPROVAL_DATE,
    ID_NUMBER,
    NAME,
    QUALIFICATION,
    SEX,
    SPECIALTY,
    WORK_UNIT,
)
from zhicheng.registers.matching import Match


def offer(person: ListedPerson | None, column: int) -> str:
    """What the approval document would have in this column; ID numbers masked."""
    if person is None:
        return ""
    offers = {
        WORK_UNIT: person.work_unit,
        NAME: person.name,
        SEX: person.sex,
        ID_NUMBER: person.id_masked,
        SPECIALTY: person.specialty,
        QUALIFICATION: person.qualification,
        APPROVAL_DATE: offered_date(person),
    }
    return offers.get(column, "")


def offered_date(person: ListedPerson | None) -> str:
    """The listed date of approval as it is typed; empty where the document has none."""
    return person.approval_date.isoformat() if person and person.approval_date else ""


def only_entry(match: Match) -> ListedPerson | None:
    """The person's only entry in other documents, which names the document that was meant."""
    return match.elsewhere[0] if len(match.elsewhere) == 1 else None


def only_document(match: Match) -> str:
    """The number of the document that was meant; empty where it isn't certain."""
    entry = only_entry(match)
    return entry.document if entry else ""
