"""What the municipal office decides about an application: old data, and who approves (N6, N10).

Data that no approval document on file confirms, and a department that approved once and exists no
more: somebody has to sign its box and emboss the new certificate.
"""

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import require
from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import content, old_certificates
from zhicheng.reissues.actions import locked
from zhicheng.reissues.models import Match, OpinionLevel, Reissue, ReissueState
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

DECIDED_IN = (ReissueState.APPLIED, ReissueState.RETURNED, ReissueState.OPINIONS)
# Until the new certificate is filled in: it names who embosses it.
DEPARTMENT_NAMED_IN = (*DECIDED_IN, ReissueState.GRANTED, ReissueState.COLLECTED)


def to_be_decided(reissue: Reissue) -> bool:
    """Whether the office has something to decide: for the action and its button."""
    if reissue.match != Match.MATCHED and reissue.certificate_id is None:
        return reissue.state in DECIDED_IN or department_gone(reissue)
    return department_gone(reissue)


def department_gone(reissue: Reissue) -> bool:
    """Whether the approving department was abolished before the new certificate is filled in."""
    return (
        reissue.state in DEPARTMENT_NAMED_IN
        and reissue.approving_department_id is not None
        and not content.approves(reissue.approving_department)
    )


@retrying
def decide_match(
    *,
    actor: Account,
    reissue_id: int,
    note: str,
    approving_department_id: int,
    person_id: int | None = None,
) -> Reissue:
    """The office decides whether data that no approval document on file confirms are right (N6).

    With ``person_id`` it names the approved person who is meant; their level counts then. Where
    the data are beyond doubt and only the department exists no more, it names who stands for it.
    """
    with recorded(actor, Action.REISSUE_DECIDE_MATCH) as record:
        department = hold_shared(approving_department_id)[approving_department_id]
        reissue = locked(reissue_id)
        require(actor, Action.REISSUE_DECIDE_MATCH, reissue)
        if not to_be_decided(reissue):
            raise Refusal(
                "reissue.nothing_to_decide",
                "这份申请的原证书信息不需认定。",
                clause="N6",
                found=f"{reissue.get_match_display()}，{reissue.get_state_display()}",
                expected="核准文件中没有的、或资格核准部门已撤销的在办申请",
            )
        if not content.approves(department):
            raise Refusal(
                "reissue.not_an_approving_department",
                "所选机构不是在用的资格核准部门。",
                clause="N10",
                found=department.name,
                expected="在用的资格核准部门",
            )
        reissue.match_note = stated(note)
        if reissue.match == Match.UNMATCHED:
            reissue.match = Match.DECIDED
        reissue.approving_department = department
        if person_id is not None and reissue.state in DECIDED_IN:
            _name_person(reissue, person_id)
        if OpinionLevel.APPROVING not in content.agreed_levels(reissue):
            for step in reissue.path:
                if step["level"] == OpinionLevel.APPROVING:
                    step["organization"], step["name"] = department.pk, department.name
        reissue.save()
        record(
            subject=reissue,
            data={
                "note": reissue.match_note,
                "department": department.pk,
                "person": reissue.approved_person_id,
            },
        )
    return reissue


def _name_person(reissue: Reissue, person_id: int) -> None:
    person = ApprovedPerson.objects.select_related("document").get(pk=person_id)
    if reissue.match == Match.MATCHED or reissue.certificate_id is not None:
        return  # the approval document, or the certificate on file, names the person already
    old_certificates.require_unified(person, reissue.old_number)
    old_certificates.require_no_other(person, reissue.old_number, but=reissue.pk)
    if person.grade != reissue.grade:
        raise Refusal(
            "reissue.grade_differs",
            "所选评审通过人员的等级与申请不同。",
            clause="N6",
            found=str(person.get_grade_display()),
            expected=str(reissue.get_grade_display()),
            mend="请退回申请人更正级别。",
        )
    reissue.approved_person = person


def stated(text: str) -> str:
    """A reason as it is kept; refuses an empty one."""
    told_text = hide_id_numbers(text.strip())[:300]
    if not told_text:
        raise Refusal(
            "reissue.reason_missing",
            "退回、不予办理和认定须写明原因。",
            clause="N10",
            found="原因为空",
            expected="具体的原因",
        )
    return told_text
