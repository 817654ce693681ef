"""The holder's steps with an old paper certificate: register, change, papers, submit, withdraw.

The holder has no account: receipt number and ID number open the registration (``doors``).
"""

from dataclasses import dataclass
from secrets import randbelow

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, store, told
from zhicheng.historic import registration_rules as rules
from zhicheng.historic.lifecycle import REGISTRATION
from zhicheng.historic.models import (
    OPEN_STATES,
    EvidenceKind,
    Registration,
    RegistrationEvidence,
    RegistrationState,
)
from zhicheng.historic.registration_rules import Said
from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect
from zhicheng.reference.catalog import GRADE_OF
from zhicheng.reference.models import Level, Qualification
from zhicheng.reissues.rules import mask_telephone
from zhicheng.values.id_number import mask, person_form
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.models import LegacyRecord

MOST_FILES = 12
CHANGEABLE = (RegistrationState.DRAFT, RegistrationState.RETURNED)
FROM_RECORD = (
    "name", "id_kind", "id_number_cipher", "id_number_index", "id_number_masked", "specialty",
    "qualification", "approval_date", "issued_on", "document_number", "committee", "department",
    "issuer",
)  # fmt: skip


@dataclass(frozen=True)
class Holder:
    """Whoever proved to hold the registration; None before it begins."""

    registration_id: int | None = None
    pk: None = None
    username: str = "持证人"
    organization_id: None = None


def require_own(actor: Holder, registration: Registration) -> None:
    """Raises NotPermitted for somebody else's."""
    if actor.registration_id != registration.pk:
        raise NotPermitted(
            "historic.not_yours",
            "只能办理您本人的登记。",
            expected="受理号和身份证号码相符",
            mend="请用受理号和身份证号码查询您的登记。",
        )


def locked(registration_id: int) -> Registration:
    """The registration, locked until the transaction ends."""
    return (
        Registration.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "record", "approving_department")
        .get(pk=registration_id)
    )


@retrying
def begin(*, said: Said) -> Registration:
    """A draft with its receipt number. What a ledger says of the certificate is taken from there.

    Raises Refusal when the certificate is on file already, or somebody registers it now.
    """
    actor = Holder()
    with recorded(actor, Action.HISTORIC_APPLY) as record:
        now = timezone.now()
        registration = Registration(receipt_number=_receipt(), waiting_since=now)
        given = rules.tidied(said)
        unit = _held(given.unit_id)
        _fill(registration, given, unit)
        registration.save(force_insert=True)
        record(subject=registration, data=_told(registration))
    return registration


@retrying
def amend(*, actor: Holder, registration_id: int, said: Said) -> Registration:
    """Changes a draft, or one that was returned: a number that was mistyped, too."""
    with recorded(actor, Action.HISTORIC_AMEND) as record:
        given = rules.tidied(said)
        unit = _held(given.unit_id)
        registration = locked(registration_id)
        require_own(actor, registration)
        _require_changeable(registration)
        _fill(registration, given, unit)
        registration.save()
        record(subject=registration, data=_told(registration))
    return registration


def _fill(registration: Registration, said: Said, unit: Organization | None) -> None:
    today = timezone.localdate()
    kind = rules.require_holder(said, today)
    person = blind_index(person_form(said.id_number))
    _one_at_a_time(said.certificate_number)
    require_not_on_file(said.certificate_number)
    running = Registration.objects.filter(
        certificate_number=said.certificate_number, id_number_index=person, state__in=OPEN_STATES
    )
    if running.exclude(pk=registration.pk or 0).exists():
        raise Refusal(
            "historic.second_registration",
            "这本证书已有正在办理的登记。",
            found=said.certificate_number,
            expected="同一证书同时只有一份登记",
            mend="请用受理号查询进度；受理号遗失的，请向核对单位查询。",
        )
    found = (
        LegacyRecord.objects.filter(
            certificate_number=said.certificate_number, id_number_index=person, name=said.name
        )
        .order_by("month_only", "id")
        .first()
    )
    registration.unit = _taking(unit)
    registration.certificate_number = said.certificate_number
    registration.telephone_cipher = protect(said.telephone)
    registration.telephone_masked = mask_telephone(said.telephone)
    if found is not None:
        rules.require_unified(self_managed=found.self_managed)
        _require_unregistered(found, but=registration)
    whole = found is not None and not found.month_only
    registration.from_ledger = whole
    registration.record = found if whole else None
    if found is not None and whole:
        for name in FROM_RECORD:
            setattr(registration, name, getattr(found, name))
    else:
        rules.require_data(said, today)
        registration.name, registration.id_kind = said.name, kind
        registration.id_number_cipher = protect(said.id_number)
        registration.id_number_index = person
        registration.id_number_masked = mask(said.id_number)
        for name in (
            "specialty", "qualification", "approval_date", "issued_on", "document_number",
            "committee", "department", "issuer",
        ):  # fmt: skip
            setattr(registration, name, getattr(said, name))
    # What old ledgers often leave out, the holder says.
    registration.sex = (found.sex if found and whole else "") or said.sex
    registration.work_unit = (found.work_unit if found and whole else "") or said.work_unit
    level = (found.level if found and whole else "") or said.level
    registration.level = level or _only_level(registration.qualification)
    if not registration.level or not registration.sex or not registration.work_unit:
        raise Refusal(
            "historic.incomplete",
            "请填写证书上的性别、工作单位和级别。",
            clause="N6",
            found="、".join(
                label
                for label, text in (
                    ("性别", registration.sex),
                    ("工作单位", registration.work_unit),
                    ("级别", registration.level),
                )
                if not text
            )
            + "为空",
            expected="、".join(str(label) for label in Level.labels),
        )
    registration.grade = GRADE_OF[registration.level]


def _only_level(qualification: str) -> str:
    levels = list(
        Qualification.objects.filter(name=qualification).values_list("level", flat=True).distinct()
    )
    return levels[0] if len(levels) == 1 else ""


def _held(unit_id: int) -> Organization | None:
    """The chosen unit, which isn't ended before the end of the transaction; None for no such."""
    try:
        return hold_shared(unit_id)[unit_id]
    except Organization.DoesNotExist:
        return None


def _taking(unit: Organization | None) -> Organization:
    """The unit, if it takes registrations as it is while it is held."""
    from zhicheng.reissues.forms import units

    if unit is None or str(unit.pk) not in {key for key, _name in units()}:
        raise Refusal(
            "historic.unit",
            "请选择核对单位。",
            clause="N3",
            expected="区县职改办、市级主管部门或大型企事业单位",
        )
    return unit


def require_not_on_file(number: str) -> None:
    """Refuses a number that a certificate on file bears."""
    if Certificate.objects.filter(number=number).exists():
        raise Refusal(
            "historic.on_file",
            "这个编号的证书已在证书库中，不需要登记。",
            clause="N7",
            found=number,
            expected="证书库中没有的历史证书",
            mend="请直接查询；查询结果与证书不一致的，请向发放单位反映。",
        )


def _require_unregistered(record: LegacyRecord, *, but: Registration) -> None:
    done = Registration.objects.filter(record=record, state__in=("accepted", "certified"))
    if done.exclude(pk=but.pk or 0).exists():
        raise Refusal(
            "historic.registered_before",
            "这本证书已经登记过。",
            found=record.certificate_number,
            expected="尚未登记的证书",
            mend="请查询原登记的进度。",
        )


def _one_at_a_time(number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"historic {number}"]
        )


def _require_changeable(registration: Registration) -> None:
    if registration.state not in CHANGEABLE:
        raise Refusal(
            "historic.not_changeable",
            "登记提交后不能修改。",
            found=str(registration.get_state_display()),
            expected="、".join(str(state.label) for state in CHANGEABLE),
            mend="需要修改的，请核对单位退回补正，或撤回后重新登记。",
        )


@retrying
def add_evidence(
    *, actor: Holder, registration_id: int, kind: str, file: Prepared
) -> RegistrationEvidence:
    """Hands in a file; a new photo takes the place of the one before, which stays on record."""
    with recorded(actor, Action.HISTORIC_ADD_EVIDENCE) as record:
        registration = locked(registration_id)
        require_own(actor, registration)
        _require_changeable(registration)
        if kind not in EvidenceKind.values:
            raise Refusal("historic.evidence_kind", "请选择材料类别。", found=kind)
        there = registration.evidence.filter(removed_at=None)
        if kind == EvidenceKind.PHOTO:
            there.filter(kind=kind).update(removed_at=timezone.now())
        if there.count() >= MOST_FILES:
            raise Refusal(
                "historic.too_many_files",
                "这份登记的材料过多。",
                found=f"{MOST_FILES} 个文件",
                expected=f"不超过 {MOST_FILES} 个文件",
                mend="请删去不需要的文件。",
            )
        kept = store(file, account_id=None)
        evidence = RegistrationEvidence.objects.create(
            registration=registration, kind=kind, file=kept
        )
        record(subject=registration, data={"kind": kind, **told(kept)})
    return evidence


@retrying
def remove_evidence(*, actor: Holder, registration_id: int, evidence_id: int) -> None:
    """Takes a file out; the file itself stays on record."""
    with recorded(actor, Action.HISTORIC_AMEND) as record:
        registration = locked(registration_id)
        require_own(actor, registration)
        _require_changeable(registration)
        evidence = registration.evidence.select_related("file").get(pk=evidence_id, removed_at=None)
        evidence.removed_at = timezone.now()
        evidence.save(update_fields=["removed_at"])
        record(
            subject=registration, data={"removed": evidence.kind, "sha256": evidence.file.sha256}
        )


@retrying
def submit(*, actor: Holder, registration_id: int) -> Registration:
    """Hands it to the unit; refused while scan or photo is missing."""
    with recorded(actor, Action.HISTORIC_SUBMIT) as record:
        unit = _held(Registration.objects.values_list("unit", flat=True).get(pk=registration_id))
        registration = locked(registration_id)
        if registration.unit_id != (unit and unit.pk):  # another one was chosen meanwhile
            unit = _held(registration.unit_id)
        require_own(actor, registration)
        target = REGISTRATION.target(Action.HISTORIC_SUBMIT, registration.state)
        require_not_on_file(registration.certificate_number)
        _taking(unit)  # it may have ended since it was chosen
        kinds = registration.evidence.filter(removed_at=None).values_list("kind", flat=True)
        lacking = rules.missing(set(kinds))
        if lacking:
            raise Refusal(
                "historic.papers_missing",
                "材料不齐，不能提交。",
                found=f"缺少{'、'.join(lacking)}",
                expected="、".join(rules.NEEDED.values()),
                mend="请拍照或扫描后上传。",
            )
        now = timezone.now()
        registration.state, registration.submitted_at, registration.waiting_since = target, now, now
        registration.checked_at, registration.checked_by, registration.check_note = None, None, ""
        registration.save()
        record(subject=registration, data={"receipt": registration.receipt_number})
    return registration


@retrying
def withdraw(*, actor: Holder, registration_id: int) -> Registration:
    """The holder gives up."""
    with recorded(actor, Action.HISTORIC_WITHDRAW) as record:
        registration = locked(registration_id)
        require_own(actor, registration)
        registration.state = REGISTRATION.target(Action.HISTORIC_WITHDRAW, registration.state)
        registration.save(update_fields=["state"])
        record(subject=registration, data={"receipt": registration.receipt_number})
    return registration


def _receipt() -> str:
    while True:
        order = 10**8 + randbelow(9 * 10**8)
        number = rules.receipt_number(timezone.localdate().year, order)
        if not Registration.objects.filter(receipt_number=number).exists():
            return number


def _told(registration: Registration) -> dict[str, object]:
    return {
        "receipt": registration.receipt_number,
        "certificate": registration.certificate_number,
        "unit": registration.unit_id,
        "from_ledger": registration.from_ledger,
        "qualification": registration.qualification,
        "specialty": registration.specialty,
        "document": registration.document_number,
        "approval_date": registration.approval_date.isoformat(),
    }
