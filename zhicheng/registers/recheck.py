"""Checks after a change only what the change can affect; pure (N2, N6).

Gives exactly what ``rules.check_rows`` would give for the whole register. A row's outcome depends
on its own cells, on the rows with its certificate number and on the rows with its ID number (who
comes first, who stands for an entry). Who is missing depends besides on the documents and work
units that the register names, and on the rows with a listed person's number or name. All of these
are found by look-up, so the cost follows the change and not the register.
"""

from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from zhicheng.approvals.book import ApprovalBook, ListedPerson
from zhicheng.reference.catalog import Catalog
from zhicheng.registers.columns import CERTIFICATE_NUMBER, DOCUMENT_NUMBER, NAME, WORK_UNIT
from zhicheng.registers.matching import match_rows
from zhicheng.registers.missing_rules import missing_person
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.rules import CheckedRow, Taken, check_rows, id_fault, is_relied_on
from zhicheng.registers.tidying import TidyRow
from zhicheng.values.finding import Finding

Rows = Mapping[int, TidyRow]


@dataclass(frozen=True)
class Wanted:
    """Rows to look up: by id, certificate number, person, or document number with name."""

    ids: Set[int] = frozenset()
    numbers: Set[str] = frozenset()
    keys: Set[Hashable] = frozenset()
    names: Set[tuple[str, str]] = frozenset()


class Sheet(Protocol):
    """The register as it stands after the change."""

    def find(self, wanted: Wanted) -> Rows:
        """The rows that meet any of the conditions, by id, in the register's order."""
        ...

    def named(self, *, besides: Set[int]) -> tuple[Set[str], Set[str]]:
        """The document numbers and the work units of all rows but these."""
        ...


class Facts(Protocol):
    """What the register is checked against, asked for as much as is needed."""

    def book(self, rows: Iterable[TidyRow], numbers: Set[str] = frozenset()) -> ApprovalBook:
        """The documents of these rows and of these ``numbers``, and whom the rows could mean."""
        ...

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Everybody whom these documents list for these work units."""
        ...

    def taken(self, numbers: Set[str], entries: Set[int]) -> Taken:
        """What accepted registers hold of these certificate numbers and entries."""
        ...


@dataclass(frozen=True)
class Changed:
    """Rows before and after: an added row is only in ``after``, a removed one only in ``before``.

    ``renumbered`` are rows whose findings name another row by a number that may have moved.
    """

    before: Rows
    after: Rows
    renumbered: Set[int] = frozenset()


@dataclass
class Outcome:
    """What the checks say now of the rows concerned, and of the people that may be missing.

    ``missing`` maps an entry to its finding, or to None where it isn't missing (any more).
    """

    rows: dict[int, CheckedRow] = field(default_factory=dict)
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    missing: dict[int, Finding | None] = field(default_factory=dict)


class _Unlisting(ApprovalBook):
    """Another book that lists nobody by unit: who is missing is judged apart."""

    def __init__(self, book: ApprovalBook) -> None:
        self.__dict__.update(book.__dict__)

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Nobody."""
        return ()


@dataclass(frozen=True)
class Rechecker:
    """The circumstances of one register's checks, as ``check_rows`` takes them."""

    sheet: Sheet
    facts: Facts
    today: date
    reporting_unit: str = ""
    has_authority: bool | None = None
    numbering: Numbering | None = None
    catalog: Catalog | None = None

    def check(self, changed: Changed) -> Outcome:
        """What the change makes of the rows and people concerned."""
        touched = [*changed.before.values(), *changed.after.values()]
        ids = changed.after.keys() | changed.renumbered
        concerned = self.sheet.find(_linked(touched, ids))
        around = self.sheet.find(_linked([*touched, *concerned.values()], concerned.keys()))
        rows = {pk: changed.after.get(pk, row) for pk, row in around.items()}
        book = self.facts.book([*rows.values(), *changed.before.values()])
        outcome = self._rows(rows, concerned.keys(), book)
        suspects = _meant(
            [*changed.before.values(), *(rows[pk] for pk in concerned)],
            book,
        )
        self._missing(changed, suspects, outcome)
        return outcome

    def _rows(self, rows: Rows, concerned: Set[int], book: ApprovalBook) -> Outcome:
        """Checks the rows together, and keeps what is said of those concerned."""
        entries = {entry.ref for row in rows.values() for entry in book.entries_of(row.key)}
        numbers = {row.values[CERTIFICATE_NUMBER] for row in rows.values()} - {""}
        result = check_rows(
            list(rows.values()),
            approvals=_Unlisting(book),
            today=self.today,
            taken=self.facts.taken(numbers, entries),
            numbering=self.numbering,
            has_authority=self.has_authority,
            catalog=self.catalog,
        )
        outcome = Outcome(findings={pk: [] for pk in rows if pk in concerned})
        ids = list(rows)
        for pk, checked in zip(ids, result.rows, strict=True):
            if pk in concerned:
                outcome.rows[pk] = checked
        for finding in result.findings:
            if finding.index is not None and ids[finding.index] in concerned:
                outcome.findings[ids[finding.index]].append(finding)
        return outcome

    def _missing(
        self, changed: Changed, suspects: dict[int, ListedPerson], outcome: Outcome
    ) -> None:
        """Judges everybody anew whom the change may have put on the register or taken off it."""
        own = {self.reporting_unit} - {""}
        documents, units = self.sheet.named(besides=changed.after.keys())
        after, before = list(changed.after.values()), list(changed.before.values())
        documents_now = documents | {row.values[DOCUMENT_NUMBER] for row in after}
        documents_then = documents | {row.values[DOCUMENT_NUMBER] for row in before}
        units_now = (units | {row.values[WORK_UNIT] for row in after} | own) - {""}
        units_then = (units | {row.values[WORK_UNIT] for row in before} | own) - {""}
        # What the register names for the first time, or no longer.
        moved_documents = (documents_now ^ documents_then) - {""}
        moved_units = units_now ^ units_then
        for numbers, places in (
            (moved_documents, units_now | units_then),
            (documents_now | documents_then, moved_units),
        ):
            if numbers and places:
                suspects |= {one.ref: one for one in self.facts.of_units(numbers, places)}
        covered, book = self._covered(suspects.values())
        taken = self.facts.taken(frozenset(), suspects.keys()).entries
        for ref, person in suspects.items():
            document = book.document(person.document)
            missing = (
                person.document in documents_now
                and person.work_unit in units_now
                and document is not None
                and not (document.is_self_managed or document.is_online)
                and ref not in covered
                and ref not in taken
            )
            outcome.missing[ref] = missing_person(person) if missing else None

    def _covered(self, people: Iterable[ListedPerson]) -> tuple[Set[int], ApprovalBook]:
        """For which of these people the register has a row, and the book that says so."""
        people = list(people)
        keys = {person.key for person in people}
        names = {(person.document, person.name) for person in people}
        found = self.sheet.find(Wanted(keys=keys, names=names))
        others = {row.key for row in found.values()} - keys - {"", b""}
        if others:
            # Who else has these rows' numbers decides whom the rows stand for.
            found = self.sheet.find(Wanted(keys=keys | others, names=names))
        rows = list(found.values())
        book = self.facts.book(rows, {person.document for person in people})
        good = [is_relied_on(row, id_fault(row, book, self.today)) for row in rows]
        return match_rows(rows, good, book).covered, book


def _linked(rows: Iterable[TidyRow], ids: Set[int]) -> Wanted:
    """These rows by id, and whoever shares a certificate number or a person with the rows."""
    rows = list(rows)
    return Wanted(
        ids=ids,
        numbers={row.values[CERTIFICATE_NUMBER] for row in rows} - {""},
        keys={row.key for row in rows} - {"", b""},
    )


def _meant(rows: Iterable[TidyRow], book: ApprovalBook) -> dict[int, ListedPerson]:
    """Everybody whom these rows could stand for, by entry."""
    return {
        person.ref: person
        for row in rows
        for person in (
            *book.entries_of(row.key),
            *book.named(row.values[DOCUMENT_NUMBER], row.values[NAME]),
        )
    }
