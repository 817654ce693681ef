"""Spoiled blanks come back: exchanged one for one, or only returned (N9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger, rules
from zhicheng.blanks.models import (
    CustodyState,
    Exchange,
    ExchangeRequest,
    Holding,
    Reason,
    Spoilage,
)
from zhicheng.bulk import new_ids
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.serials import (
    SerialRange,
    count,
    parse_ranges,
    ranges_of,
)


def due_serials(register_id: int, grade: str) -> list[int]:
    """Spoiled blanks that neither a spare nor an exchange has replaced yet, lowest first.

    Only those that lie at the unit: one that was lost can't be brought.
    """
    waiting = Spoilage.objects.filter(
        register=register_id, grade=grade, needs_blank=True, exchange=None
    ).values_list("serial", flat=True)
    lying = Holding.objects.filter(
        custody__register=register_id, custody__grade=grade, custody__state=CustodyState.SPOILED
    ).values_list("serials", flat=True)
    return rules.each(rules.common(ranges_of(waiting), [ledger.from_range(item) for item in lying]))


@retrying
def request_exchange(*, actor: Actor, register_id: int, grade: str) -> ExchangeRequest:
    """The unit lists the spoiled blanks that it will bring for new ones (N9).

    Refused while spares are left or nothing is due. A later request takes an open one's place.
    """
    with recorded(actor, Action.EXCHANGE_REQUEST) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.EXCHANGE_REQUEST, register)
        unit_id = register.issuing_unit_id
        spare = ledger.custody(unit_id, CustodyState.SPARE, grade, register.pk)
        ledger.lock([spare])
        serials = ranges_of(due_serials(register.pk, grade))
        rules.require_exchange_due(count(ledger.held(spare)), serials, serials)
        named = rules.describe(serials)
        open_one = register.exchange_requests.filter(grade=grade, closed_at=None).first()
        if open_one is not None:
            rules.require_request_changed(open_one.number, open_one.serials, named)
            open_one.closed_at = timezone.now()
            open_one.save()
        (pk,) = new_ids(ExchangeRequest, 1)
        request = ExchangeRequest.objects.create(
            pk=pk,
            number=f"HQ{timezone.localdate().year}-{pk:05d}",
            register=register,
            grade=grade,
            serials=named,
            count=count(serials),
            requested_by=account_of(actor),
        )
        record(
            subject=register,
            data={"grade": grade, "request": request.number, "serials": named},
        )
    return request


def close_served_request(register: Register, grade: str) -> None:
    """Closes the open request when none of its serials is due any more."""
    request = register.exchange_requests.filter(grade=grade, closed_at=None).first()
    if request is None:
        return
    still_due = rules.common(
        parse_ranges(",".join(request.serials)), ranges_of(due_serials(register.pk, grade))
    )
    if not still_due:
        request.closed_at = timezone.now()
        request.save()


@retrying
def exchange_spoiled(
    *, actor: Actor, register_id: int, grade: str, returned: Sequence[SerialRange]
) -> Exchange:
    """Counts spoiled blanks in and hands out as many new ones, when no spare is left (N9)."""
    with recorded(actor, Action.SPOILED_EXCHANGE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.SPOILED_EXCHANGE, register)
        office, unit_id = Organization.objects.municipal_office(), register.issuing_unit_id
        store = ledger.custody(office, CustodyState.STORE, grade)
        counted_in = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        unit = ledger.custody(unit_id, CustodyState.UNIT, grade, register.pk)
        spare = ledger.custody(unit_id, CustodyState.SPARE, grade, register.pk)
        spoiled = ledger.custody(unit_id, CustodyState.SPOILED, grade, register.pk)
        ledger.lock([store, counted_in, unit, spare, spoiled])
        rules.require_exchange_due(count(ledger.held(spare)), returned, ledger.held(spoiled))
        wanted = count(returned)
        due = dict(
            Spoilage.objects.filter(
                register=register, grade=grade, needs_blank=True, exchange=None
            ).values_list("serial", "pk")
        )
        rules.require_no_spare_took_its_place(returned, ranges_of(due))
        given = ledger.lowest(store, wanted)
        rules.require_stock(wanted, given, str(Grade(grade).label))
        ledger.move(
            returned, source=spoiled, target=counted_in, reason=Reason.RETURN_SPOILED, actor=actor
        )
        ledger.move(given, source=store, target=unit, reason=Reason.EXCHANGE, actor=actor)
        exchange = Exchange.objects.create(
            register=register,
            grade=grade,
            spoiled=rules.describe(returned),
            given=rules.describe(given),
            count=wanted,
            exchanged_by=account_of(actor),
        )
        Spoilage.objects.filter(
            pk__in=[pk for serial, pk in due.items() if any(serial in item for item in returned)]
        ).update(exchange=exchange)
        close_served_request(register, grade)
        record(
            subject=register,
            data={"grade": grade, "spoiled": exchange.spoiled, "given": exchange.given},
        )
    return exchange


@retrying
def return_spoiled(
    *, actor: Actor, register_id: int, grade: str, returned: Sequence[SerialRange]
) -> int:
    """Counts in spoiled blanks that a spare has replaced already; gives how many (N9)."""
    with recorded(actor, Action.SPOILED_EXCHANGE) as record:
        register = Register.objects.select_for_update(no_key=True).get(pk=register_id)
        require(actor, Action.SPOILED_EXCHANGE, register)
        office = Organization.objects.municipal_office()
        source = ledger.custody(register.issuing_unit_id, CustodyState.SPOILED, grade, register.pk)
        target = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        ledger.lock([source, target])
        rules.require_something_returned(returned)
        missing = rules.difference(returned, ledger.held(source))
        if missing:
            raise rules.unknown_serial(missing[0].first)
        due = Spoilage.objects.filter(
            register=register, grade=grade, needs_blank=True, exchange=None
        ).values_list("serial", flat=True)
        rules.require_not_due_for_exchange(returned, ranges_of(due))
        ledger.move(
            returned, source=source, target=target, reason=Reason.RETURN_SPOILED, actor=actor
        )
        record(subject=register, data={"grade": grade, "returned": rules.describe(returned)})
    return count(returned)


@dataclass(frozen=True)
class TakenBack:
    """What the office took in at once: exchanged one for one, or only returned."""

    exchange: Exchange | None
    returned: int


@retrying
def take_back(
    *, actor: Actor, register_id: int, grade: str, brought: Sequence[SerialRange]
) -> TakenBack:
    """Counts in whatever spoiled blanks a unit brings: due ones are exchanged, others returned.

    All of them or none; two audit events where both kinds are among them (N9).
    """
    due = ranges_of(
        Spoilage.objects.filter(
            register=register_id, grade=grade, needs_blank=True, exchange=None
        ).values_list("serial", flat=True)
    )
    replaced = rules.difference(brought, due)
    exchangeable = rules.difference(brought, replaced)
    with recorded(actor, Action.SPOILED_EXCHANGE):
        exchange = None
        if exchangeable or not brought:
            exchange = exchange_spoiled(
                actor=actor, register_id=register_id, grade=grade, returned=exchangeable
            )
        returned = 0
        if replaced:
            returned = return_spoiled(
                actor=actor, register_id=register_id, grade=grade, returned=replaced
            )
    return TakenBack(exchange, returned)
