"""Spoiled blanks of a reissue: exchanged one for one, or only returned (N9)."""

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import CustodyState, Exchange, Reason, Spoilage, SpoilReason
from zhicheng.blanks.rules import describe
from zhicheng.certificates import spoilage
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import blank_of
from zhicheng.reissues.actions import locked
from zhicheng.reissues.ending import live_blank
from zhicheng.reissues.models import ReissueState
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial, ranges_of
from zhicheng.values.text import hide_id_numbers


@retrying
def spoil(
    *,
    actor: Account,
    reissue_id: int,
    reason: str,
    note: str = "",
    photo: Prepared | None = None,
) -> Spoilage:
    """The reissue's blank was spoiled: there are no spares, so it is exchanged (N9)."""
    with recorded(actor, Action.CERTIFICATE_SPOIL) as record:
        reissue = locked(reissue_id)
        require(actor, Action.CERTIFICATE_SPOIL, reissue)
        lying = live_blank(reissue, CustodyState.UNIT, CustodyState.FILLING)
        if lying is None or reissue.state not in (ReissueState.COLLECTED, ReissueState.MAKING):
            raise Refusal(
                "reissue.no_blank",
                "这份申请没有在办理中的空白证书。",
                clause="N9",
                found=str(ReissueState(reissue.state).label),
                expected="已领取、未发放的空白证书",
            )
        source, serial = lying
        if Certificate.objects.filter(reissue=reissue.pk).exists():
            (made,) = spoilage.spoil(
                actor=actor,
                reissue=reissue.pk,
                serials=[serial],
                reason=reason,
                note=note,
                photo=photo,
            )
            return made
        if reason not in SpoilReason.values:
            raise Refusal(
                "spoilage.reason_missing",
                "登记废旧证书须写明编号和原因。",
                clause="N9",
                found="原因为空",
                expected="、".join(str(label) for label in SpoilReason.labels),
            )
        target = ledger.custody(
            reissue.unit_id, CustodyState.SPOILED, reissue.grade, reissue=reissue.pk
        )
        ledger.lock([source, target])
        ledger.move(
            ranges_of([serial]), source=source, target=target, reason=Reason.SPOILAGE, actor=actor
        )
        kept = store(photo, account_id=actor.pk) if photo else None
        made = Spoilage.objects.create(
            serial=serial,
            grade=reissue.grade,
            reissue=reissue.pk,
            reason=reason,
            note=hide_id_numbers(note),
            needs_blank=True,
            photo=kept,
            spoiled_by=actor,
        )
        record(
            subject=reissue,
            data={
                "reason": reason,
                "spoiled": {format_serial(serial): None},
                **({"photo": told(kept)} if kept else {}),
            },
        )
    return made


@retrying
def exchange(*, actor: Account, reissue_id: int) -> Exchange:
    """The office takes the reissue's spoiled blank in and gives a new one for it (N9)."""
    with recorded(actor, Action.REISSUE_EXCHANGE) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_EXCHANGE, reissue)
        due = blank_of.due(reissue)
        if not due or reissue.state not in (ReissueState.COLLECTED, ReissueState.MAKING):
            raise Refusal(
                "reissue.no_exchange_due",
                "这份申请没有待换取的废旧证书。",
                clause="N9",
                found="0 本",
                expected="错制或破损、尚未换取的空白证书",
            )
        spoiled = due[-1]
        blank_of.count_in(reissue, [spoiled.serial], actor)
        given = blank_of.give(reissue, actor, None, Reason.EXCHANGE)
        exchanged = Exchange.objects.create(
            reissue=reissue.pk,
            grade=reissue.grade,
            spoiled=describe(ranges_of([spoiled.serial])),
            given=describe(ranges_of([given])),
            count=1,
            exchanged_by=actor,
        )
        Spoilage.objects.filter(pk=spoiled.pk).update(exchange=exchanged)
        reissue.waiting_since = timezone.now()
        reissue.save(update_fields=["waiting_since"])
        record(
            subject=reissue,
            data={"grade": reissue.grade, "spoiled": exchanged.spoiled, "given": exchanged.given},
        )
    return exchanged


@retrying
def return_spoiled(*, actor: Account, reissue_id: int) -> list[str]:
    """The office counts in spoiled blanks of a reissue that need no exchange; gives them."""
    with recorded(actor, Action.REISSUE_EXCHANGE) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_EXCHANGE, reissue)
        due = {item.serial for item in blank_of.due(reissue)}
        back = [serial for serial in blank_of.spoiled(reissue) if serial not in due]
        if not back:
            raise Refusal(
                "reissue.nothing_to_return",
                "这份申请没有待交回的废旧证书。",
                clause="N9",
                found="0 本",
            )
        blank_of.count_in(reissue, back, actor)
        named = describe(ranges_of(back))
        record(subject=reissue, data={"grade": reissue.grade, "returned": named})
    return named
