"""The old certificate: handed in, destroyed or kept, and void ones that turn up (N12, N14)."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks.alarms import VISITOR
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.guard import require
from zhicheng.organizations.holding import require_not_ended
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.actions import locked, locked_with_unit
from zhicheng.reissues.models import (
    Fate,
    HandedIn,
    Kind,
    Reissue,
    ReissueState,
    SightingChannel,
    VoidSighting,
)
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial
from zhicheng.values.text import hide_id_numbers, tidy_code

TAKES_OLD = (
    ReissueState.APPLIED,
    ReissueState.RETURNED,
    ReissueState.OPINIONS,
    ReissueState.GRANTED,
)


@retrying
def hand_in(
    *,
    actor: Account,
    reissue_id: int,
    number: str,
    received_on: date,
    serial: int | None = None,
) -> HandedIn:
    """The unit takes the old certificate: for a renewal before the blank (N14), after the end a
    void one that turned up. ``number`` and, where it is known, ``serial`` are read from it.
    """
    with recorded(actor, Action.REISSUE_HAND_IN) as record:
        reissue, unit = locked_with_unit(reissue_id)
        require(actor, Action.REISSUE_HAND_IN, reissue)
        require_not_ended(unit)  # after the end of the application it may have
        before = reissue.kind == Kind.RENEWAL and reissue.state in TAKES_OLD
        if not before and reissue.state != ReissueState.DONE:
            raise Refusal(
                "reissue.takes_no_old_certificate",
                "现在不能登记收回原证书。",
                clause="N14",
                found=f"{reissue.get_kind_display()}，{reissue.get_state_display()}",
                expected="换发在领取空白证书以前，或新证书已核发",
                mend="遗失的证书在办理中找到的，请报告找到。",
            )
        if HandedIn.objects.filter(reissue=reissue).exists():
            raise Refusal(
                "reissue.handed_in_before",
                "原证书已经收回。",
                clause="N14",
                found=reissue.old_number,
            )
        on_it = reissue.certificate.blank_serial if reissue.certificate else None
        if tidy_code(number)[0] != reissue.old_number or (serial and on_it and serial != on_it):
            raise Refusal(
                "reissue.another_certificate",
                "交来的不是这份申请的原证书。",
                clause="N14",
                found=" ".join(
                    [hide_id_numbers(number), *([format_serial(serial)] if serial else [])]
                ),
                expected=reissue.old_number,
                mend="请核对证书编号和空白证书编号。",
            )
        if received_on > timezone.localdate():
            raise Refusal(
                "reissue.future_date",
                "收回日期不能晚于今天。",
                clause="N14",
                found=received_on.isoformat(),
            )
        kept = HandedIn.objects.create(
            reissue=reissue,
            number=reissue.old_number,
            serial=serial or on_it,
            received_on=received_on,
            received_by=actor,
        )
        if not before:
            _sight(reissue, SightingChannel.HANDED_IN, actor, "")
        record(
            subject=reissue,
            data={
                "old_number": reissue.old_number,
                "serial": format_serial(kept.serial) if kept.serial else "",
                "received_on": received_on.isoformat(),
            },
        )
    return kept


@retrying
def dispose(
    *, actor: Account, reissue_id: int, fate: str, on: date, note: str = "", witness: str = ""
) -> HandedIn:
    """What becomes of a handed-in certificate: archived or destroyed once it is void; given back
    when its application ended without a new one.
    """
    with recorded(actor, Action.REISSUE_DISPOSE) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_DISPOSE, reissue)
        kept = HandedIn.objects.select_for_update().filter(reissue=reissue).first()
        done = reissue.state == ReissueState.DONE
        ended = reissue.state in (ReissueState.ENDED, ReissueState.REFUSED, ReissueState.CLOSING)
        allowed = [Fate.ARCHIVED, Fate.DESTROYED] if done else [Fate.GIVEN_BACK] if ended else []
        if kept is None or kept.fate != Fate.HELD or fate not in allowed:
            raise Refusal(
                "reissue.fate",
                "原证书作废后方可归档或销毁；申请终止的退还本人。",
                clause="N14",
                found=f"{reissue.get_state_display()}，"
                f"{kept.get_fate_display() if kept else '没有收回原证书'}",
                expected="、".join(str(item.label) for item in allowed) or "办结以后处理",
            )
        if fate == Fate.DESTROYED and not witness.strip():
            raise Refusal(
                "reissue.witness_missing",
                "销毁原证书须有监督人。",
                clause="N9",
                found="监督人为空",
                expected="监督人姓名",
            )
        kept.fate, kept.fate_on, kept.fate_by = fate, on, actor
        kept.fate_note = hide_id_numbers(note.strip())[:200]
        kept.witness = hide_id_numbers(witness.strip())[:60]
        kept.save()
        record(
            subject=reissue,
            data={"fate": fate, "on": on.isoformat(), "witness": kept.witness},
        )
    return kept


@retrying
def sighted(*, actor: Account, number: str, channel: str, note: str = "") -> list[VoidSighting]:
    """A lost or void certificate turned up at somebody who has an account: recorded (N12, N18).

    Nothing where the number is of none.
    """
    found = sightable([tidy_code(number)[0]])
    if not found or channel not in SightingChannel.values:
        return []
    with recorded(actor, Action.VOID_CERTIFICATE_SIGHTED) as record:
        require(actor, Action.VOID_CERTIFICATE_SIGHTED)
        made = [_sight(reissue, channel, actor, note) for reissue in found]
        for item in made:
            record(
                subject=item.reissue,
                data={"channel": channel, "old_number": item.reissue.old_number, "note": item.note},
            )
    return made


def at_a_station(actor: Account, certificate: Certificate, where: str) -> None:
    """A station's scanner read a lost or void certificate: once a day for each person and place.

    Lost and then void are two things to record.
    """
    before = VoidSighting.objects.filter(
        reissue__old_number=certificate.number,
        channel=SightingChannel.STATION,
        seen_on=timezone.localdate(),
        seen_at__gte=certificate.voided_at or certificate.lost_at or timezone.now(),
        seen_by=actor,
        note=where,
    )
    if before.exists():
        return
    sighted(actor=actor, number=certificate.number, channel=SightingChannel.STATION, note=where)


@retrying
def seen_in_public(*, numbers: Collection[str], channel: str) -> int:
    """A visitor asked for lost or void certificates; once a day each is enough. Gives how many."""
    if not numbers:
        return 0
    today = timezone.localdate()
    fresh = [
        reissue
        for reissue in sightable(numbers)
        if not VoidSighting.objects.filter(
            reissue=reissue, channel=channel, seen_on=today, seen_by=None
        ).exists()
    ]
    if not fresh:
        return 0
    with recorded(VISITOR, Action.VOID_CERTIFICATE_SIGHTED) as record:
        for reissue in fresh:
            VoidSighting.objects.bulk_create(
                [VoidSighting(reissue=reissue, channel=channel, seen_on=today)],
                ignore_conflicts=True,
            )
            record(subject=reissue, data={"channel": channel, "old_number": reissue.old_number})
    return len(fresh)


def sightable(numbers: Collection[str]) -> list[Reissue]:
    """The applications whose old certificates have these numbers and are lost or void."""
    return list(
        Reissue.objects.filter(old_number__in=list(numbers)).filter(
            Q(state=ReissueState.DONE) | Q(lost_at__isnull=False)
        )
    )


def _sight(reissue: Reissue, channel: str, actor: Account, note: str) -> VoidSighting:
    return VoidSighting.objects.create(
        reissue=reissue,
        channel=channel,
        seen_on=timezone.localdate(),
        seen_by=actor,
        note=hide_id_numbers(note.strip())[:200],
    )
