"""The blank of a reissue and the new certificate on it (N11, N12).

Printing, sealing, embossing and issuing are the ordinary path: ``certificates.actions.seal``,
``emboss``, ``issue`` and ``certificates.printing.print_sheets`` with ``reissue=``. The issue makes
the old certificate void (``completing``).
"""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    CustodyState,
    Exchange,
    Holding,
    Reason,
    Spoilage,
    SpoilReason,
)
from zhicheng.blanks.rules import describe, require_stock, unknown_serial
from zhicheng.certificates import spoilage
from zhicheng.certificates.models import (
    Certificate,
    CertificateState,
    Origin,
)
from zhicheng.certificates.rules import embosser_of, require_blanks
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.taking import assign
from zhicheng.registers.numbering.used import met_already
from zhicheng.reissues import content, rules
from zhicheng.reissues.actions import locked
from zhicheng.reissues.ending import CERTIFICATES, live_blank
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Field, Reissue, ReissueState
from zhicheng.values.dates import read_date
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import SerialRange, format_serial, ranges_of
from zhicheng.values.text import hide_id_numbers, tidy_code

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
        given = _give(reissue, actor, serial, Reason.REISSUE)
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
                year=_value(reissue, Field.APPROVAL_DATE).year,
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
        certificate, digest = _write(reissue, waiting, serial, actor)
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
        due = _due(reissue)
        if not due or reissue.state not in (ReissueState.COLLECTED, ReissueState.MAKING):
            raise Refusal(
                "reissue.no_exchange_due",
                "这份申请没有待换取的废旧证书。",
                clause="N9",
                found="0 本",
                expected="错制或破损、尚未换取的空白证书",
            )
        spoiled = due[-1]
        _count_in(reissue, [spoiled.serial], actor)
        given = _give(reissue, actor, None, Reason.EXCHANGE)
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
        due = {item.serial for item in _due(reissue)}
        back = [serial for serial in _spoiled(reissue) if serial not in due]
        if not back:
            raise Refusal(
                "reissue.nothing_to_return",
                "这份申请没有待交回的废旧证书。",
                clause="N9",
                found="0 本",
            )
        _count_in(reissue, back, actor)
        named = describe(ranges_of(back))
        record(subject=reissue, data={"grade": reissue.grade, "returned": named})
    return named


def _give(reissue: Reissue, actor: Account, serial: int | None, reason: Reason) -> int:
    office = Organization.objects.municipal_office()
    store_ = ledger.custody(office, CustodyState.STORE, reissue.grade)
    unit = ledger.custody(reissue.unit_id, CustodyState.UNIT, reissue.grade, reissue=reissue.pk)
    ledger.lock([store_, unit])
    if serial is None:
        given = ledger.lowest(store_, 1)
        require_stock(1, given, str(Grade(reissue.grade).label))
    else:
        given = [SerialRange(serial, serial)]
        if not ledger.held_within(store_, given) or not any(
            serial in item for item in ledger.held_within(store_, given)
        ):
            raise unknown_serial(serial)
    ledger.move(given, source=store_, target=unit, reason=reason, actor=actor)
    return given[0].first


def _require_lost_its_blank(reissue: Reissue) -> None:
    """A second blank only where none lies with it and none can be exchanged: it was lost."""
    if live_blank(reissue, *LIVE) is not None or _due(reissue):
        raise Refusal(
            "reissue.has_its_blank",
            "这份申请已经领取空白证书。",
            clause="N11",
            found="已领取 1 本",
            expected="每份申请 1 本",
            mend="空白证书错制或破损的，请凭废旧证书换取；遗失的，请先报告遗失。",
        )


def _spoiled(reissue: Reissue) -> list[int]:
    values = Holding.objects.filter(
        custody__reissue=reissue.pk, custody__state=CustodyState.SPOILED
    ).values_list("serials", flat=True)
    ranges = [ledger.from_range(value) for value in values]
    return [serial for item in ranges for serial in range(item.first, item.last + 1)]


def _due(reissue: Reissue) -> list[Spoilage]:
    """Spoiled blanks that lie at the unit and wait for an exchange."""
    return list(
        Spoilage.objects.filter(
            reissue=reissue.pk, needs_blank=True, exchange=None, serial__in=_spoiled(reissue)
        ).order_by("pk")
    )


def _count_in(reissue: Reissue, serials: Sequence[int], actor: Account) -> None:
    office = Organization.objects.municipal_office()
    source = ledger.custody(
        reissue.unit_id, CustodyState.SPOILED, reissue.grade, reissue=reissue.pk
    )
    target = ledger.custody(office, CustodyState.RETURNED_SPOILED, reissue.grade)
    ledger.lock([source, target])
    ledger.move(
        ranges_of(serials),
        source=source,
        target=target,
        reason=Reason.RETURN_SPOILED,
        actor=actor,
    )


def _require_free(number: str, reissue: Reissue) -> None:
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


def _value(reissue: Reissue, of: str):  # type: ignore[no-untyped-def]
    """What the new certificate says in a field: the correction, else the old certificate's."""
    row = next((item for item in content.corrections_in(reissue) if item.field == of), None)
    if row is None:
        return getattr(reissue, of)
    return read_date(row.new_text).value if of == Field.APPROVAL_DATE else row.new_text


def _write(
    reissue: Reissue, waiting: Certificate | None, serial: int, actor: Account
) -> tuple[Certificate, bytes]:
    now = timezone.now()
    if waiting is not None:
        waiting.state, waiting.blank_serial = CertificateState.FILLED, serial
        waiting.filled_at, waiting.filled_by = now, actor
        waiting.save(update_fields=["state", "blank_serial", "filled_at", "filled_by"])
        return waiting, _digest(waiting)
    department = reissue.approving_department_id
    assert department is not None
    number = next(
        (item for item in content.corrections_in(reissue) if item.field == Field.ID_NUMBER), None
    )
    office = Organization.objects.municipal_office()
    certificate = Certificate.objects.create(
        origin=Origin.REISSUE,
        number=reissue.new_number or "",
        position=1,
        approved_person=reissue.approved_person,
        reissue=reissue.pk,
        replaces=reissue.certificate,
        state=CertificateState.FILLED,
        blank_serial=serial,
        name=_value(reissue, Field.NAME),
        sex=_value(reissue, Field.SEX),
        id_kind=number.new_kind if number else reissue.id_kind,
        id_number_cipher=number.new_cipher if number else reissue.id_number_cipher,
        id_number_index=number.new_index if number else reissue.id_number_index,
        id_number_masked=number.new_text if number else reissue.id_number_masked,
        work_unit=_value(reissue, Field.WORK_UNIT),
        specialty=_value(reissue, Field.SPECIALTY),
        qualification=_value(reissue, Field.QUALIFICATION),
        grade=reissue.grade,
        level=reissue.level,
        approval_date=_value(reissue, Field.APPROVAL_DATE),
        document_number=_value(reissue, Field.DOCUMENT_NUMBER),
        issuing_unit=reissue.unit,
        approving_department_id=department,
        embosser_id=embosser_of(
            reissue.grade, approving_department_id=department, municipal_office_id=office.pk
        ),
        filled_at=now,
        filled_by=actor,
    )
    return certificate, _digest(certificate)


def _digest(certificate: Certificate) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT certificate_digest(c.*) FROM certificates_certificate c WHERE id = %s",
            [certificate.pk],
        )
        return bytes(cursor.fetchone()[0])
