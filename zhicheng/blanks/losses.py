"""Moves blanks into loss; who may and why is the business of ``investigations`` and others.

A lost blank's place is taken by a spare of its register while there is one, as with a spoiled
blank: a certificate that lay on it goes on, or waits for a blank (N9). A loss brings no exchange,
because an exchange asks for the spoiled blank itself. A reissue's blank has no spare: the office
hands out another one for its application.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from zhicheng.blanks import ledger
from zhicheng.blanks.case_rules import common
from zhicheng.blanks.cases import open_case
from zhicheng.blanks.destruction import lapse_proposals
from zhicheng.blanks.exchange import close_served_request
from zhicheng.blanks.models import (
    BlankCase,
    CaseEntry,
    CaseKind,
    Custody,
    CustodyState,
    Holding,
    Reason,
)
from zhicheng.blanks.rules import describe
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, merge, ranges_of, take

# A spare first: it can't take another's place and be lost itself. Then what bears a certificate.
_ORDER = (CustodyState.SPARE, CustodyState.FILLING, CustodyState.UNIT)


@dataclass
class Carried:
    """Certificates that went on to a spare or wait for a blank: for the audit event."""

    numbers: dict[int, str] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)


# (lost serials, their spares) -> what became of the certificates that lay on them.
Carrier = Callable[[Sequence[int], Mapping[int, int]], Carried]
_carriers: list[Carrier] = []
CERTIFICATES = "certificates.certificate"


def carries_certificates_on(carrier: Carrier) -> Carrier:
    """Registers whoever knows the certificates; they stand below blanks in the import order."""
    if carrier not in _carriers:
        _carriers.append(carrier)
    return carrier


@dataclass
class Lost:
    """What a report did: its cases, the spares that took over, the certificates concerned."""

    cases: list[BlankCase] = field(default_factory=list)
    spares: dict[int, int] = field(default_factory=dict)
    carried: Carried = field(default_factory=Carried)


def where(serials: Sequence[SerialRange], condition: Q) -> dict[Custody, list[SerialRange]]:
    """Which of the accounts that fit ``condition`` hold which of the serials."""
    overlap = Q(pk__in=[])
    for item in merge(serials):
        overlap |= Q(serials__overlap=ledger.as_range(item))
    found: dict[Custody, list[SerialRange]] = {}
    holdings = Holding.objects.filter(overlap, condition).select_related("custody__organization")
    for holding in holdings.order_by("serials"):
        part = common([ledger.from_range(holding.serials)], serials)
        found.setdefault(holding.custody, []).extend(part)
    return {account: merge(ranges) for account, ranges in found.items()}


def hold_still(accounts: Iterable[Custody]) -> None:
    """Locks registers and accounts, with their spares, in the order in which every action does."""
    accounts = list(accounts)
    registers = sorted({item.register_id for item in accounts if item.register_id})
    list(
        Register.objects.filter(pk__in=registers)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    beside = Custody.objects.filter(register__in=registers)
    ledger.lock([*accounts, *beside])


def lose(
    parts: Mapping[Custody, Sequence[SerialRange]],
    *,
    kind: CaseKind,
    note: str,
    actor: Actor,
) -> Lost:
    """Moves the serials to 'lost' and opens a case for each holder, grade and purpose.

    The accounts are locked already and hold what is named. The caller records the event.
    """
    done = Lost()
    groups: dict[tuple[int, str, int, int], dict[Custody, Sequence[SerialRange]]] = {}
    for account, serials in parts.items():
        key = (
            account.organization_id,
            account.grade,
            account.register_id or 0,
            account.reissue or 0,
        )
        groups.setdefault(key, {})[account] = serials
    for (holder, grade, register, reissue), named in sorted(groups.items()):
        register_id = register or None
        target = ledger.custody(holder, CustodyState.LOST, grade, register_id, reissue or None)
        told: list[str] = []
        for account, serials in sorted(named.items(), key=_order):
            ledger.move(serials, source=account, target=target, reason=Reason.LOSS, actor=actor)
            told += _replace(account, serials, actor, done)
            if account.state == CustodyState.RETURNED_SPOILED:
                told += _lapsed(grade, serials)
            if account.state == CustodyState.SPOILED and account.register is not None:
                close_served_request(account.register, grade)
        case = open_case(
            kind=kind,
            grade=grade,
            serials=merge(item for serials in named.values() for item in serials),
            holder=holder,
            note=note,
            actor=actor,
            register_id=register_id,
        )
        for text in told:
            write_entry(case, text, actor)
        done.cases.append(case)
    return done


def _order(item: tuple[Custody, Sequence[SerialRange]]) -> tuple[int, int]:
    state = CustodyState(item[0].state)
    return (_ORDER.index(state) if state in _ORDER else len(_ORDER), item[0].pk)


def write_entry(case: BlankCase, text: str, actor: Actor, file_id: int | None = None) -> CaseEntry:
    """A step of the investigation; the caller has judged the text."""
    return CaseEntry.objects.create(
        case=case,
        text=text if len(text) <= 500 else f"{text[:499]}…",
        file_id=file_id,
        written_by=actor if isinstance(actor, Account) else None,
    )


def _replace(
    account: Custody, serials: Sequence[SerialRange], actor: Actor, done: Lost
) -> list[str]:
    """Spares take the places of lost blanks; gives what the case should tell of it."""
    if account.state not in (CustodyState.FILLING, CustodyState.UNIT):
        return []
    taken: list[SerialRange] = []
    if account.reissue is None:
        spare = ledger.custody(
            account.organization_id, CustodyState.SPARE, account.grade, account.register_id
        )
        taken = take(ledger.held(spare), count(serials))
        ledger.move(taken, source=spare, target=account, reason=Reason.SPARE, actor=actor)
    spares = dict(zip(_each(serials), _each(taken), strict=False))
    done.spares |= spares
    told = []
    if taken:
        told.append(f"遗失的由备用证书代替：{'、'.join(describe(taken))}。")
    if account.state == CustodyState.FILLING:
        lost = list(_each(serials))
        for carrier in _carriers:
            carried = carrier(lost, spares)
            done.carried.numbers |= carried.numbers
            done.carried.ids += carried.ids
            done.carried.digests += carried.digests
            told += _told_of(carried.numbers, spares)
    return told


def _lapsed(grade: str, serials: Sequence[SerialRange]) -> list[str]:
    named = [item.number for item in lapse_proposals(grade, serials)]
    return [f"含有遗失编号的提请销毁失效，须重新提请：{'、'.join(named)}。"] if named else []


def _told_of(numbers: Mapping[int, str], spares: Mapping[int, int]) -> list[str]:
    moved = [f"{number}→{_text(spares[s])}" for s, number in numbers.items() if s in spares]
    waiting = [number for serial, number in numbers.items() if serial not in spares]
    told = []
    if moved:
        told.append(f"遗失的证书改用备用证书重制，须重新盖章：{'、'.join(moved)}。")
    if waiting:
        told.append(f"没有备用证书可用，待补空白证书：{'、'.join(waiting)}。")
    return told


def _text(serial: int) -> str:
    return describe(ranges_of([serial]))[0]


def _each(ranges: Sequence[SerialRange]) -> Iterable[int]:
    for item in merge(ranges):
        yield from range(item.first, item.last + 1)
