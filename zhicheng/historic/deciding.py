"""What unit and office do with a registration: check, return, refuse, accept (N7, N18)."""

from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.historic import registration_rules as rules
from zhicheng.historic.lifecycle import REGISTRATION
from zhicheng.historic.models import Registration
from zhicheng.historic.registering import locked, require_not_on_file
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.verification.models import LegacyRecord

RECORDS = "verification.legacyrecord"
CONTENT = (
    "certificate_number", "name", "sex", "id_kind", "id_number_cipher", "id_number_index",
    "id_number_masked", "work_unit", "specialty", "qualification", "level", "grade",
    "approval_date", "issued_on", "document_number", "committee", "department", "issuer",
)  # fmt: skip
FILLED_IN = ("sex", "work_unit", "level", "grade")


@retrying
def check(*, actor: Account, registration_id: int, note: str = "") -> Registration:
    """The unit compared scan and archive with what was typed, and found it right."""
    with recorded(actor, Action.HISTORIC_CHECK) as record:
        registration = locked(registration_id)
        require(actor, Action.HISTORIC_CHECK, registration)
        now = timezone.now()
        registration.state = REGISTRATION.target(Action.HISTORIC_CHECK, registration.state)
        registration.checked_at, registration.checked_by = now, actor
        registration.check_note = _said(note)
        registration.waiting_since = now
        registration.save()
        _note(record, registration, note=registration.check_note)
    return registration


@retrying
def send_back(*, actor: Account, registration_id: int, reason: str) -> Registration:
    """Back to the holder with the reason, to be corrected."""
    with recorded(actor, Action.HISTORIC_RETURN) as record:
        registration = locked(registration_id)
        require(actor, Action.HISTORIC_RETURN, registration)
        registration.state = REGISTRATION.target(Action.HISTORIC_RETURN, registration.state)
        registration.returned_reason = _needed(reason, "退回原因")
        registration.checked_at, registration.checked_by = None, None
        registration.waiting_since = timezone.now()
        registration.save()
        _note(record, registration, reason=registration.returned_reason)
    return registration


@retrying
def refuse(*, actor: Account, registration_id: int, reason: str) -> Registration:
    """不予登记, for good; the holder may begin another one."""
    with recorded(actor, Action.HISTORIC_REFUSE) as record:
        registration = locked(registration_id)
        require(actor, Action.HISTORIC_REFUSE, registration)
        registration.state = REGISTRATION.target(Action.HISTORIC_REFUSE, registration.state)
        registration.refused_reason = _needed(reason, "不予登记的原因")
        registration.save()
        _note(record, registration, reason=registration.refused_reason)
    return registration


@retrying
def accept(*, actor: Account, registration_id: int, department_id: int) -> Registration:
    """The office takes the certificate on file as an old record, with its evidence.

    ``department_id`` is who answers for the approving department of then. What a ledger said
    already stays its record; only what it left empty is filled in. Another content under the same
    number is a conflict that the list shows.
    """
    with recorded(actor, Action.HISTORIC_ACCEPT) as record:
        registration = locked(registration_id)
        require(actor, Action.HISTORIC_ACCEPT, registration)
        target = REGISTRATION.target(Action.HISTORIC_ACCEPT, registration.state)
        if registration.checked_by_id == actor.pk:
            raise Refusal(
                "historic.same_person",
                "核对和审核须由不同的人办理。",
                clause="N18",
                found=actor.display_name,
                expected="核对人以外的人",
            )
        department = Organization.objects.filter(
            pk=department_id, is_approving_department=True
        ).first()
        if department is None:
            raise Refusal(
                "historic.department",
                "请选择资格核准部门。",
                clause="N8",
                expected="现在承担原核准部门职责的资格核准部门",
            )
        require_not_on_file(registration.certificate_number)
        kept = registration.record or _record_of(registration, actor)
        rules.require_unified(self_managed=kept.self_managed)
        missing = {
            name: getattr(registration, name) for name in FILLED_IN if not getattr(kept, name)
        }
        if missing:
            LegacyRecord.objects.filter(pk=kept.pk).update(**missing)
        registration.record = kept
        registration.state = target
        registration.approving_department = department
        registration.accepted_at, registration.accepted_by = timezone.now(), actor
        registration.waiting_since = registration.accepted_at
        registration.save()
        record(
            subject=registration,
            data={
                "receipt": registration.receipt_number,
                "certificate": registration.certificate_number,
                "department": department.name,
                "filled_in": sorted(missing),
            },
            rows=RECORDS,
            ids=[kept.pk],
        )
    return registration


def _record_of(registration: Registration, actor: Account) -> LegacyRecord:
    same = LegacyRecord.objects.filter(
        certificate_number=registration.certificate_number,
        id_number_index=bytes(registration.id_number_index),
        name=registration.name,
        specialty=registration.specialty,
        qualification=registration.qualification,
        approval_date=registration.approval_date,
        document_number=registration.document_number,
        issued_on=registration.issued_on,
        month_only=False,
    ).first()  # a ledger that was imported meanwhile says the same
    if same is not None:
        if Registration.objects.filter(record=same, state__in=("accepted", "certified")).exists():
            raise Conflict(
                "historic.registered_before",
                "这本证书已经登记过。",
                found=registration.certificate_number,
                mend="请退回或不予登记，并告知持证人查询原登记。",
            )
        return same
    return LegacyRecord.objects.create(
        **{name: getattr(registration, name) for name in CONTENT},
        origin=f"持证人登记（{registration.receipt_number}）",
        registration=registration.pk,
        imported_by=actor,
    )


def _note(record: Recorder, registration: Registration, **said: str) -> None:
    record(
        subject=registration,
        data={"receipt": registration.receipt_number, **{k: v for k, v in said.items() if v}},
    )


def _said(text: str) -> str:
    return hide_id_numbers(text.strip())[:300]


def _needed(text: str, label: str) -> str:
    said = _said(text)
    if not said:
        raise Refusal(
            "historic.reason_missing",
            f"请写明{label}。",
            clause="N18",
            found=f"{label}为空",
            expected=label,
        )
    return said
