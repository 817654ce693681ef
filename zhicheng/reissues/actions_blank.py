"""The blank of a reissue and the new certificate on it (N11, N12).

Printing, sealing, embossing and issuing are the ordinary path: ``certificates.actions.seal``,
``emboss``, ``issue`` and ``certificates.printjobs.starting.start`` with ``reissue=``. The issue
makes the old certificate void (``completing``).
"""

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    CustodyState,
    Reason,
    Spoilage,
)
from zhicheng.certificates.models import (
    Certificate,
    CertificateState,
)
from zhicheng.certificates.rules import require_blanks
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.taking import assign
from zhicheng.registers.numbering.used import met_already
from zhicheng.reissues import content, old_certificates, rules
from zhicheng.reissues.actions import locked
from zhicheng.reissues.actions_spoiled import exchange, return_spoiled, spoil
from zhicheng.reissues.blank_of import due, give
from zhicheng.reissues.ending import CERTIFICATES, live_blank
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Field, Reissue, ReissueState
from zhicheng.reissues.new_certificate import value, write
from zhicheng.values.id_number import is_adults
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import format_serial, ranges_of
from zhicheng.values.text import hide_id_numbers, tidy_code

__all__ = [
    "assign_number",
    "exchange",
    "fill_in",
    "hand_out",
    "return_spoiled",
    "spoil",
    "take_back",
]
LIVE = (CustodyState.UNIT, CustodyState.FILLING, CustodyState.ON_CERTIFICATE)
NUMBERED = (ReissueState.OPINIONS, ReissueState.GRANTED, ReissueState.COLLECTED)


@retrying
def hand_out(
    *, actor: Account, reissue_id: int, collected_by: str, serial: int | None = None
) -> int:
    """The municipal office gives the unit one blank against the complete application (N11).

    The lowest serial of the grade, or the named one. Once more only for a blank that was lost.
    Gives the serial.
    """
    with recorded(actor, Action.REISSUE_HAND_OUT) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_HAND_OUT, reissue)
        if not collected_by.strip():
            raise Refusal(
                "reissue.collector_unnamed",
                "领取空白证书须登记领取人。",
                clause="N11",
                found="领取人为空",
                expected="领取人姓名",
            )
        again = reissue.state in (ReissueState.COLLECTED, ReissueState.MAKING)
        if again:
            _require_lost_its_blank(reissue)
            # Spoiled ones that were lost as well: nothing is exchanged for them any more.
            Spoilage.objects.filter(reissue=reissue.pk, needs_blank=True, exchange=None).update(
                needs_blank=False
            )
        else:
            reissue.state = REISSUE.target(Action.REISSUE_HAND_OUT, reissue.state)
        rules.require_granted(
            content.papers_of(reissue),
            required=reissue.required,
            agreed=content.agreed_levels(reissue),
        )
        given = give(reissue, actor, serial, Reason.REISSUE)
        now = timezone.now()
        reissue.collected_at, reissue.collected_by = now, hide_id_numbers(collected_by.strip())[:60]
        reissue.waiting_since = now
        reissue.save()
        record(
            subject=reissue,
            data={
                "serial": format_serial(given),
                "collected_by": reissue.collected_by,
                "again": again,
            },
        )
    return given


@retrying
def take_back(*, actor: Account, reissue_id: int) -> Reissue:
    """The office takes the empty blank of an ended application into its store again."""
    with recorded(actor, Action.REISSUE_TAKE_BACK) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_TAKE_BACK, reissue)
        reissue.state = REISSUE.target(Action.REISSUE_TAKE_BACK, reissue.state)
        lying = live_blank(reissue, CustodyState.UNIT)
        serial = ""
        if lying is not None:  # else it was spoiled or lost meanwhile
            source, number = lying
            office = Organization.objects.municipal_office()
            target = ledger.custody(office, CustodyState.STORE, reissue.grade)
            ledger.lock([source, target])
            ledger.move(
                ranges_of([number]),
                source=source,
                target=target,
                reason=Reason.RETURN_UNUSED,
                actor=actor,
            )
            serial = format_serial(number)
        reissue.ended_at = reissue.waiting_since = timezone.now()
        reissue.save()
        record(subject=reissue, data={"serial": serial})
    return reissue


@retrying
def assign_number(*, actor: Account, reissue_id: int, number: str = "") -> str:
    """The new certificate's number: by the unit's rule, or the typed one (N6, N12).

    From the acceptance until the certificate is filled in; gives the number.
    """
    with recorded(actor, Action.REISSUE_NUMBER) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_NUMBER, reissue)
        if reissue.state not in NUMBERED:
            raise Refusal(
                "reissue.not_to_be_numbered",
                "新证书编号在受理以后、填制以前编定。",
                clause="N12",
                found=str(ReissueState(reissue.state).label),
                expected="、".join(str(state.label) for state in NUMBERED),
            )
        typed = tidy_code(number)[0]
        if typed:
            _require_free(typed, reissue)
        elif reissue.new_number:
            raise Conflict(
                "reissue.numbered",
                "新证书编号已经编定。",
                clause="N12",
                found=reissue.new_number,
                mend="需要更换的，请填写新的编号。",
            )
        else:
            at_work = reissue.work_unit_organization
            region = at_work.region.code if at_work and at_work.region else ""
            (typed,) = assign(
                actor=actor,
                unit=reissue.unit,
                grade=reissue.grade,
                year=value(reissue, Field.APPROVAL_DATE).year,
                count=1,
                region=region,
                purpose=NumberPurpose.REISSUE,
            )
        reissue.new_number = typed
        reissue.save(update_fields=["new_number"])
        record(subject=reissue, data={"old": reissue.old_number, "new": typed})
    return typed


@retrying
def fill_in(*, actor: Account, reissue_id: int) -> Certificate:
    """Writes the new certificate on the blank: the old one's data with the corrections (N12).

    Also after an exchange, or a blank handed out for a lost one: then the same certificate lies
    on the new blank, and every seal has to be put anew.
    """
    with recorded(actor, Action.CERTIFICATE_FILL) as record:
        reissue = locked(reissue_id)
        require(actor, Action.CERTIFICATE_FILL, reissue)
        waiting = _waiting_certificate(reissue)
        if waiting is None:
            reissue.state = REISSUE.target(Action.CERTIFICATE_FILL, reissue.state)
        if not reissue.new_number:
            raise Refusal(
                "reissue.no_new_number",
                "填制以前须编定新证书编号。",
                clause="N12",
                found="新证书编号为空",
                expected="按编号规则编定，或自行填写",
                mend="请先编新证书编号。",
            )
        if waiting is None:
            # The department that embosses it may have been abolished since the blank was given.
            rules.require_complete(content.papers_of(reissue), "blank")
        old_certificates.require_no_clash(reissue)
        lying = live_blank(reissue, CustodyState.UNIT)
        if lying is None:
            require_blanks(1, 0, str(Grade(reissue.grade).label))
        assert lying is not None
        source, serial = lying
        target = ledger.custody(
            reissue.unit_id, CustodyState.FILLING, reissue.grade, reissue=reissue.pk
        )
        ledger.lock([source, target])
        ledger.move(
            ranges_of([serial]), source=source, target=target, reason=Reason.FILLING, actor=actor
        )
        certificate, digest = write(reissue, waiting, serial, actor)
        reissue.waiting_since = timezone.now()
        reissue.save()
        record(
            subject=reissue,
            data={"count": 1, "serials": [format_serial(serial)], "number": reissue.new_number},
            rows=CERTIFICATES,
            ids=[certificate.pk],
            digests=[digest],
        )
    return certificate


def _require_lost_its_blank(reissue: Reissue) -> None:
    """A second blank only where none lies with it and none can be exchanged: it was lost."""
    if live_blank(reissue, *LIVE) is not None or due(reissue):
        raise Refusal(
            "reissue.has_its_blank",
            "这份申请已经领取空白证书。",
            clause="N11",
            found="已领取 1 本",
            expected="每份申请 1 本",
            mend="空白证书错制或破损的，请凭废旧证书换取；遗失的，请先报告遗失。",
        )


def _require_free(number: str, reissue: Reissue) -> None:
    if hide_id_numbers(number) != number and is_adults(number, timezone.localdate()):
        raise Refusal(
            "reissue.number_is_an_id_number",
            "新证书编号不能是身份证号码。",
            clause="N12",
            expected="证书编号",
        )
    taken = (
        met_already([number])
        or Reissue.objects.filter(new_number=number).exclude(pk=reissue.pk).exists()
        or number == reissue.old_number
    )
    if taken and number != reissue.new_number:
        raise Refusal(
            "reissue.number_taken",
            "新证书编号已被使用。",
            clause="N12",
            found=number,
            expected="没有用过的编号",
            mend="请按编号规则编定，或填写另一个编号。",
        )


def _waiting_certificate(reissue: Reissue) -> Certificate | None:
    if reissue.state != ReissueState.MAKING:
        return None
    return (
        Certificate.objects.select_for_update(no_key=True)
        .filter(reissue=reissue.pk, state=CertificateState.AWAITING_BLANK)
        .first()
    )
