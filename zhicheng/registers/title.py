"""Whether the title lines of a file speak of the register that it was uploaded for (A1).

Unit and year of a register are the account's and the form's, never the file's; a file that says
otherwise may be the wrong one, and a person has to see that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.registers.reading import RegisterSheet
from zhicheng.values.text import hide_id_numbers, tidy_text

UNIT, DEPARTMENT, YEAR = "unit", "department", "year"
_LONGEST = 100


@dataclass(frozen=True)
class TitleDifference:
    """``kind`` is one of UNIT, DEPARTMENT, YEAR; what the file states, what the register has."""

    kind: str
    stated: str
    known: str


def stated_in(sheet: RegisterSheet) -> dict[str, Any]:
    """What the title lines state, as it is kept with the upload; ID numbers masked."""
    told: dict[str, Any] = {
        UNIT: hide_id_numbers(sheet.reporting_unit)[:_LONGEST],
        DEPARTMENT: hide_id_numbers(sheet.department)[:_LONGEST],
        YEAR: sheet.year,
    }
    return {name: value for name, value in told.items() if value}


def differences(register: Register, stated: Mapping[str, Any]) -> list[TitleDifference]:
    """Where the title lines speak of another unit, department or year than the register.

    The brackets of the form's title may hold the district or department instead of the unit.
    """
    unit, department = register.reporting_unit, register.endorser or register.issuing_unit
    above = [unit, *filter(None, (register.endorser, register.issuing_unit, unit.supervisor))]
    found = []
    for name, text, known in (
        (UNIT, str(stated.get(UNIT, "")), unit),
        (DEPARTMENT, str(stated.get(DEPARTMENT, "")), department),
    ):
        if text and not _means_one_of(text, above):
            found.append(TitleDifference(name, text, known.name))
    year = stated.get(YEAR)
    if year and year != register.year:
        found.append(TitleDifference(YEAR, str(year), str(register.year)))
    return found


def _means_one_of(text: str, organizations: Sequence[Organization]) -> bool:
    """Whether the text is the name of one, shortened or with something added."""
    said = tidy_text(text)[0]
    names = {tidy_text(name)[0] for one in organizations for name in _names(one) if name}
    return any(said in name or name in said for name in names)


def _names(one: Organization) -> tuple[str, ...]:
    return (one.name, one.short_name, one.region.name if one.region else "")


def of_register(register: Register) -> list[TitleDifference]:
    """The same for the register's present file; nothing where it was made without one."""
    last = register.uploads.order_by("-version").values_list("title", flat=True).first()
    return differences(register, last) if last else []
