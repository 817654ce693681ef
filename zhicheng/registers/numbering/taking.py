"""Gives certificate numbers: without a gap, without a clash, whoever asks at the same time (N6).

``assign`` is the door for whoever needs numbers inside an action of their own (reissues);
registers go through ``numbering.actions``.

Which numbers come back: a number given to a draft and standing on no row any more is given anew,
before the counter moves on, so drafts leave no gap. From the moment when its register is
submitted it is settled (a trigger sees to it) and never given again, even when the register
comes back and loses the row: it may be on paper already. Numbers given for a file or a reissue
are settled at once.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.utils import timezone

from zhicheng.bulk import copy_rows
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.models import Account, Organization
from zhicheng.registers.models import (
    GivenNumber,
    NumberCounter,
    NumberingRule,
    RegisterRow,
    RegisterUpload,
)
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.rules import Exhausted, Place, Rule
from zhicheng.registers.numbering.used import met_already, met_outside
from zhicheng.values.refusal import Refusal

GIVEN_FIELDS = (
    "number",
    "rule_id",
    "scope",
    "sequence",
    "purpose",
    "register_id",
    "skipped",
    "settled",
    "given_at",
    "given_by_id",
)
_LONGEST_LOOK = 20_000


def rule_of(unit: Organization, day: date | None = None) -> NumberingRule | None:
    """The unit's rule in force on the day (today); None where it has none."""
    day = day or timezone.localdate()
    return (
        NumberingRule.objects.filter(unit=unit, valid_from__lte=day, withdrawn_at=None)
        .select_related("unit")
        .order_by("-valid_from")
        .first()
    )


def required_rule(unit: Organization) -> NumberingRule:
    """The unit's rule in force; raises Refusal where it has none."""
    rule = rule_of(unit)
    if rule is None:
        raise Refusal(
            "numbering.no_rule",
            f"{unit.name}还没有设定证书编号规则，不能自动编号。",
            clause="N6",
            found="没有启用的编号规则",
            expected="由发放单位负责人或市职改办设定编号规则",
            mend="请先设定编号规则，或自行填写证书编号。",
        )
    return rule


def assign(
    *,
    actor: Actor,
    unit: Organization,
    grade: str,
    year: int,
    count: int,
    region: str = "",
    purpose: str = NumberPurpose.REISSUE,
) -> list[str]:
    """``count`` fresh certificate numbers of the issuing unit, settled at once.

    For use inside a ``recorded`` block, whose rollback takes the numbers back. ``year`` is the
    approval date's or whatever year the certificate counts for. Raises Refusal where the unit
    has no rule or its numbers are used up.
    """
    rule = required_rule(unit)
    place = rule.place(grade, approved_in=year, registered_in=year, region=region)
    return take(rule, [place] * count, actor=actor, purpose=purpose).numbers


@dataclass
class Taken:
    """What was (or would be) given, in the order asked for; ``skipped`` were used already."""

    numbers: list[str]
    skipped: list[str] = field(default_factory=list)


def take(
    rule: NumberingRule,
    places: Sequence[Place],
    *,
    actor: Actor,
    purpose: str,
    register_id: int | None = None,
) -> Taken:
    """A number for every place, in their order; must run inside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("numbers are given inside a transaction")
    return _take(rule, places, _Writer(rule, actor, purpose, register_id))


def look(rule: NumberingRule, places: Sequence[Place]) -> Taken:
    """What ``take`` would give now; nothing is locked or written."""
    return _take(rule, places, None)


def _take(rule: NumberingRule, places: Sequence[Place], writer: "_Writer | None") -> Taken:
    spec = rule.spec
    by_scope: dict[str, list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        _require_region(rule, place)
        by_scope[spec.scope(place)].append(index)
    taken = Taken([""] * len(places))
    # In one order for everybody, so that two assignments never wait for each other in a ring.
    for scope in sorted(by_scope):
        indexes = by_scope[scope]
        counter = _Counter(rule, spec, scope, lock=writer is not None)
        for index, number in zip(
            indexes, counter.numbers([places[index] for index in indexes]), strict=True
        ):
            taken.numbers[index] = number
        taken.skipped += [number for _sequence, number, _settled in counter.skipped]
        if writer is not None:
            writer.write(counter)
    return taken


def _require_region(rule: NumberingRule, place: Place) -> None:
    if rule.region_source == "reporting" and "{区县}" in rule.pattern and len(place.region) != 6:
        raise Refusal(
            "numbering.no_region",
            "编号规则用填报单位的区县代码，但填报单位没有登记区县。",
            clause="N6",
            expected="填报单位的六位区县代码",
            mend="请系统管理员在机构中补填区县。",
        )


class _Counter:
    """One counter while it gives numbers."""

    def __init__(self, rule: NumberingRule, spec: Rule, scope: str, *, lock: bool) -> None:
        self.rule, self.spec, self.scope = rule, spec, scope
        self.row = _locked(rule, scope) if lock else _seen(rule, scope)
        self.last = self.row.last if self.row else spec.start - 1
        self.fresh: list[tuple[int, str]] = []
        self.again: list[int] = []
        self.skipped: list[tuple[int, str, bool]] = []

    def numbers(self, places: Sequence[Place]) -> list[str]:
        """Freed numbers first, then the next ones, in the order of the places."""
        free = self._free(places)
        given: list[str] = []
        waiting: list[tuple[int, Place]] = []
        for index, place in enumerate(places):
            if free[place]:
                pk, number = free[place].popleft()
                self.again.append(pk)
                given.append(number)
            else:
                given.append("")
                waiting.append((index, place))
        following = self._next([place for _index, place in waiting])
        for (index, _place), number in zip(waiting, following, strict=True):
            given[index] = number
        return given

    def _free(self, places: Sequence[Place]) -> dict[Place, deque[tuple[int, str]]]:
        """Numbers of drafts that stand nowhere any more, by the place that they fit.

        While a choice between page and file waits, its numbers may come back: those aren't free.
        """
        free: dict[Place, deque[tuple[int, str]]] = defaultdict(deque)
        if self.row is None or self.row.pk is None:
            return free
        waiting = RegisterUpload.objects.filter(decided_at=None, before_version__isnull=False)
        held = GivenNumber.objects.filter(rule=self.rule, scope=self.scope, settled=False).exclude(
            register__in=waiting.values("register")
        )
        with_rows = RegisterRow.objects.filter(certificate_number__in=held.values("number")).values(
            "certificate_number"
        )
        loose = list(
            held.exclude(number__in=with_rows)
            .order_by("sequence")
            .values_list("pk", "sequence", "number")
        )
        met = met_outside([number for _pk, _sequence, number in loose])
        distinct = list(dict.fromkeys(places))
        for pk, sequence, number in loose:
            for place in distinct:
                if number not in met and self.spec.format(sequence, place) == number:
                    free[place].append((pk, number))
                    break
        return free

    def _next(self, places: Sequence[Place]) -> Iterator[str]:
        known: dict[str, bool] = {}
        looked = self.last
        distinct = list(dict.fromkeys(places))
        waiting = len(places)
        for place in places:
            while True:
                if self.last >= looked:
                    # The whole window at once, twice as far each time somebody was there before.
                    width = min(max(waiting, looked - self.spec.start + 1), _LONGEST_LOOK)
                    end = min(looked + width, self.spec.highest)
                    known = met_already(
                        [
                            self.spec.format(sequence, one)
                            for sequence in range(looked + 1, end + 1)
                            for one in distinct
                        ]
                    )
                    looked = end
                self.last += 1
                try:
                    number = self.spec.format(self.last, place)
                except Exhausted:
                    raise _exhausted(self.rule) from None
                if number not in known:
                    self.fresh.append((self.last, number))
                    waiting -= 1
                    yield number
                    break
                self.skipped.append((self.last, number, known[number]))


def _exhausted(rule: NumberingRule) -> Refusal:
    return Refusal(
        "numbering.exhausted",
        "流水号已用完，不能再编号。",
        clause="N6",
        found=f"最大 {rule.spec.highest}",
        expected="流水号位数够用",
        mend="请设定流水号位数更多的新编号规则。",
    )


def _seen(rule: NumberingRule, scope: str) -> NumberCounter | None:
    return NumberCounter.objects.filter(rule=rule, scope=scope).first()


def _locked(rule: NumberingRule, scope: str) -> NumberCounter:
    """The counter's row, locked until the transaction ends; the first one to come makes it."""
    NumberCounter.objects.bulk_create(
        [NumberCounter(rule=rule, scope=scope, last=rule.start - 1)], ignore_conflicts=True
    )
    counter = NumberCounter.objects.select_for_update().get(rule=rule, scope=scope)
    if not NumberingRule.objects.filter(pk=rule.pk, withdrawn_at=None).exists():
        raise Refusal(
            "numbering.rule_withdrawn",
            "编号规则刚被撤销，没有编号。",
            mend="请刷新页面后重试。",
        )
    return counter


@dataclass(frozen=True)
class _Writer:
    """Writes down what a counter gave."""

    rule: NumberingRule
    actor: Actor
    purpose: str
    register_id: int | None

    def write(self, counter: _Counter) -> None:
        """Three statements at most, however many numbers."""
        who = self.actor.pk if isinstance(self.actor, Account) else None
        now = timezone.now()
        kept = self.purpose != NumberPurpose.REGISTER

        def row(sequence: int, number: str, *, skipped: bool, settled: bool) -> tuple[object, ...]:
            register = None if skipped else self.register_id
            return (
                number,
                self.rule.pk,
                counter.scope,
                sequence,
                self.purpose,
                register,
                skipped,
                settled,
                now,
                who,
            )

        if counter.again:
            GivenNumber.objects.filter(pk__in=counter.again).update(
                register=self.register_id,
                purpose=self.purpose,
                settled=kept,
                skipped=False,
                given_at=now,
                given_by=who,
            )
        if counter.fresh or counter.skipped:
            copy_rows(
                GivenNumber,
                GIVEN_FIELDS,
                [
                    *(row(s, n, skipped=False, settled=kept) for s, n in counter.fresh),
                    *(row(s, n, skipped=True, settled=good) for s, n, good in counter.skipped),
                ],
            )
            NumberCounter.objects.filter(rule=self.rule, scope=counter.scope).update(
                last=counter.last
            )


def gaps() -> list[str]:
    """Counters that passed over a number without saying where it went; empty as it should be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.rule_id, c.scope, c.last, r.start, count(g.id)"
            " FROM registers_numbercounter c JOIN registers_numberingrule r ON r.id = c.rule_id"
            " LEFT JOIN registers_givennumber g ON g.rule_id = c.rule_id AND g.scope = c.scope"
            " AND g.sequence BETWEEN r.start AND c.last"
            " GROUP BY c.id, c.rule_id, c.scope, c.last, r.start"
            " HAVING count(g.id) <> c.last - r.start + 1 ORDER BY c.rule_id, c.scope"
        )
        return [f"rule {rule} scope {scope}" for rule, scope, *_counts in cursor.fetchall()]
