"""Every later appearance of a lost or written-off blank raises an alarm (N18).

One place for all of them: ``watch`` hears of every refused action and looks whether a serial that
it named is blocked; pages that only look a serial up ask ``refuse_blocked``. The refused step has
been rolled back by then, and the sighting is written in a transaction of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from zhicheng.audit.recording import Attempt, recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.case_rules import SerialBlocked, common
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.models import (
    LOSS_STATES,
    BlankCase,
    CaseKind,
    Channel,
    CustodyState,
    Sighting,
)
from zhicheng.blanks.rules import describe, difference
from zhicheng.organizations.guard import CONSOLE, Actor, Console, may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, merge, parse_ranges, ranges_of
from zhicheng.values.text import hide_id_numbers

# Here lost serials are named because they are lost.
ABOUT_LOSSES = "zhicheng.blanks.investigations"
PUBLIC_PAUSE = timedelta(days=1)


class Visitor:
    """Whoever asks in public: nobody that we know."""

    pk: None = None
    username: str = "公众查询"
    organization_id: None = None


VISITOR: Final = Visitor()


@dataclass(frozen=True)
class Blocked:
    """Serials that lie in one lost or written-off account, and the newest case about them."""

    serials: tuple[SerialRange, ...]
    state: CustodyState
    case: BlankCase


def blocked(named: Sequence[SerialRange]) -> list[Blocked]:
    """Which of the serials are lost or written off; a few statements, however many are named."""
    if not named:
        return []
    asked = [ledger.as_range(item) for item in merge(named)]
    lying: dict[str, list[SerialRange]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.state, h.serials FROM blanks_holding h
            JOIN blanks_custody c ON c.id = h.custody_id
            WHERE c.state = ANY(%s) AND h.serials && ANY(%s::int8range[]) ORDER BY h.serials
            """,
            [list(LOSS_STATES), asked],
        )
        for state, serials in cursor.fetchall():
            part = common([ledger.from_range(serials)], named)
            lying.setdefault(state, []).extend(part)
        if not lying:
            return []
        cursor.execute(
            """
            SELECT id FROM blanks_blankcase
            WHERE kind NOT IN ('sighting', 'stock_surplus')
              AND serial_ranges(serials) && (SELECT range_agg(r) FROM unnest(%s::int8range[]) AS r)
            ORDER BY outcome = '' DESC, id DESC
            """,
            [asked],
        )
        order = [pk for (pk,) in cursor.fetchall()]
    cases = BlankCase.objects.in_bulk(order)
    found = []
    for state, serials in lying.items():
        left = merge(serials)
        for pk in order:
            part = common(left, parse_ranges(",".join(cases[pk].serials)))
            if part:
                found.append(Blocked(tuple(part), CustodyState(state), cases[pk]))
                left = difference(left, part)
    return found


def refuse_blocked(
    actor: Actor | Visitor,
    named: Sequence[SerialRange],
    *,
    channel: Channel,
    attempted: str,
) -> None:
    """Raises SerialBlocked, after recording the sighting, when one of the serials is blocked."""
    found = blocked(named)
    if not found:
        return
    _sighted(actor, found, channel, attempted)
    raise refusal_of(found[0], actor)


def refusal_of(item: Blocked, actor: Actor | Visitor) -> SerialBlocked:
    """What the person is told: the case, and that nothing was done."""
    refusal = SerialBlocked(item.serials, item.case.number, str(item.state.label))
    if isinstance(actor, Account) and may(actor, Action.CASE_VIEW, item.case):
        refusal.link = (reverse("blanks:case", args=[item.case.pk]), f"案卷 {item.case.number}")
    return refusal


@retrying
def sighted_in_public(*, serials: Sequence[int], attempted: str) -> list[Sighting]:
    """A visitor asked for a certificate that once lay on these blanks; once a day is enough."""
    found = blocked(ranges_of(serials))
    since = timezone.now() - PUBLIC_PAUSE
    told = set(
        Sighting.objects.filter(channel=Channel.PUBLIC, seen_at__gte=since).values_list(
            "attempted", flat=True
        )
    )
    if not found or attempted in told:
        return []
    return _sighted(VISITOR, found, Channel.PUBLIC, attempted)


def _sighted(
    actor: Actor | Visitor, found: Sequence[Blocked], channel: Channel, attempted: str
) -> list[Sighting]:
    account = actor if isinstance(actor, Account) else None
    made = []
    with recorded(actor, Action.BLANK_SIGHTED) as record:
        for item in found:
            case = _case_of(actor, item)
            sighting = Sighting.objects.create(
                case=case,
                serials=describe(item.serials),
                channel=channel,
                attempted=hide_id_numbers(attempted)[:120],
                seen_by=account,
                organization_id=account.organization_id if account else None,
            )
            made.append(sighting)
            record(
                subject=sighting,
                data={
                    "case": case.number,
                    "serials": sighting.serials,
                    "channel": channel.value,
                    "attempted": sighting.attempted,
                },
            )
    return made


def _case_of(actor: Actor | Visitor, item: Blocked) -> BlankCase:
    """The open case about these blanks; a closed one is followed by a new one."""
    if item.case.is_open:
        return item.case
    later = BlankCase.objects.filter(kind=CaseKind.SIGHTING, outcome="", grade=item.case.grade)
    texts = set(describe(item.serials))
    for case in later.order_by("-id"):
        if texts <= set(case.serials):
            return case
    return open_case(
        kind=CaseKind.SIGHTING,
        grade=item.case.grade,
        serials=item.serials,
        holder=item.case.holder_id,
        register_id=item.case.register_id,
        note=f"已确认遗失、编号作废的空白证书再次出现，原案卷 {item.case.number}。",
        actor=actor if isinstance(actor, Account) else CONSOLE,
    )


def watch(attempt: Attempt) -> None:
    """Hears of every refused action; raises SerialBlocked where it named a blocked serial."""
    refusal, actor = attempt.refusal, attempt.arguments.get("actor")
    if isinstance(refusal, NotPermitted) or not isinstance(actor, Account | Console):
        return
    if attempt.function.__module__ == ABOUT_LOSSES:
        return
    named = merge(_named(attempt.arguments))
    if not named:
        return
    refuse_blocked(actor, named, channel=Channel.ACTION, attempted=_label(refusal))


def _label(refusal: Refusal) -> str:
    try:
        return ACTION_LABELS[Action(refusal.attempted)]
    except ValueError:
        return refusal.attempted


def _named(value: Any, key: str = "") -> Iterator[SerialRange]:
    """Every serial in the arguments of an action, however deep."""
    if isinstance(value, SerialRange):
        yield value
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        if key.startswith("serial") and value > 0:
            yield SerialRange(value, value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _named(item, str(name))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _named(item, key)
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from _named(getattr(value, item.name), item.name)


@retrying
def acknowledge(*, actor: Account, sighting_ids: Iterable[int], text: str) -> int:
    """The office has seen the alarms and says what was done; gives how many."""
    require(actor, Action.SIGHTING_ACKNOWLEDGE)
    with recorded(actor, Action.SIGHTING_ACKNOWLEDGE) as record:
        if not text.strip():
            raise Refusal(
                "sighting.nothing_said",
                "处理警报须写明处理意见。",
                clause="N18",
                found="处理意见为空",
                expected="例如：已联系某单位扣下实物",
            )
        waiting = list(
            Sighting.objects.filter(pk__in=list(sighting_ids), acknowledged_at=None)
            .order_by("pk")
            .select_for_update()
        )
        if not waiting:
            raise Refusal(
                "sighting.acknowledged",
                "所选警报已经处理。",
                clause="N18",
                found="没有待处理的警报",
                expected="待处理的警报",
            )
        Sighting.objects.filter(pk__in=[item.pk for item in waiting]).update(
            acknowledged_at=timezone.now(),
            acknowledged_by=actor,
            acknowledgement=hide_id_numbers(text.strip())[:300],
        )
        record(
            data={"sightings": [item.pk for item in waiting], "text": text.strip()[:300]},
            rows="blanks.sighting",
            ids=[item.pk for item in waiting],
        )
    return len(waiting)
