"""Who is listed for a register's units in its approval documents but isn't on it; pure (N2)."""

from collections.abc import Container, Iterator, Sequence

from zhicheng.approvals.book import Approvals, ListedPerson
from zhicheng.registers.columns import COLUMNS, NAME, WORK_UNIT
from zhicheng.registers.matching import Matches
from zhicheng.registers.tidying import TidyRow
from zhicheng.values.finding import WARNING, Finding

MISSING = "approval.person_missing"


def missing_people(
    rows: Sequence[TidyRow],
    matches: Matches,
    approvals: Approvals,
    *,
    reporting_unit: str,
    taken: Container[int],
) -> Iterator[Finding]:
    """A warning for each; ``taken`` are the entries for which another register stands."""
    numbers = {
        match.document.number
        for match in matches.of_rows
        if match.document and not (match.document.is_self_managed or match.document.is_online)
    }
    units = {row.values[WORK_UNIT] for row in rows} | {reporting_unit}
    units.discard("")
    for person in approvals.of_units(numbers, units):
        if person.ref not in matches.covered and person.ref not in taken:
            yield missing_person(person)


def missing_person(person: ListedPerson) -> Finding:
    """The warning that the register lacks a listed person."""
    return Finding(
        row=None,
        column=COLUMNS[NAME].title,
        code=MISSING,
        severity=WARNING,
        value="",
        suggestion=f"{person.name} {person.id_masked}",
        message=(
            f"核准文件{person.document}列有{person.work_unit}的{person.name}"
            f"（{person.qualification}），登记表中没有。"
        ),
        clause="N2",
        person=person.ref,
    )
