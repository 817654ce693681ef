"""Which rows of a register would be numbered, and how: what is shown before somebody confirms."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from zhicheng.reference.models import Grade
from zhicheng.registers.models import NumberingRule, Register, RegisterRow
from zhicheng.registers.numbering.rules import Place
from zhicheng.registers.numbering.taking import Taken, look, required_rule
from zhicheng.web.language import in_chinese


@dataclass(frozen=True)
class GradeShare:
    """The numbers of one grade: how many, and the first and last in row order."""

    grade: str
    label: str
    count: int
    first: str
    last: str


@dataclass
class Plan:
    """``rows`` get ``numbers``; the others have one already, or their grade isn't certain."""

    rule: NumberingRule
    rows: list[RegisterRow]
    numbers: list[str]
    numbered: int
    uncertain: int
    skipped: list[str] = field(default_factory=list)

    @property
    def grades(self) -> list[GradeShare]:
        """Each grade's share, senior first."""
        found = []
        for grade in Grade:
            own = [
                number
                for row, number in zip(self.rows, self.numbers, strict=True)
                if row.grade == grade
            ]
            if own:
                found.append(GradeShare(grade.value, str(grade.label), len(own), own[0], own[-1]))
        return found


Giver = Callable[[NumberingRule, Sequence[Place]], Taken]


def plan_of(
    register: Register, give: Giver = look, *, row_ids: Collection[int] | None = None
) -> Plan:
    """The plan; ``give`` is where the numbers come from: a look, or for good."""
    rule = required_rule(register.issuing_unit)
    region = region_of(register)
    rows, places = [], []
    numbered = uncertain = 0
    for row in (
        register.rows.select_related("approved_person")
        .only(
            "pk",
            "register",
            "position",
            "name",
            "grade",
            "certificate_number",
            "version",
            "approved_person",
            "approved_person__approval_date",
        )
        .order_by("position")
    ):
        if row_ids is not None and row.pk not in row_ids:
            continue
        if row.certificate_number:
            numbered += 1
        elif row.approved_person is None or not row.grade:
            uncertain += 1
        else:
            rows.append(row)
            places.append(
                rule.place(
                    row.grade,
                    approved_in=row.approved_person.approval_date.year,
                    registered_in=register.year,
                    region=region,
                )
            )
    taken = give(rule, places) if rows else Taken([])
    return Plan(rule, rows, taken.numbers, numbered, uncertain, taken.skipped)


def region_of(register: Register) -> str:
    """The code of the reporting unit's region, else of its department's; may be empty."""
    for unit in (register.reporting_unit, register.issuing_unit):
        if unit.region is not None and unit.region.code:
            return unit.region.code
    return ""


@in_chinese
def told(plan: Plan) -> list[str]:
    """The plan in words for the audit: grade, how many, from which to which."""
    return [
        f"{Grade(share.grade).label} {share.count}：{share.first} – {share.last}"
        for share in plan.grades
    ]
