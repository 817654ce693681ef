"""Which certificate may be revoked, and what the decision must say; pure (N12, N18)."""

from datetime import date

from zhicheng.values.refusal import Conflict, Refusal


def require_revocable(number: str, state_label: str, *, in_force: bool, applied_for: str) -> None:
    """Refuses what isn't in force, and what somebody is about to replace.

    ``applied_for``: receipt number of the open application, or nothing.
    """
    if not in_force:
        raise Conflict(
            "revocation.not_in_force",
            "只有有效的证书可以撤销。",
            clause="N12",
            found=f"{number}（{state_label}）",
            expected="已发放、没有作废的证书",
            mend="请刷新页面查看证书现在的状态。",
        )
    if applied_for:
        raise Refusal(
            "revocation.applied_for",
            "该证书正在补办或换发，不能同时撤销。",
            clause="N12",
            found=f"在办的申请 {applied_for}",
            expected="没有在办的申请",
            mend="请先对申请作不予办理；已领空白证书的，待新证书核发后撤销新证书。",
        )


def require_decision(
    *,
    reason: str,
    document_number: str,
    decided_on: date,
    approved_on: date,
    today: date,
    known_ground: bool,
) -> None:
    """Refuses a decision that says too little, or a day that can't be."""
    missing = [
        label
        for label, said in (
            ("撤销原因", known_ground),
            ("情况说明", reason),
            ("撤销决定文号", document_number),
        )
        if not said
    ]
    if missing:
        raise Refusal(
            "revocation.incomplete",
            "撤销证书须写明原因、情况和决定文号。",
            clause="N18",
            found=f"{'、'.join(missing)}为空",
            expected="撤销原因、情况说明、撤销决定文号",
        )
    if not approved_on <= decided_on <= today:
        raise Refusal(
            "revocation.decided_on",
            "决定日期有误。",
            clause="N18",
            found=decided_on.isoformat(),
            expected=f"{approved_on.isoformat()} 至 {today.isoformat()}",
            mend="请照撤销决定填写日期。",
        )
