"""Where a rule's number says what its counter runs by, for a statement that reads millions; pure.

``Rule.parse`` reads one number; PostgreSQL reads as many as there are, by the same expression.
"""

from dataclasses import dataclass

from zhicheng.registers.numbering.elements import Part
from zhicheng.registers.numbering.rules import OF_REGISTER, Rule


@dataclass(frozen=True)
class Reading:
    """An expression with a group for each element, and which groups matter to the counter.

    ``year``, ``grade``, ``region`` are 0 where the counter runs on over them, whether the number
    bears them or not. The value of a check character isn't looked at.
    """

    expression: str
    sequence: int
    year: int
    grade: int
    region: int
    of_register: bool


def reading_of(rule: Rule) -> Reading:
    """How the numbers of a rule are read; raises BadPattern."""
    parts = [element.part for element in rule.elements]

    def group(part: Part, *, counts: bool = True) -> int:
        return parts.index(part) + 1 if counts and part in parts else 0

    return Reading(
        expression=f"^{rule.expression.pattern}$",
        sequence=group(Part.SEQUENCE),
        year=group(Part.YEAR, counts=rule.per_year),
        grade=group(Part.GRADE, counts=rule.per_grade),
        region=group(Part.REGION, counts=rule.per_region),
        of_register=rule.year_source == OF_REGISTER,
    )
