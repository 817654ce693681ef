"""The applicant's steps, by the holder or by a clerk for them: apply, papers, submit, end (N10).

``actor`` is an account or an ``applicants.Applicant``. Later steps: ``actions_opinions`` (the
unit's acceptance and the five opinions), ``actions_blank`` (blank and new certificate),
``actions_old`` (the old certificate).
"""

from collections.abc import Sequence
from dataclasses import asdict
from secrets import randbelow
from typing import Any

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import new_ids
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.models import Kind as UnitKind
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.protection import blind_index
from zhicheng.reissues import content, ending, old_certificates, rules
from zhicheng.reissues.applicants import (
    Applicant,
    By,
    Parties,
    account_of,
    require_by,
    source_of,
)
from zhicheng.reissues.content import Application, Correction
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import (
    CorrectedField,
    Evidence,
    EvidenceKind,
    Field,
    Kind,
    Outcome,
    Reissue,
    ReissueState,
)
from zhicheng.reissues.taking_data import fill_from
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

MOST_FILES = 30
CHANGEABLE = (ReissueState.DRAFT, ReissueState.RETURNED)


def locked(reissue_id: int) -> Reissue:
    """The application, locked until the transaction ends.

    Its new certificate first, as the steps of the path do: so nobody waits for each other.
    """
    made = Certificate.objects.filter(reissue=reissue_id).select_for_update(no_key=True)
    list(made.values_list("pk"))
    return (
        Reissue.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "certificate", "approving_department", "approved_person")
        .get(pk=reissue_id)
    )


def locked_with_unit(reissue_id: int) -> tuple[Reissue, Organization]:
    """The same with its unit, which isn't ended before the end of the transaction either."""
    unit = _held(Reissue.objects.values_list("unit", flat=True).get(pk=reissue_id))
    reissue = locked(reissue_id)
    if reissue.unit_id != unit.pk:  # another one was chosen meanwhile
        unit = _held(reissue.unit_id)
    return reissue, unit


@retrying
def apply(*, actor: By, application: Application) -> Reissue:
    """Begins an application: a draft with its receipt number.

    A certificate on file is found by its number and has to bear this name and ID number; then its
    own data are taken. Otherwise an old ledger or the typed data count, and the approval
    documents are asked (``match``). Raises Refusal for a certificate that can't be replaced.
    """
    with recorded(actor, Action.REISSUE_APPLY) as record:
        given = content.tidied(application)
        unit = _held(given.unit_id)
        _require_takes(unit)
        if isinstance(actor, Account) and not might(actor, Action.REISSUE_APPLY):
            require(actor, Action.REISSUE_APPLY)
        content.require_sound(given)
        old_certificates.one_at_a_time(given.old_number)
        now = timezone.now()
        (pk,) = new_ids(Reissue, 1)
        reissue = Reissue(
            pk=pk,
            receipt_number=_receipt(given.kind),
            kind=given.kind,
            state=ReissueState.DRAFT,
            created_by=account_of(actor),
            waiting_since=now,
        )
        fill_from(reissue, given, unit)
        # Where the holder works stands on the certificate.
        require_by(actor, Action.REISSUE_APPLY, _for(unit, reissue.work_unit_organization))
        _save(reissue, given.corrections)
        record(subject=reissue, data={**_told_of(reissue, given.corrections), **source_of(actor)})
    return reissue


@retrying
def amend(*, actor: By, reissue_id: int, application: Application) -> Reissue:
    """Changes a draft, or an application that was returned; its kind stays.

    Once it was submitted, whose it is and which certificate it is about stay as well. Opinions
    given on other content count no more. Corrections that stay the same keep their proofs.
    """
    with recorded(actor, Action.REISSUE_AMEND) as record:
        given = content.tidied(application)
        unit = _held(given.unit_id)
        reissue = locked(reissue_id)
        require_by(actor, Action.REISSUE_AMEND, reissue)
        _require_changeable(reissue)
        content.require_sound(given)
        same = (given.old_number, blind_index(given.id_number), given.kind)
        kept = (reissue.old_number, bytes(reissue.id_number_index), reissue.kind)
        if given.kind != reissue.kind or (reissue.submitted_at and same != kept):
            raise Refusal(
                "reissue.about_another",
                "补办换发类别、身份证号码和原证书编号不能修改。",
                clause="N10",
                found="与原申请不同",
                expected="与原申请相同",
                mend="请撤回这份申请，另行申请。",
            )
        old_certificates.one_at_a_time(given.old_number)
        _require_takes(unit)
        fill_from(reissue, given, unit)
        _touch(reissue)
        _save(reissue, given.corrections)
        record(subject=reissue, data={**_told_of(reissue, given.corrections), **source_of(actor)})
    return reissue


@retrying
def add_evidence(
    *, actor: By, reissue_id: int, kind: str, file: Prepared, field: str = "", note: str = ""
) -> Evidence:
    """Hands in a paper (``files.store.prepare`` has judged it by content); N13, N14.

    ``field`` names the corrected field that a proof is for. The holder may while the application
    is a draft or was returned, accounts until a blank is handed out.
    """
    with recorded(actor, Action.REISSUE_ADD_EVIDENCE) as record:
        reissue = locked(reissue_id)
        require_by(actor, Action.REISSUE_ADD_EVIDENCE, reissue)
        _require_takes_papers(reissue, actor)
        correction = None
        if kind == EvidenceKind.PROOF:
            correction = CorrectedField.objects.filter(
                reissue=reissue, field=field, removed_at=None
            ).first()
        if kind not in EvidenceKind.values or (kind == EvidenceKind.PROOF and correction is None):
            raise Refusal(
                "reissue.evidence_kind",
                "请选择材料类别；佐证材料须对应一个更正项目。",
                clause="N14",
                found=kind,
                expected="、".join(str(label) for label in EvidenceKind.labels),
            )
        if reissue.evidence.filter(removed_at=None).count() >= MOST_FILES:
            raise Refusal(
                "reissue.too_many_files",
                "这份申请的材料过多。",
                found=f"{MOST_FILES} 个文件",
                expected=f"不超过 {MOST_FILES} 个文件",
                mend="请把同一材料的多页合并为一个 PDF。",
            )
        account = account_of(actor)
        kept = store(file, account_id=account.pk if account else None)
        evidence = Evidence.objects.create(
            reissue=reissue,
            kind=kind,
            correction=correction,
            file=kept,
            note=hide_id_numbers(note.strip())[:200],
            added_by=account,
        )
        _touch(reissue)
        reissue.save(update_fields=["waiting_since"])
        record(
            subject=reissue,
            data={"kind": kind, "field": field, **told(kept), **source_of(actor)},
        )
    return evidence


@retrying
def remove_evidence(*, actor: By, reissue_id: int, evidence_id: int) -> None:
    """Takes a paper out of a draft or a returned application; the file itself stays on record."""
    with recorded(actor, Action.REISSUE_AMEND) as record:
        reissue = locked(reissue_id)
        require_by(actor, Action.REISSUE_AMEND, reissue)
        _require_changeable(reissue)
        evidence = reissue.evidence.select_related("file").get(pk=evidence_id, removed_at=None)
        evidence.removed_at = timezone.now()
        evidence.save(update_fields=["removed_at"])
        record(
            subject=reissue,
            data={"removed": evidence.kind, "sha256": evidence.file.sha256, **source_of(actor)},
        )


@retrying
def submit(*, actor: By, reissue_id: int) -> Reissue:
    """Hands the application to its unit; refused by the clause of the first missing paper.

    One open application per certificate (N10).
    """
    with recorded(actor, Action.REISSUE_SUBMIT) as record:
        reissue, unit = locked_with_unit(reissue_id)
        require_by(actor, Action.REISSUE_SUBMIT, reissue)
        target = REISSUE.target(Action.REISSUE_SUBMIT, reissue.state)
        old_certificates.one_at_a_time(reissue.old_number)
        old_certificates.require_replaceable(
            reissue.certificate,
            reissue.old_number,
            bytes(reissue.id_number_index),
            but=reissue.pk,
        )
        old_certificates.require_still_typed(reissue)
        old_certificates.require_no_clash(reissue)
        _require_takes(unit)
        rules.require_complete(content.papers_of(reissue), "submit")
        now = timezone.now()
        reissue.state, reissue.submitted_at, reissue.waiting_since = target, now, now
        # Signed anew where the content isn't what was signed.
        if content.agreed_levels(reissue) == []:
            reissue.signed_on, reissue.copies = None, 0
        reissue.save()
        record(subject=reissue, data=source_of(actor))
    return reissue


@retrying
def withdraw(*, actor: By, reissue_id: int, reason: str = "") -> Reissue:
    """The applicant gives up; the old certificate counts as before.

    A blank that was handed out comes back (``actions_blank.take_back``); one that was filled in
    becomes a spoiled one, and its certificate is withdrawn.
    """
    return _end(actor, Action.REISSUE_WITHDRAW, reissue_id, Outcome.WITHDRAWN, reason)


@retrying
def report_found(*, actor: By, reissue_id: int, note: str = "") -> Reissue:
    """The lost certificate was found: the replacement ends, and it counts again at once."""
    return _end(actor, Action.REISSUE_FOUND, reissue_id, Outcome.FOUND, note)


def _end(actor: By, action: Action, reissue_id: int, outcome: str, reason: str) -> Reissue:
    with recorded(actor, action) as record:
        reissue = locked(reissue_id)
        require_by(actor, action, reissue)
        if action == Action.REISSUE_FOUND and reissue.kind != Kind.REPLACEMENT:
            raise Refusal(
                "reissue.nothing_was_lost",
                "换发申请没有报失，不能报告找到。",
                clause="N13",
                found=str(Kind(reissue.kind).label),
                expected=str(Kind.REPLACEMENT.label),
                mend="不再换发的，请撤回申请。",
            )
        ending.end(
            reissue,
            action=action,
            outcome=outcome,
            reason=reason,
            account=account_of(actor),
            record=record,
            told=source_of(actor),
        )
    return reissue


# What the steps have in common.


def _receipt(kind: str) -> str:
    """A new receipt number, by chance; nine digits."""
    while True:
        order = 10**8 + randbelow(9 * 10**8)
        number = rules.receipt_number(kind, timezone.localdate().year, order)
        if not Reissue.objects.filter(receipt_number=number).exists():
            return number


def _for(unit: Organization, work_unit: Organization | None) -> Parties:
    return Parties(
        {
            Relation.ISSUING: {unit.pk},
            Relation.REPORTING: {work_unit.pk} if work_unit else set(),
        }
    )


def _held(unit_id: int) -> Organization:
    return hold_shared(unit_id)[unit_id]


def _require_takes(unit: Organization) -> None:
    """Asked of a unit that is held: whoever ends it meanwhile waits, or has done so."""
    today = timezone.localdate()
    rules.require_unit(
        name=unit.name,
        kind_label=unit.get_kind_display(),
        issues=unit.issues and unit.kind != UnitKind.REPORTING_UNIT,
        in_force=unit.valid_from <= today and not unit.has_ended(today),
    )


def _touch(reissue: Reissue) -> None:
    """A draft waits for its applicant since they last did something (``expiring``)."""
    if reissue.state == ReissueState.DRAFT:
        reissue.waiting_since = timezone.now()


def _require_changeable(reissue: Reissue) -> None:
    if reissue.state not in CHANGEABLE:
        raise Refusal(
            "reissue.not_changeable",
            "申请提交后不能修改。",
            clause="N10",
            found=str(ReissueState(reissue.state).label),
            expected="、".join(str(state.label) for state in CHANGEABLE),
            mend="需要修改的，请办理单位退回补正，或撤回后重新申请。",
        )


def _require_takes_papers(reissue: Reissue, actor: By) -> None:
    if isinstance(actor, Applicant):
        _require_changeable(reissue)
    elif reissue.state not in (
        *CHANGEABLE,
        ReissueState.APPLIED,
        ReissueState.OPINIONS,
        ReissueState.GRANTED,
    ):
        raise Refusal(
            "reissue.takes_no_papers",
            "申请已办到这一步，不再收取材料。",
            clause="N11",
            found=str(ReissueState(reissue.state).label),
            expected="领取空白证书以前",
        )


def _save(reissue: Reissue, corrections: Sequence[Correction]) -> None:
    """Saves the application and its corrections, then what opinions will agree to."""
    reissue.content_digest = bytes(32)
    if reissue._state.adding:
        reissue.save(force_insert=True)
    wanted = {item.field: item for item in corrections}
    for row in CorrectedField.objects.filter(reissue=reissue, removed_at=None):
        item = wanted.get(row.field)
        fresh = content.correction_row(reissue, item) if item else None
        same = fresh is not None and (
            (row.old_text, row.new_text, row.new_kind, bytes(row.new_index or b""))
            == (fresh.old_text, fresh.new_text, fresh.new_kind, bytes(fresh.new_index or b""))
        )
        if same:
            del wanted[row.field]
            continue
        now = timezone.now()
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        row.evidence.filter(removed_at=None).update(removed_at=now)
    CorrectedField.objects.bulk_create(
        content.correction_row(reissue, item) for item in wanted.values()
    )
    reissue.content_digest = content.digest_of(reissue)
    reissue.save()


def _told_of(reissue: Reissue, corrections: Sequence[Correction]) -> dict[str, Any]:
    return {
        "receipt": reissue.receipt_number,
        "kind": reissue.kind,
        "origin": reissue.source,
        "old_number": reissue.old_number,
        "match": reissue.match,
        "unit": reissue.unit_id,
        "content": reissue.content_digest.hex(),
        "corrections": [
            {**asdict(item), "new": mask(item.new)}
            if item.field == Field.ID_NUMBER
            else asdict(item)
            for item in corrections
        ],
    }
