"""Spoiled blanks: where they lie, which may be exchanged and why not, what was destroyed (N9)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)

from zhicheng.blanks import ledger, rules
from zhicheng.blanks.models import (
    Custody,
    CustodyState,
    Destruction,
    Exchange,
    Holding,
    Spoilage,
)
from zhicheng.blanks.queries.stock import GRADES, NOTHING, visible
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, parse_ranges


def spoilages(account: Account) -> QuerySet[Any]:
    """Spoiled blanks that the account may see, each with where it lies now (``place``).

    What was taken for a reissue bears no register: whoever took it sees it, and ``taken_by`` is
    their name.
    """
    lies_in = Holding.objects.filter(
        serials__contains=Func(OuterRef("serial"), function="", output_field=BigIntegerField())
    ).values("custody__state")[:1]
    taken_by = Custody.objects.filter(state=CustodyState.SPOILED, reissue=OuterRef("reissue"))
    return (
        _seen(account)
        .select_related("register", "register__issuing_unit", "spoiled_by", "exchange")
        .defer("register__source")
        .annotate(
            place=Subquery(lies_in, output_field=CharField()),
            taken_by=Subquery(
                taken_by.order_by("pk").values("organization__name")[:1], output_field=CharField()
            ),
        )
        .order_by("-id")
    )


def _seen(account: Account) -> QuerySet[Spoilage]:
    """Those of registers whose blanks the account sees, and those of its own reissues."""
    of_registers = visible(account, "register__")
    if sees_all(account) or of_registers == NOTHING:
        return Spoilage.objects.filter(of_registers)
    plain = Spoilage.objects.order_by()
    own = plain.filter(reissue__in=_for_reissues(account.organization_id).values("reissue"))
    # As one set, and not as an OR: a unit's few are then found by it, and not among all.
    return Spoilage.objects.filter(
        pk__in=plain.filter(of_registers).values("pk").union(own.values("pk"))
    )


def _for_reissues(unit: int | OuterRef) -> QuerySet[Custody]:
    """The accounts of blanks that the unit spoiled for reissues."""
    found = Custody.objects.filter(state=CustodyState.SPOILED, reissue__isnull=False)
    return found.filter(organization=unit).order_by()


def lying(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of these spoiled blanks that lie in a state now.

    From the accounts to the blanks, by one look-up for each range: asking where each blank lies
    costs one for each blank.
    """
    return rows.filter(pk__in=_Lying(Value(state)))


def spoilers(account: Account) -> Q:
    """The condition that an organisation may have spoiled blanks among those that the account sees.

    It issues for registers whose blanks the account sees, or took blanks for reissues.
    """
    seen = visible(account)
    registers = Register.objects.order_by().filter(seen, issuing_unit=OuterRef("pk"))
    found = Q(Exists(registers))
    if sees_all(account):
        found |= Q(Exists(_for_reissues(OuterRef("pk"))))
    elif seen != NOTHING:
        found |= Q(Exists(_for_reissues(OuterRef("pk"))), pk=account.organization_id)
    return found


def of_issuer(rows: QuerySet[Any], unit_id: int) -> QuerySet[Any]:
    """Those of these spoiled blanks that the unit answers for, be it for a register or a reissue.

    What it took for a reissue bears no register: the ledger says who took it.
    """
    taken = _for_reissues(unit_id).values("reissue")
    return rows.filter(Q(register__issuing_unit=unit_id) | Q(register=None, reissue__in=taken))


class _Lying(Func):
    """The ids of spoiled blanks that lie in accounts of this state."""

    template = (
        "(SELECT s.id FROM blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id"
        " JOIN blanks_spoilage s ON s.serial >= lower(h.serials) AND s.serial < upper(h.serials)"
        " WHERE c.balance > 0 AND c.state = %(expressions)s)"
    )
    output_field = BigIntegerField()


class _Each(Func):
    """Every serial of a range, a row each."""

    function = "generate_series"
    template = "%(function)s(lower(%(expressions)s), upper(%(expressions)s) - 1)"
    output_field = BigIntegerField()
    set_returning = True


def _lie_spoiled() -> QuerySet[Any, Any]:
    """The serials that lie spoiled at units now: few of all that were ever spoiled."""
    lying = Holding.objects.filter(custody__state=CustodyState.SPOILED, custody__balance__gt=0)
    return lying.values_list(_Each("serials"), flat=True)


@dataclass(frozen=True)
class Exchangeable:
    """Spoiled blanks of a register and grade that may be exchanged."""

    register_id: int
    register_number: str
    unit: str
    grade: str
    count: int
    oldest: datetime


def to_exchange(account: Account) -> QuerySet[Spoilage]:
    """The spoiled blanks that wait for a new one."""
    return Spoilage.objects.filter(
        visible(account, "register__"),
        register__isnull=False,
        needs_blank=True,
        exchange=None,
        serial__in=_lie_spoiled(),
    ).order_by()


def exchangeable(waiting: QuerySet[Spoilage]) -> QuerySet[Spoilage, tuple[Any, ...]]:
    """Them by register and grade, in the columns of ``Exchangeable``, the longest waiting first."""
    return (
        waiting.values_list("register", "register__number", "register__issuing_unit__name", "grade")
        .annotate(number=Count("pk"), oldest=Min("spoiled_at"))
        .order_by("oldest", "register", "grade")
    )


@dataclass(frozen=True)
class Due:
    """A register's spoiled blanks of one grade that the unit still holds."""

    register: Register
    grade: str
    spares: int
    exchangeable: tuple[int, ...]
    replaced: tuple[int, ...]
    oldest: datetime | None

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def exchangeable_ranges(self) -> list[str]:
        """The serials that may be exchanged, as ranges."""
        return rules.describe([SerialRange(item, item) for item in self.exchangeable])

    @property
    def replaced_ranges(self) -> list[str]:
        """The serials that can only be returned, as ranges."""
        return rules.describe([SerialRange(item, item) for item in self.replaced])


def due(account: Account, register_id: int | None = None) -> list[Due]:
    """What units hold of spoiled blanks, by register and grade, exchanges first.

    Fixed number of queries; only registers with spoiled blanks not brought back yet.
    """
    held = (
        spoilages(account)
        .filter(serial__in=_lie_spoiled(), register__isnull=False)
        .filter(**({"register": register_id} if register_id else {}))
        .order_by("register_id", "serial")
    )
    groups: dict[tuple[int, str], list[Spoilage]] = {}
    registers: dict[int, Register] = {}
    for item in held:
        assert item.register is not None  # by the filter
        registers[item.register.pk] = item.register
        groups.setdefault((item.register.pk, item.grade), []).append(item)
    spares: dict[tuple[int | None, str], int] = {}
    for register, grade, serials in Holding.objects.filter(
        custody__state=CustodyState.SPARE, custody__register__in={key[0] for key in groups}
    ).values_list("custody__register_id", "custody__grade", "serials"):
        key = (register, grade)
        spares[key] = spares.get(key, 0) + len(ledger.from_range(serials))
    lines = [
        Due(
            registers[register_id_],
            grade,
            spares.get((register_id_, grade), 0),
            tuple(i.serial for i in items if i.needs_blank and i.exchange_id is None),
            tuple(i.serial for i in items if not (i.needs_blank and i.exchange_id is None)),
            min(i.spoiled_at for i in items),
        )
        for (register_id_, grade), items in groups.items()
    ]
    lines.sort(key=lambda line: (not line.exchangeable, line.oldest))
    return lines


def exchanges(account: Account) -> QuerySet[Exchange]:
    """Exchanges that the account may see, the newest first."""
    return (
        Exchange.objects.filter(visible(account, "register__"))
        .select_related("register", "register__issuing_unit", "exchanged_by")
        .defer("register__source")
    )


def in_store(grade: str) -> int:
    """How many blanks of the grade the store could give in exchange."""
    lying = Custody.objects.filter(state=CustodyState.STORE, grade=grade)
    return int(lying.aggregate(number=Sum("balance"))["number"] or 0)


@dataclass(frozen=True)
class Destroyable:
    """Returned spoiled blanks of a grade: what may be proposed and what waits for the second."""

    grade: str
    free: tuple[SerialRange, ...]
    proposed: int

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def count(self) -> int:
        """How many may be proposed."""
        return count(self.free)

    @property
    def serials(self) -> str:
        """The serials that may be proposed, as a person would type them."""
        return "，".join(str(item) for item in self.free)


def destroyable() -> list[Destroyable]:
    """Per grade, what lies in the municipal office to be destroyed."""
    returned: dict[str, list[SerialRange]] = {}
    for grade, serials in Holding.objects.filter(
        custody__state=CustodyState.RETURNED_SPOILED
    ).values_list("custody__grade", "serials"):
        returned.setdefault(grade, []).append(ledger.from_range(serials))
    waiting: dict[str, list[SerialRange]] = {}
    for grade, texts in Destruction.objects.filter(confirmed_by=None, lapsed_at=None).values_list(
        "grade", "serials"
    ):
        waiting.setdefault(grade, []).extend(parse_ranges(",".join(texts)))
    return [
        Destroyable(
            grade.value,
            tuple(rules.difference(returned.get(grade, []), waiting.get(grade, []))),
            count(waiting.get(grade, [])),
        )
        for grade in GRADES
    ]


def destructions() -> QuerySet[Destruction]:
    """Proposals and what was destroyed, the open ones first."""
    return Destruction.objects.select_related("proposed_by", "confirmed_by").order_by("-id")
