"""A person decides which of two sources is right, with a reason, and may take it back (N7).

Nothing of a certificate changes by it: one that is wrong is marked in the public answer, and a
renewal (换发) puts it right. An old record that is wrong answers no more.
"""

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.verification.models import Outcome, SourceConflict, SourceDecision

LONGEST = 500


@retrying
def decide(
    *, actor: Account, conflict_id: int, outcome: str, reason: str, correct: str = ""
) -> SourceDecision:
    """Decides a conflict; raises Conflict when somebody decided it meanwhile."""
    with recorded(actor, Action.SOURCE_CONFLICT_DECIDE) as record:
        conflict = SourceConflict.objects.select_for_update(no_key=True).get(pk=conflict_id)
        require(actor, Action.SOURCE_CONFLICT_DECIDE)
        said, right = _text(reason), _text(correct)
        if outcome not in Outcome.values or not said:
            raise Refusal(
                "source_conflict.incomplete",
                "请选择认定结果并写明理由。",
                clause="N7",
                found="理由为空" if outcome in Outcome.values else "没有选择认定结果",
                expected="认定结果和理由",
            )
        if outcome == Outcome.BOTH_WRONG and not right:
            raise Refusal(
                "source_conflict.correct_missing",
                "认定两个来源都有误的，须写明正确内容和更正办法。",
                clause="N7",
                found="正确内容为空",
                expected="正确内容，例如“资格名称应为高级工程师，由持证人申请换发”",
            )
        before = SourceDecision.objects.filter(conflict=conflict, revoked_at=None).first()
        if before is not None:
            raise Conflict(
                "source_conflict.decided",
                "这项冲突已由他人认定。",
                clause="N7",
                found=f"{before.decided_by.display_name}：{before.get_outcome_display()}",
                expected="尚未认定的冲突",
                mend="请刷新页面查看；要改的，先撤销原来的认定。",
            )
        decision = SourceDecision.objects.create(
            conflict=conflict, outcome=outcome, reason=said, correct=right, decided_by=actor
        )
        record(
            subject=conflict,
            data={
                "number": conflict.number,
                "outcome": outcome,
                "reason": said,
                "correct": right,
                "fields": conflict.fields,
            },
        )
    return decision


@retrying
def revoke(*, actor: Account, decision_id: int, reason: str) -> SourceDecision:
    """Takes a decision back; the conflict is open again."""
    with recorded(actor, Action.SOURCE_DECISION_REVOKE) as record:
        decision = (
            SourceDecision.objects.select_for_update(no_key=True, of=("self",))
            .select_related("conflict")
            .get(pk=decision_id)
        )
        require(actor, Action.SOURCE_DECISION_REVOKE)
        said = _text(reason)
        if decision.revoked_at is not None:
            raise Conflict(
                "source_conflict.revoked",
                "这项认定已经撤销。",
                clause="N7",
                mend="请刷新页面查看。",
            )
        if not said:
            raise Refusal(
                "source_conflict.reason_missing",
                "撤销认定须写明理由。",
                clause="N7",
                found="理由为空",
                expected="理由",
            )
        decision.revoked_at, decision.revoked_by = timezone.now(), actor
        decision.revoked_reason = said
        decision.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
        record(
            subject=decision.conflict,
            data={
                "number": decision.conflict.number,
                "outcome": decision.outcome,
                "reason": said,
            },
        )
    return decision


def _text(text: str) -> str:
    return hide_id_numbers(text.strip())[:LONGEST]
