"""Returned spoiled blanks are destroyed by two people (N9, N18)."""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger, rules
from zhicheng.blanks.models import (
    CustodyState,
    Destruction,
    Reason,
)
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import (
    SerialRange,
    count,
    format_serial,
    parse_ranges,
)


@retrying
def propose_destruction(
    *, actor: Account, grade: str, serials: Sequence[SerialRange]
) -> Destruction:
    """The first of two people: names the returned spoiled blanks that shall be destroyed (N9)."""
    require(actor, Action.DESTRUCTION_PROPOSE)
    with recorded(actor, Action.DESTRUCTION_PROPOSE) as record:
        office = Organization.objects.municipal_office()
        source = ledger.custody(office, CustodyState.RETURNED_SPOILED, grade)
        ledger.lock([source])
        missing = rules.difference(serials, ledger.held(source))
        if missing or not serials:
            raise Refusal(
                "destruction.not_returned",
                "只有已交回市职改办的废旧证书才能销毁。",
                clause="N9",
                found=format_serial(missing[0].first) if missing else "未指定编号",
                expected="已交回的废旧证书编号",
            )
        for other in Destruction.objects.filter(grade=grade, confirmed_by=None, lapsed_at=None):
            rules.require_proposed_once(serials, parse_ranges(",".join(other.serials)))
        proposal = Destruction.objects.create(
            grade=grade,
            serials=rules.describe(serials),
            count=count(serials),
            proposed_by=actor,
        )
        record(subject=proposal, data={"grade": grade, "serials": proposal.serials})
    return proposal


def lapse_proposals(grade: str, serials: Sequence[SerialRange]) -> list[Destruction]:
    """Proposals that name blanks which have left can't be carried out: the others are free again.

    Within the transaction of whoever moves the blanks, under the lock of the account.
    """
    lapsed = [
        item
        for item in Destruction.objects.filter(
            grade=grade, confirmed_by=None, lapsed_at=None
        ).select_for_update(no_key=True)
        if rules.common(serials, parse_ranges(",".join(item.serials)))
    ]
    for item in lapsed:
        item.lapsed_at = timezone.now()
        item.save(update_fields=["lapsed_at"])
    return lapsed


@retrying
def confirm_destruction(*, actor: Account, destruction_id: int) -> Destruction:
    """The second person confirms, and the blanks are destroyed (N9, N18)."""
    require(actor, Action.DESTRUCTION_CONFIRM)
    with recorded(actor, Action.DESTRUCTION_CONFIRM) as record:
        proposal = Destruction.objects.select_for_update().get(pk=destruction_id)
        if proposal.confirmed_by_id is not None:
            raise Refusal(
                "destruction.done",
                "这批废旧证书已经销毁。",
                clause="N9",
                found=f"{proposal.confirmed_at:%Y-%m-%d} 已销毁",
                expected="待销毁",
            )
        if proposal.lapsed_at is not None:
            raise Refusal(
                "destruction.lapsed",
                "提请后其中有编号遗失或更正，该提请已失效。",
                clause="N9",
                found=f"{proposal.lapsed_at:%Y-%m-%d} 失效",
                expected="全部编号仍在市职改办的提请",
                mend="请对仍在市职改办的废旧证书重新提请。",
            )
        rules.require_second_person(proposal.proposed_by_id, actor.pk)
        office = Organization.objects.municipal_office()
        source = ledger.custody(office, CustodyState.RETURNED_SPOILED, proposal.grade)
        target = ledger.custody(office, CustodyState.DESTROYED, proposal.grade)
        ledger.lock([source, target])
        serials = parse_ranges(",".join(proposal.serials))
        missing = rules.difference(serials, ledger.held(source))
        if missing:
            raise Refusal(
                "destruction.not_returned",
                "这批废旧证书已不在市职改办。",
                clause="N9",
                found=format_serial(missing[0].first),
                expected="已交回且未销毁的废旧证书",
            )
        ledger.move(serials, source=source, target=target, reason=Reason.DESTRUCTION, actor=actor)
        proposal.confirmed_by = actor
        proposal.confirmed_at = timezone.now()
        proposal.save()
        record(subject=proposal, data={"serials": proposal.serials, "count": proposal.count})
    return proposal
