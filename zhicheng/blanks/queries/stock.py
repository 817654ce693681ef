"""How much is where, and what an account may see of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from zhicheng.blanks import ledger, rules
from zhicheng.blanks.models import (
    Allotment,
    Custody,
    CustodyState,
    Holding,
    Movement,
    PrintRun,
    Reason,
    SpareDisposal,
    SparePolicy,
)
from zhicheng.blanks.spares import spare_disposal, spare_policy
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Role
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.serials import SerialRange, count, merge

# The states that a blank passes through, in the order in which it does.
COLUMNS: tuple[CustodyState, ...] = tuple(
    state for state in CustodyState if state is not CustodyState.PRINTER
)
UNIT_COLUMNS: tuple[CustodyState, ...] = (
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
    CustodyState.SPOILED,
    CustodyState.LOST,
)
COLLECTED_COLUMNS: tuple[CustodyState, ...] = (
    *UNIT_COLUMNS,
    CustodyState.WRITTEN_OFF,
    CustodyState.RETURNED_SPOILED,
)
# What a unit still has to do something about.
UNSETTLED = (
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.SPOILED,
    CustodyState.LOST,
)
GRADES: tuple[Grade, ...] = tuple(Grade)


class RangeSize(Func):
    """How many serials a stored range holds."""

    function = "range_size"
    output_field = BigIntegerField()


def sees_all(account: Account) -> bool:
    """Whether the account sees the stock of the whole city: the office and auditors."""
    if account.role == Role.ADMINISTRATOR:
        return False
    return account.role == Role.AUDITOR or account.organization.is_municipal_office


def visible(account: Account, prefix: str = "") -> Q:
    """The condition that a register's blanks are visible to the account (invariant 9).

    ``prefix`` leads from the queried model to its register, for example ``"register__"``.
    """
    if sees_all(account):
        return Q()
    if account.role == Role.ADMINISTRATOR:
        return Q(pk__in=[])
    mine = account.organization_id
    return Q(**{f"{prefix}issuing_unit": mine}) | Q(**{f"{prefix}reporting_unit": mine})


@dataclass(frozen=True)
class Line:
    """A line of the stock table: what came in (``total``) and the states that add up to it."""

    label: str
    total: int
    counts: tuple[int, ...]
    grade: str = ""

    @property
    def added(self) -> int:
        """The sum of the states."""
        return sum(self.counts)

    @property
    def adds_up(self) -> bool:
        """Whether every blank that came in is found in exactly one state."""
        return self.added == self.total


def _lines(
    counts: Mapping[tuple[str, str], int],
    totals: Mapping[str, int],
    columns: tuple[CustodyState, ...] = COLUMNS,
) -> list[Line]:
    lines = [
        Line(
            str(grade.label),
            totals.get(grade, 0),
            tuple(counts.get((grade, state), 0) for state in columns),
            grade.value,
        )
        for grade in GRADES
    ]
    whole = Line(
        "",
        sum(line.total for line in lines),
        tuple(sum(column) for column in zip(*(line.counts for line in lines), strict=True)),
    )
    return [*lines, whole]


def city_stock() -> list[Line]:
    """Per grade and in all: what was printed and where it is now (invariant 1)."""
    counts: dict[tuple[str, str], int] = {
        (grade, state): number
        for grade, state, number in Holding.objects.order_by()
        .values_list("custody__grade", "custody__state")
        .annotate(number=Sum(RangeSize("serials")))
    }
    printed = PrintRun.objects.order_by().values_list("grade")
    return _lines(counts, dict(printed.annotate(number=Sum(RangeSize("serials")))))


def unit_stock(organization: Organization) -> list[Line]:
    """Per grade and in all: what a unit collected and where it is now.

    Returned spoiled blanks are counted out of what the unit brought back.
    """
    counts: dict[tuple[str, str], int] = {
        (grade, state): number
        for grade, state, number in Holding.objects.filter(custody__organization=organization)
        .order_by()
        .values_list("custody__grade", "custody__state")
        .annotate(number=Sum(RangeSize("serials")))
    }
    moved = Movement.objects.order_by()
    collected: dict[str, int] = dict(
        moved.filter(
            target__organization=organization, reason__in=(Reason.HAND_OVER, Reason.EXCHANGE)
        )
        .values_list("target__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    # What was lost and found may lie in the municipal store again: as if never collected.
    found_back = (
        moved.filter(
            source__organization=organization, reason=Reason.FOUND, target__state=CustodyState.STORE
        )
        .values_list("source__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    for grade, number in found_back:
        collected[grade] = collected.get(grade, 0) - number
    returned = (
        moved.filter(
            Q(reason=Reason.RETURN_SPOILED)
            | Q(reason=Reason.FOUND, target__state=CustodyState.RETURNED_SPOILED),
            source__organization=organization,
        )
        .values_list("source__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    for grade, number in returned:
        counts[(grade, CustodyState.RETURNED_SPOILED)] = number
    return _lines(counts, collected, COLLECTED_COLUMNS)


def lines_of(report: Mapping[str, Mapping[str, int]]) -> list[Line]:
    """The stock table of a reconciliation's report."""
    counts = {
        (grade, state): number
        for grade, states in report.items()
        for state, number in states.items()
    }
    return _lines(counts, {grade: states.get("printed", 0) for grade, states in report.items()})


@dataclass
class Held:
    """What a unit holds for one register and grade, by state: numbers and serials."""

    grade: str
    counts: dict[str, int] = field(default_factory=dict)
    serials: dict[str, list[str]] = field(default_factory=dict)

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def cells(self) -> list[tuple[int, list[str]]]:
        """Number and serials for each of ``UNIT_COLUMNS``."""
        return [(self.counts.get(s, 0), self.serials.get(s, [])) for s in UNIT_COLUMNS]


def held_for(register_ids: Iterable[int]) -> dict[int, list[Held]]:
    """What lies where of each register's blanks, in one query."""
    lines: dict[tuple[int, str], Held] = {}
    ranges: dict[tuple[int, str, str], list[SerialRange]] = {}
    for register_id, grade, state, serials in (
        Holding.objects.filter(custody__register__in=list(register_ids))
        .order_by("custody__register", "custody__grade", "serials")
        .values_list("custody__register_id", "custody__grade", "custody__state", "serials")
    ):
        key = (register_id, grade, state)
        ranges.setdefault(key, []).append(ledger.from_range(serials))
    for (register_id, grade, state), found in ranges.items():
        line = lines.setdefault((register_id, grade), Held(grade))
        line.counts[state] = count(found)
        line.serials[state] = [str(item) for item in merge(found)]
    held: dict[int, list[Held]] = {}
    for (register_id, _grade), line in sorted(
        lines.items(), key=lambda item: (item[0][0], GRADES.index(Grade(item[0][1])))
    ):
        held.setdefault(register_id, []).append(line)
    return held


def unsettled_registers(account: Account) -> QuerySet[Register]:
    """Registers of which the account's organisation still holds blanks to do something about."""
    open_account = Custody.objects.filter(
        register=OuterRef("pk"),
        organization=account.organization_id,
        state__in=UNSETTLED,
        holdings__isnull=False,
    )
    return (
        Register.objects.filter(Exists(open_account))
        .defer("source")
        .select_related("reporting_unit")
        .order_by("-id")
    )


def holders() -> QuerySet[Organization]:
    """Issuing units that hold blanks now, with their numbers by state."""

    def held(state: CustodyState) -> Coalesce:
        lying = (
            Holding.objects.filter(custody__organization=OuterRef("pk"), custody__state=state)
            .order_by()
            .values("custody__organization")
            .annotate(number=Sum(RangeSize("serials")))
            .values("number")
        )
        return Coalesce(Subquery(lying), Value(0), output_field=BigIntegerField())

    open_account = Custody.objects.filter(
        organization=OuterRef("pk"), state__in=UNSETTLED, holdings__isnull=False
    )
    return Organization.objects.filter(Exists(open_account)).annotate(
        **{f"held_{state.value}": held(state) for state in UNIT_COLUMNS}
    )


@dataclass(frozen=True)
class Demand:
    """What accepted registers wait for, against the store."""

    grade_label: str
    registers: int
    wanted: int
    store: int

    @property
    def missing(self) -> int:
        """How many blanks the store lacks."""
        return max(0, self.wanted - self.store)


def demand(day: date) -> list[Demand]:
    """Per grade: blanks that accepted registers without an allotment ask for (N5)."""
    policy = spare_policy(day)
    waiting = (
        RegisterRow.objects.filter(accepted=True, register__state=RegisterState.ACCEPTED)
        .filter(~Exists(Allotment.objects.filter(register=OuterRef("register"))))
        .order_by()
        .values_list("grade", "register")
        .annotate(people=Count("id"))
    )
    wanted: dict[str, list[int]] = {}
    for grade, _register, people in waiting:
        spares = rules.spares_due(people, policy.rate, round_up=policy.round_up)
        wanted.setdefault(grade, []).append(people + spares)
    stores: dict[str, int] = dict(
        Holding.objects.filter(custody__state=CustodyState.STORE)
        .order_by()
        .values_list("custody__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    return [
        Demand(
            str(grade.label),
            len(wanted.get(grade, [])),
            sum(wanted.get(grade, [])),
            stores.get(grade, 0),
        )
        for grade in GRADES
    ]


def print_runs() -> QuerySet[PrintRun]:
    """All deliveries, the newest first, with their numbers."""
    return PrintRun.objects.select_related("recorded_by").annotate(size=RangeSize("serials"))


@dataclass(frozen=True)
class PolicyLine:
    """A dated setting of the share of spares and whether it is the one in force."""

    policy: SparePolicy
    in_force: bool
    future: bool
    example: int

    @property
    def percent(self) -> Decimal:
        """The share in per cent."""
        return (self.policy.rate * 100).normalize()

    @property
    def percent_text(self) -> str:
        """The share in per cent as people write it."""
        return f"{self.percent:f}"


def policies(day: date) -> list[PolicyLine]:
    """All settings, the newest first; ``example`` says what forty-one people get."""
    current = spare_policy(day)
    found = list(SparePolicy.objects.all())
    return [
        PolicyLine(
            policy,
            policy.valid_from == current.valid_from,
            policy.valid_from > day,
            rules.spares_due(41, policy.rate, round_up=policy.round_up),
        )
        for policy in (found if current.pk else [*found, current])
    ]


def disposals(day: date) -> list[tuple[SpareDisposal, str]]:
    """What may become of left-over blanks: all settings, each future, in force or past."""
    current = spare_disposal(day)
    found = list(SpareDisposal.objects.all())

    def state(item: SpareDisposal) -> str:
        if item.valid_from > day:
            return "future"
        return "in_force" if item.valid_from == current.valid_from else "past"

    return [(item, state(item)) for item in (found if current.pk else [*found, current])]
