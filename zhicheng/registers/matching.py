"""Finds the approved person that each row means; pure (N2, N6).

A row means a person firmly when document and ID number agree, tentatively when the ID number is
faulty or isn't listed but the name stands once in the document and something else agrees too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhicheng.approvals.book import Approvals, ListedDocument, ListedPerson
from zhicheng.registers.columns import (
    DOCUMENT_NUMBER,
    NAME,
    QUALIFICATION,
    SPECIALTY,
    WORK_UNIT,
)
from zhicheng.registers.tidying import TidyRow


@dataclass(slots=True)
class Match:
    """What was found for a row.

    ``firm`` is the entry that document and ID number name, ``likely`` the one that is offered
    for a person to accept. ``elsewhere`` are the person's entries in documents other than the
    stated one. ``twice_of`` is the place of the row that already stands for the same entry.
    """

    document: ListedDocument | None = None
    firm: ListedPerson | None = None
    likely: ListedPerson | None = None
    elsewhere: Sequence[ListedPerson] = ()
    twice_of: int | None = None

    @property
    def person(self) -> ListedPerson | None:
        """The firm or else the likely entry."""
        return self.firm or self.likely


@dataclass(slots=True)
class Matches:
    """The matches of all rows, and the entries that the register stands for (by ``ref``)."""

    of_rows: list[Match]
    covered: set[int] = field(default_factory=set)


def match_rows(rows: Sequence[TidyRow], good_ids: Sequence[bool], approvals: Approvals) -> Matches:
    """Matches all rows; ``good_ids`` says whose ID number may be relied on."""
    found = [_match(row, good, approvals) for row, good in zip(rows, good_ids, strict=True)]
    _settle_shared(rows, found, approvals)
    _settle_unlisted(rows, good_ids, found)
    covered = {match.person.ref for match in found if match.person is not None}
    covered |= {entry.ref for match in found for entry in match.elsewhere}
    return Matches(found, covered)


def _match(row: TidyRow, good_id: bool, approvals: Approvals) -> Match:
    number = row.values[DOCUMENT_NUMBER]
    document = approvals.document(number) if number else None
    match = Match(document)
    if document is None:
        if good_id:
            match.elsewhere = approvals.entries_of(row.key)
        return match
    if good_id:
        entries = approvals.listed(number, row.key)
        if entries:
            match.firm = entries[0] if len(entries) == 1 else _closest(row, entries)
            return match
        match.elsewhere = approvals.entries_of(row.key)
    if not match.elsewhere:
        match.likely = _likely(row, approvals.named(number, row.values[NAME]))
    return match


def _closest(row: TidyRow, entries: Sequence[ListedPerson]) -> ListedPerson:
    """Of a person's several entries, the one whose title agrees best with the row."""
    qualification, specialty = row.values[QUALIFICATION], row.values[SPECIALTY]
    return max(
        entries,
        key=lambda entry: (
            2 * (entry.qualification == qualification) + (entry.specialty == specialty)
        ),
    )


def _likely(row: TidyRow, namesakes: Sequence[ListedPerson]) -> ListedPerson | None:
    """The only person of this name, when unit or title agree as well."""
    if not namesakes or len({person.key for person in namesakes}) > 1:
        return None
    person = _closest(row, namesakes)
    agrees = (
        person.work_unit == row.values[WORK_UNIT]
        or person.qualification == row.values[QUALIFICATION]
        or person.specialty == row.values[SPECIALTY]
    )
    return person if agrees else None


def _settle_shared(rows: Sequence[TidyRow], found: Sequence[Match], approvals: Approvals) -> None:
    """Only one row stands for an entry: the first whose name agrees, else the first at all."""
    owners: dict[int, int] = {}
    for named in (True, False):
        for index, match in enumerate(found):
            firm = match.firm
            if firm is None or (firm.name == rows[index].values[NAME]) != named:
                continue
            owner = owners.setdefault(firm.ref, index)
            if owner == index:
                continue
            match.twice_of = owner
            if not named:
                # Another's ID number: whom this row's name means is offered.
                match.firm = None
                match.likely = _likely(
                    rows[index],
                    approvals.named(firm.document, rows[index].values[NAME]),
                )


def _settle_unlisted(
    rows: Sequence[TidyRow], good_ids: Sequence[bool], found: Sequence[Match]
) -> None:
    """Rows whose person no document lists can still stand twice on the register."""
    first: dict[tuple[object, ...], int] = {}
    for index, match in enumerate(found):
        if match.firm is not None or match.twice_of is not None or not good_ids[index]:
            continue
        values = rows[index].values
        told = (
            rows[index].key,
            values[DOCUMENT_NUMBER],
            values[QUALIFICATION],
            values[SPECIALTY],
        )
        owner = first.setdefault(told, index)
        if owner != index:
            match.twice_of = owner
