"""Checks and stores what a change of some rows can affect, by look-up in the tables.

A number of statements that grows neither with the register nor with the change. Submission and
acceptance check the whole register (``editing.refresh``); ``recheck`` says why both agree.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.utils import timezone

from zhicheng.approvals.book import ApprovalBook, ListedPerson
from zhicheng.approvals.queries import approval_book
from zhicheng.bulk import update_rows
from zhicheng.registers.columns import CERTIFICATE_NUMBER, DOCUMENT_NUMBER, NAME
from zhicheng.registers.editing import check_again, touch
from zhicheng.registers.missing_rules import MISSING
from zhicheng.registers.models import (
    NumberingRule,
    Register,
    RegisterChange,
    RegisterRow,
    Severity,
)
from zhicheng.registers.numbering.held_against import numbering_of
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.numbering.used import used_by_others
from zhicheng.registers.recheck import Changed, Outcome, Rechecker, Wanted
from zhicheng.registers.rules import Taken
from zhicheng.registers.storing import (
    StoredRow,
    finding_rows,
    replace_findings,
    stored_rows,
)
from zhicheng.registers.tidying import TidyRow

# How many versions back another window may be and still fetch single rows.
KEPT_CHANGES = 200
_DUPLICATES = ("certificate_number.duplicate", "person.duplicate")


@dataclass
class StoredSheet:
    """The register's rows by look-up; keeps what the table knows of the rows it gave."""

    register: Register
    seen: dict[int, StoredRow] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> Mapping[int, TidyRow]:
        """The rows that meet any of the conditions, in the register's order."""
        conditions = [
            Q(**{f"{name}__in": list(values)})
            for name, values in (
                ("pk", wanted.ids),
                ("certificate_number", wanted.numbers),
                ("id_number_index", wanted.keys),
            )
            if values
        ]
        if wanted.names:
            conditions.append(
                Q(document_number__in={number for number, _name in wanted.names})
                & Q(name__in={name for _number, name in wanted.names})
            )
        if not conditions:
            return {}
        rows = stored_rows(self.register, reduce(or_, conditions))
        self.seen |= {row.pk: row for row in rows}
        return {row.pk: row.tidy for row in rows}

    def named(self, *, besides: Set[int]) -> tuple[Set[str], Set[str]]:
        """The document numbers and work units of all rows but these."""
        pairs = (
            self.register.rows.exclude(pk__in=list(besides))
            .order_by()
            .values_list("document_number", "work_unit")
            .distinct()
        )
        found = list(pairs)
        return {number for number, _unit in found}, {unit for _number, unit in found}


# Approved people (ids) -> which of them have their certificate otherwise, and by what, in words.
Certified = Callable[[Set[int]], Mapping[int, str]]
_certified: list[Certified] = []


def tells_certified(source: Certified) -> Certified:
    """Registers a folder below that certifies people without a register (N7)."""
    if source not in _certified:
        _certified.append(source)
    return source


@dataclass(frozen=True)
class StoredFacts:
    """Approval documents and accepted registers, by look-up."""

    register: Register

    def book(self, rows: Iterable[TidyRow], numbers: Set[str] = frozenset()) -> ApprovalBook:
        """The documents of these rows and of these ``numbers``, and whom the rows could mean."""
        rows = list(rows)
        return approval_book(
            numbers={row.values[DOCUMENT_NUMBER] for row in rows} | numbers,
            keys={row.key for row in rows if isinstance(row.key, bytes) and row.key},
            names={row.values[NAME] for row in rows},
            units=(),
        )

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Everybody whom these documents list for these work units."""
        book = approval_book(numbers=numbers, keys=(), names=(), units=units)
        return book.of_units(numbers, units)

    def taken(self, numbers: Set[str], entries: Set[int]) -> Taken:
        """What accepted registers hold of these certificate numbers and entries."""
        accepted = RegisterRow.objects.filter(accepted=True).exclude(register=self.register)
        found = accepted.filter(approved_person__in=list(entries)).values_list(
            "approved_person_id", "register__number"
        )
        held = {entry: f"登记表{where}" for entry, where in found if entry is not None}
        for source in _certified if entries else ():
            held = {**source(entries), **held}
        return Taken(
            used_by_others(list(numbers), register_id=self.register.pk) if numbers else {}, held
        )


def with_duplicates(register: Register) -> set[int]:
    """The rows whose findings name another row by its number."""
    found = register.findings.filter(code__in=_DUPLICATES, row__isnull=False)
    return {pk for pk in found.values_list("row_id", flat=True) if pk is not None}


def settle(register: Register, changed: Changed, *, changed_by: int | None) -> set[int]:
    """Checks what the change affects and stores the outcome, one version on.

    The rows must be saved already. Gives the ids of all rows that are not what they were: changed
    cells, or other findings. A change that took rows away leaves no line in ``RegisterChange``.
    """
    sheet = StoredSheet(register)
    unit = register.reporting_unit
    numbering, moved = _numbering(register, changed)
    if moved:
        # Which numbering rules count is another now, and that concerns every row.
        check_again(register, stored_rows(register))
        touch(register)
        return set(changed.after)
    outcome = Rechecker(
        sheet,
        StoredFacts(register),
        timezone.localdate(),
        unit.name,
        unit.has_authority,
        numbering,
    ).check(changed)
    touched = _store(register, outcome, sheet.seen) | set(changed.after)
    register.version += 1
    register.save(
        update_fields=["version", "changed_at", "row_count", "error_count", "warning_count"]
    )
    if changed.before.keys() <= changed.after.keys():
        RegisterChange.objects.create(
            register=register,
            version=register.version,
            row_ids=sorted(touched),
            changed_by_id=changed_by,
        )
    register.changes.filter(version__lte=register.version - KEPT_CHANGES).delete()
    return touched


def _numbering(register: Register, changed: Changed) -> tuple[Numbering | None, bool]:
    """What the numbers are held against now, and whether that was something else before.

    A unit's older rules count while one of their numbers stands on the register; with one rule
    there is nothing to find out.
    """
    rules = NumberingRule.objects.filter(unit=register.issuing_unit_id, withdrawn_at=None)
    if rules.count() < 2:
        return numbering_of(register, ()), False
    rows = register.rows.order_by().values_list("pk", "certificate_number")
    numbers = dict(rows)
    now = numbering_of(register, set(numbers.values()))
    others = {number for pk, number in numbers.items() if pk not in changed.after}
    before = {row.values[CERTIFICATE_NUMBER] for row in changed.before.values()}
    return now, now != numbering_of(register, others | before)


def _store(register: Register, outcome: Outcome, seen: Mapping[int, StoredRow]) -> set[int]:
    moved = [
        (pk, row.approved.ref if row.approved else None, row.grade)
        for pk, row in outcome.rows.items()
        if (seen[pk].approved_person, seen[pk].grade)
        != (row.approved.ref if row.approved else None, row.grade)
    ]
    if moved:
        update_rows(RegisterRow, ("approved_person_id", "grade"), moved)
    touched = {pk for pk, _entry, _grade in moved}
    if outcome.findings:
        ids = list(outcome.findings)
        placed = [
            replace(finding, index=place)
            for place, findings in enumerate(outcome.findings.values())
            for finding in findings
        ]
        held = register.findings.filter(row__in=ids)
        touched |= {
            pk
            for pk in replace_findings(held, finding_rows(register, ids, placed))
            if pk is not None
        }
    if outcome.missing:
        held = register.findings.filter(code=MISSING, suggested_person__in=list(outcome.missing))
        missing = [finding for finding in outcome.missing.values() if finding is not None]
        replace_findings(held, finding_rows(register, (), missing))
    counted = register.findings.aggregate(
        errors=Count("pk", filter=Q(severity=Severity.ERROR)),
        warnings=Count("pk", filter=Q(severity=Severity.WARNING)),
    )
    register.error_count, register.warning_count = counted["errors"], counted["warnings"]
    return touched
