"""How much is where, and what an account may see of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks import ledger, rules
from zhicheng.blanks.models import (
    Allotment,
    Custody,
    CustodyState,
    Holding,
    Movement,
    PrintRun,
    SpareDisposal,
    SparePolicy,
)
from zhicheng.blanks.spares import spare_disposal, spare_policy
from zhicheng.database.dated import with_replaced
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Role
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.serials import SerialRange, count, merge

# The states that a blank passes through, in the order in which it does; what a delivery lacked
# stays with the printer, and without it the table wouldn't add up.
COLUMNS: tuple[CustodyState, ...] = tuple(CustodyState)
UNIT_COLUMNS: tuple[CustodyState, ...] = (
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
    CustodyState.SPOILED,
    CustodyState.LOST,
)


@dataclass(frozen=True)
class Heading:
    """A column of the stock table that is no state of the ledger."""

    value: str
    label: str | Promise


GIVEN_BACK = Heading("given_back", _("已交回"))
# What the municipal office alone holds; every other state is a unit's, also one yet to come.
OFFICE_STATES = (
    CustodyState.PRINTER,
    CustodyState.STORE,
    CustodyState.RESERVED,
    CustodyState.RETURNED_SPOILED,
    CustodyState.DESTROYED,
)
COLLECTED_COLUMNS: tuple[CustodyState | Heading, ...] = (
    *UNIT_COLUMNS,
    *(state for state in CustodyState if state not in (*UNIT_COLUMNS, *OFFICE_STATES)),
    GIVEN_BACK,
)
HELD_COLUMNS: tuple[CustodyState, ...] = (*UNIT_COLUMNS, CustodyState.CARRIED_OVER)
# What a unit still has to do something about.
UNSETTLED = (
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.SPOILED,
    CustodyState.LOST,
    CustodyState.CARRIED_OVER,
)
GRADES: tuple[Grade, ...] = tuple(Grade)


class RangeSize(Func):
    """How many serials a stored range holds."""

    function = "range_size"
    output_field = BigIntegerField()


def may_look_into(account: Account, organization: Organization) -> bool:
    """Whether the account may see what the organisation holds: its own, or the whole city's."""
    if sees_all(account):
        return True
    return account.role != Role.ADMINISTRATOR and account.organization_id == organization.pk


# The condition that nothing fulfils.
NOTHING = Q(pk__in=[])


def visible(account: Account, prefix: str = "") -> Q:
    """The condition that a register's blanks are visible to the account (invariant 9).

    ``prefix`` leads from the queried model to its register, for example ``"register__"``.
    """
    if sees_all(account):
        return Q()
    if account.role == Role.ADMINISTRATOR:
        return NOTHING
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
    columns: Sequence[CustodyState | Heading] = COLUMNS,
) -> list[Line]:
    lines = [
        Line(
            str(grade.label),
            totals.get(grade, 0),
            tuple(counts.get((grade.value, state.value), 0) for state in columns),
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
        for grade, state, number in Custody.objects.order_by()
        .values_list("grade", "state")
        .annotate(number=Sum("balance"))
    }
    printed = PrintRun.objects.order_by().values_list("grade")
    return _lines(counts, dict(printed.annotate(number=Sum(RangeSize("serials")))))


def unit_stock(organization: Organization) -> list[Line]:
    """Per grade and in all: what a unit ever collected, and where it is now.

    What it gave back, spoiled or unused, is counted out of its movements to other organisations.
    """
    mine = Q(organization=organization)
    counts: dict[tuple[str, str], int] = {
        (grade, state): number
        for grade, state, number in Custody.objects.filter(mine)
        .order_by()
        .values_list("grade", "state")
        .annotate(number=Sum("balance"))
    }
    crossing = Movement.objects.order_by().exclude(source__organization=F("target__organization"))
    collected: dict[str, int] = dict(
        crossing.filter(target__organization=organization)
        .values_list("target__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    given_back = (
        crossing.filter(source__organization=organization)
        .values_list("source__grade")
        .annotate(number=Sum(RangeSize("serials")))
    )
    for grade, number in given_back:
        counts[(grade, GIVEN_BACK.value)] = number
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
        balance__gt=0,
    )
    return (
        Register.objects.filter(Exists(open_account))
        .defer("source")
        .select_related("reporting_unit")
        .order_by("-id")
    )


def holders(grade: str = "") -> QuerySet[Organization]:
    """Issuing units that hold blanks now (of one grade), with their numbers by state."""
    of_grade = Q(grade=grade) if grade else Q()

    def held(state: CustodyState) -> Coalesce:
        lying = (
            Custody.objects.filter(of_grade, organization=OuterRef("pk"), state=state)
            .order_by()
            .values("organization")
            .annotate(number=Sum("balance"))
            .values("number")
        )
        return Coalesce(Subquery(lying), Value(0), output_field=BigIntegerField())

    open_account = Custody.objects.filter(
        of_grade, organization=OuterRef("pk"), state__in=UNSETTLED, balance__gt=0
    )
    return Organization.objects.filter(Exists(open_account)).annotate(
        **{f"held_{state.value}": held(state) for state in HELD_COLUMNS}
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
        Custody.objects.filter(state=CustodyState.STORE)
        .order_by()
        .values_list("grade")
        .annotate(number=Sum("balance"))
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
    """A dated setting of the share of spares, and its state as ``_state`` names it."""

    policy: SparePolicy
    state: str
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
    found = list(with_replaced(SparePolicy.objects.all()))
    return [
        PolicyLine(
            policy,
            _state(policy, current, day),
            rules.spares_due(41, policy.rate, round_up=policy.round_up),
        )
        for policy in (found if current.pk else [*found, current])
    ]


def disposals(day: date) -> list[tuple[SpareDisposal, str]]:
    """What may become of left-over blanks: all settings, each with its state."""
    current = spare_disposal(day)
    found = list(with_replaced(SpareDisposal.objects.all()))
    return [
        (item, _state(item, current, day)) for item in (found if current.pk else [*found, current])
    ]


def _state(
    item: SparePolicy | SpareDisposal, current: SparePolicy | SpareDisposal, day: date
) -> str:
    """in_force, replaced (by another of the same day), future or past."""
    if item.pk == current.pk:
        return "in_force"
    if getattr(item, "replaced", False):
        return "replaced"
    return "future" if item.valid_from > day else "past"
