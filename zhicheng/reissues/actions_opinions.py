"""The unit's acceptance and the five opinions of 附件2, in their order (N10, N13, N14)."""

from datetime import date, datetime

from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.files.models import StoredFile
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import require
from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reissues import content, ending, old_certificates, rules
from zhicheng.reissues.actions import locked
from zhicheng.reissues.actions_match import decide_match as decide_match
from zhicheng.reissues.actions_match import stated
from zhicheng.reissues.applicants import Parties
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import (
    Decision,
    Kind,
    Opinion,
    OpinionLevel,
    Outcome,
    Reissue,
    ReissueState,
)
from zhicheng.reissues.taking_data import work_unit_on_file
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

# In which relation whoever signs a box stands to the application.
SIGNS_AS = {
    OpinionLevel.WORK_UNIT: Relation.REPORTING,
    OpinionLevel.DEPARTMENT: Relation.SUPERVISING,
    OpinionLevel.APPROVING: Relation.APPROVING,
}


@retrying
def accept(
    *,
    actor: Account,
    reissue_id: int,
    signed_on: date,
    copies: int,
    scan: Prepared | None = None,
) -> Reissue:
    """The unit takes the signed form in duplicate with all evidence (N10, N13, N14).

    The path of the opinions is derived now and stays. A replacement's loss is accepted with it:
    from now on the public query says 'reported lost'. ``scan`` is of the signed form.
    """
    with recorded(actor, Action.REISSUE_ACCEPT) as record:
        _hold_work_unit(reissue_id)
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_ACCEPT, reissue)
        target = REISSUE.target(Action.REISSUE_ACCEPT, reissue.state)
        _require_standing(reissue)
        _require_past(signed_on, "申请人签字日期")
        reissue.signed_on, reissue.copies = signed_on, copies
        rules.require_complete(content.papers_of(reissue), "accept")
        path = path_now(reissue)
        now = timezone.now()
        reissue.path = [step.as_dict() for step in path]
        reissue.required = rules.required_levels(path)
        reissue.state, reissue.waiting_since = target, now
        reissue.accepted_at, reissue.accepted_by = now, actor
        ids, digests = _lose(reissue, now)
        reissue.save()
        kept = store(scan, account_id=actor.pk) if scan else None
        if OpinionLevel.APPLICANT not in content.agreed_levels(reissue):
            _write(reissue, OpinionLevel.APPLICANT, Decision.AGREE, "", signed_on, actor, kept)
        record(
            subject=reissue,
            data={
                "copies": copies,
                "signed_on": signed_on.isoformat(),
                "required": reissue.required,
                "lost": reissue.lost_at is not None,
                **(told(kept) if kept else {}),
            },
            rows=ending.CERTIFICATES if ids else "",
            ids=ids,
            digests=digests,
        )
    return reissue


@retrying
def accept_loss(*, actor: Account, reissue_id: int) -> Reissue:
    """Blocks the lost certificate at once, before all papers of its replacement are there (N13)."""
    with recorded(actor, Action.REISSUE_ACCEPT_LOSS) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_ACCEPT_LOSS, reissue)
        if reissue.kind != Kind.REPLACEMENT or reissue.state not in (
            ReissueState.APPLIED,
            ReissueState.RETURNED,
        ):
            raise Refusal(
                "reissue.no_loss_to_accept",
                "只有待受理或退回补正的补办申请可以先受理报失。",
                clause="N13",
                found=f"{reissue.get_kind_display()}，{reissue.get_state_display()}",
                expected="待受理的补办申请",
            )
        if reissue.lost_at is not None:
            raise Refusal(
                "reissue.loss_accepted",
                "报失已经受理。",
                clause="N13",
                found=timezone.localtime(reissue.lost_at).strftime("%Y-%m-%d %H:%M"),
            )
        _require_standing(reissue)
        ids, digests = _lose(reissue, timezone.now())
        reissue.save(update_fields=["lost_at"])
        record(
            subject=reissue,
            data={"old_number": reissue.old_number},
            rows=ending.CERTIFICATES if ids else "",
            ids=ids,
            digests=digests,
        )
    return reissue


@retrying
def return_application(*, actor: Account, reissue_id: int, reason: str) -> Reissue:
    """Back to the applicant for completion: by the unit, or by the office before the blank.

    While opinions are signed, whoever's turn it is returns by ``opine``, or the unit by this.
    """
    with recorded(actor, Action.REISSUE_RETURN) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_RETURN, reissue)
        target = REISSUE.target(Action.REISSUE_RETURN, reissue.state)
        _send_back(reissue, target, stated(reason))
        record(subject=reissue, data={"reason": reissue.returned_reason})
    return reissue


@retrying
def refuse(*, actor: Account, reissue_id: int, reason: str) -> Reissue:
    """Ends the application with a reason; the old certificate counts as before."""
    with recorded(actor, Action.REISSUE_REFUSE) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_REFUSE, reissue)
        ending.end(
            reissue,
            action=Action.REISSUE_REFUSE,
            outcome=Outcome.REFUSED,
            reason=stated(reason),
            account=actor,
            record=record,
            told={"reason": stated(reason)},
        )
    return reissue


@retrying
def opine(
    *,
    actor: Account,
    reissue_id: int,
    level: str,
    decision: str,
    text: str = "",
    given_on: date | None = None,
) -> Opinion:
    """Signs a box by the account of its organisation: agree, return for completion, or refuse.

    Only whose turn it is (N10). The last agreement grants the application (N11).
    """
    with recorded(actor, Action.REISSUE_OPINE) as record:
        reissue = locked(reissue_id)
        step = _step(reissue, level)
        relation = SIGNS_AS.get(OpinionLevel(level)) if level in OpinionLevel.values else None
        if relation is None or step.organization is None:
            rules.require_organization(step, None, actor.organization.name)
        assert relation is not None
        rules.require_organization(step, actor.organization_id, actor.organization.name)
        require(actor, Action.REISSUE_OPINE, Parties({relation: {actor.organization_id}}))
        REISSUE.target(Action.REISSUE_OPINE, reissue.state)
        opinion = _sign(
            reissue, level, decision, text, given_on or timezone.localdate(), actor, None, record
        )
    return opinion


@retrying
def record_opinion(
    *,
    actor: Account,
    reissue_id: int,
    level: str,
    decision: str,
    given_on: date,
    scan: Prepared,
    text: str = "",
) -> Opinion:
    """Records a box from the stamped paper form, with its scan; by the unit that handles it."""
    with recorded(actor, Action.REISSUE_RECORD_OPINION) as record:
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_RECORD_OPINION, reissue)
        _step(reissue, level)
        REISSUE.target(Action.REISSUE_RECORD_OPINION, reissue.state)
        if level == OpinionLevel.APPLICANT:
            raise Refusal(
                "reissue.signed_at_acceptance",
                "申请人签字在受理时登记。",
                clause="N10",
                mend="请在受理时登记签字日期和份数。",
            )
        kept = store(scan, account_id=actor.pk)
        opinion = _sign(reissue, level, decision, text, given_on, actor, kept, record)
    return opinion


def _hold_work_unit(reissue_id: int) -> None:
    """The path will name it; an end that it met is seen there, where it is looked for again."""
    name = Reissue.objects.values_list("work_unit", flat=True).get(pk=reissue_id)
    work_unit = work_unit_on_file(name)
    if work_unit is not None:
        hold_shared(work_unit.pk)


def path_now(reissue: Reissue) -> tuple[rules.PathStep, ...]:
    """The path as the organisations are today (``rules.opinion_path``)."""
    unit, department = reissue.unit, reissue.approving_department
    above = unit.supervisor
    at_work = work_unit_on_file(reissue.work_unit)
    return rules.opinion_path(
        rules.Unit(unit.pk, unit.name, unit.kind),
        rules.Unit(at_work.pk if at_work else None, reissue.work_unit),
        rules.Unit(department.pk, department.name, department.kind) if department else None,
        above=rules.Unit(above.pk, above.name, above.kind) if above else None,
    )


def steps_of(reissue: Reissue) -> list[rules.PathStep]:
    """The path that was written at acceptance; before it, what it would be today."""
    if not reissue.path:
        return list(path_now(reissue))
    return [rules.PathStep(**step) for step in reissue.path]


def _step(reissue: Reissue, level: str) -> rules.PathStep:
    steps = {step.level: step for step in steps_of(reissue)}
    rules.require_turn(
        level,
        required=reissue.required or rules.required_levels(list(steps.values())),
        agreed=content.agreed_levels(reissue),
        skipped={step.level: step.skipped for step in steps.values()},
    )
    return steps[level]


def _sign(
    reissue: Reissue,
    level: str,
    decision: str,
    text: str,
    given_on: date,
    actor: Account,
    scan: StoredFile | None,
    record: Recorder,
) -> Opinion:
    """Writes an opinion and moves the application; the caller has judged who and when."""
    if decision not in Decision.values:
        raise Refusal(
            "reissue.decision_missing",
            "请选择同意、退回补正或不同意。",
            clause="N10",
            expected="、".join(str(label) for label in Decision.labels),
        )
    _require_past(given_on, "签署日期")
    if decision != Decision.AGREE:
        text = stated(text)
    opinion = _write(reissue, level, decision, text, given_on, actor, scan)
    reissue.waiting_since = timezone.now()
    data = {
        "level": level,
        "decision": decision,
        "text": opinion.text,
        "paper": scan is not None,
        **(told(scan) if scan else {}),
    }
    if decision == Decision.REFUSE:
        ending.end(
            reissue,
            action=Action.REISSUE_REFUSE,
            outcome=Outcome.REFUSED,
            reason=text,
            account=actor,
            record=record,
            told=data,
        )
        return opinion
    if decision == Decision.RETURN:
        _send_back(reissue, REISSUE.target(Action.REISSUE_RETURN, reissue.state), text)
    else:
        agreed = content.agreed_levels(reissue)
        if rules.next_level(reissue.required, agreed) is None:
            reissue.state = REISSUE.target(Action.REISSUE_OPINE, reissue.state)
            reissue.granted_at = timezone.now()
        reissue.save()
    record(subject=reissue, data=data)
    return opinion


def _write(
    reissue: Reissue,
    level: str,
    decision: str,
    text: str,
    given_on: date,
    actor: Account,
    scan: StoredFile | None,
) -> Opinion:
    step = next(item for item in reissue.path if item["level"] == level)
    return Opinion.objects.create(
        reissue=reissue,
        level=level,
        decision=decision,
        text=hide_id_numbers(text.strip())[:300],
        given_on=given_on,
        organization_id=step["organization"],
        from_paper=scan is not None or level == OpinionLevel.APPLICANT,
        scan=scan,
        content_digest=bytes(reissue.content_digest),
        recorded_by=actor,
    )


def _send_back(reissue: Reissue, target: str, reason: str) -> None:
    reissue.state, reissue.waiting_since = target, timezone.now()
    reissue.returned_reason, reissue.granted_at = reason, None
    reissue.save()


def _lose(reissue: Reissue, now: datetime) -> tuple[list[int], list[bytes]]:
    """The moment when a replacement's loss is accepted: once, and the query says so."""
    if reissue.kind != Kind.REPLACEMENT or reissue.lost_at is not None:
        return [], []
    reissue.lost_at = now
    if reissue.certificate_id is None:
        return [], []
    found, digest = ending.set_lost(reissue.certificate_id, now)
    return [found], [digest]


def _require_standing(reissue: Reissue) -> None:
    """The old certificate may have become void since the application was sent."""
    old_certificates.one_at_a_time(reissue.old_number)
    old_certificates.require_replaceable(
        reissue.certificate,
        reissue.old_number,
        bytes(reissue.id_number_index),
        but=reissue.pk,
    )
    old_certificates.require_still_typed(reissue)


def _require_past(day: date, label: str) -> None:
    if day > timezone.localdate():
        raise Refusal(
            "reissue.future_date",
            f"{label}不能晚于今天。",
            clause="N10",
            found=day.isoformat(),
            expected=timezone.localdate().isoformat(),
        )
