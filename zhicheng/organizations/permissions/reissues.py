"""Replacement and renewal, and certificates that no longer count."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ANY,
    APPROVING,
    AUDITORS,
    CLERK,
    DESK,
    ISSUING,
    MUNICIPAL,
    OFFICE,
    OFFICE_OFFICER,
    OFFICER,
    REPORTING,
    SUPERVISING,
    WORKERS,
    Labels,
    Table,
    each,
    grants,
)

REISSUES_LABELS: Labels = {
    Action.REISSUE_VIEW: "查看补办换发申请",
    Action.REISSUE_APPLY: "申请补办换发",
    Action.REISSUE_AMEND: "修改补办换发申请",
    Action.REISSUE_ADD_EVIDENCE: "提交佐证材料",
    Action.REISSUE_VIEW_EVIDENCE: "查看佐证材料",
    Action.REISSUE_SUBMIT: "提交补办换发申请",
    Action.REISSUE_WITHDRAW: "撤回补办换发申请",
    Action.REISSUE_FOUND: "报告原证书找到",
    Action.REISSUE_EXPIRE: "终止逾期未提交的申请",
    Action.REISSUE_ACCEPT: "受理补办换发申请",
    Action.REISSUE_ACCEPT_LOSS: "受理证书报失",
    Action.REISSUE_RETURN: "退回补办换发申请",
    Action.REISSUE_REFUSE: "不予补办换发",
    Action.REISSUE_OPINE: "签署补办换发意见",
    Action.REISSUE_RECORD_OPINION: "登记纸质意见",
    Action.REISSUE_DECIDE_MATCH: "认定原证书信息",
    Action.REISSUE_HAND_IN: "收回原证书",
    Action.REISSUE_DISPOSE: "处理收回的原证书",
    Action.REISSUE_HAND_OUT: "发放补办换发空白证书",
    Action.REISSUE_TAKE_BACK: "收回补办换发空白证书",
    Action.REISSUE_NUMBER: "编新证书编号",
    Action.REISSUE_EXCHANGE: "换取补办换发空白证书",
    Action.REISSUE_COMPLETE: "原证书作废",
    Action.REISSUE_DEADLINE_SET: "设定补办换发时限",
    Action.VOID_CERTIFICATE_SIGHTED: "作废证书出现",
    Action.CERTIFICATE_REVOKE: "撤销证书",
    Action.REVOCATION_VIEW: "查看证书撤销决定",
}

REISSUES: Table = {
    # Where the holder works, the unit that handles it, the department above, who approved.
    Action.REISSUE_VIEW: each(WORKERS, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL)
    | AUDITORS,
    Action.REISSUE_APPLY: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_AMEND: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_ADD_EVIDENCE: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_VIEW_EVIDENCE: each(DESK, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL)
    | AUDITORS,
    Action.REISSUE_SUBMIT: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_WITHDRAW: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_FOUND: each(DESK, REPORTING, ISSUING),
    Action.REISSUE_EXPIRE: OFFICE_OFFICER,
    Action.REISSUE_ACCEPT: each(DESK, ISSUING),
    Action.REISSUE_ACCEPT_LOSS: each(DESK, ISSUING),
    Action.REISSUE_RETURN: each(DESK, ISSUING, MUNICIPAL),
    Action.REISSUE_REFUSE: grants((OFFICER, ISSUING), (OFFICER, MUNICIPAL)),
    # A work unit's clerk signs for it: many have no other account. Officers sign the others.
    Action.REISSUE_OPINE: grants(
        (CLERK, REPORTING), (OFFICER, REPORTING), (OFFICER, SUPERVISING), (OFFICER, APPROVING)
    ),
    Action.REISSUE_RECORD_OPINION: each(DESK, ISSUING),
    Action.REISSUE_DECIDE_MATCH: OFFICE_OFFICER,
    Action.REISSUE_HAND_IN: each(DESK, ISSUING),
    Action.REISSUE_DISPOSE: each(DESK, ISSUING),
    Action.REISSUE_HAND_OUT: OFFICE,
    Action.REISSUE_TAKE_BACK: OFFICE,
    Action.REISSUE_NUMBER: each(DESK, ISSUING),
    Action.REISSUE_EXCHANGE: OFFICE_OFFICER,
    # Recorded when the new certificate is issued; whoever may issue it does this too.
    Action.REISSUE_COMPLETE: each(DESK, ISSUING),
    Action.REISSUE_DEADLINE_SET: OFFICE_OFFICER,
    Action.VOID_CERTIFICATE_SIGHTED: each(WORKERS, ANY),
    Action.CERTIFICATE_REVOKE: OFFICE_OFFICER,
    Action.REVOCATION_VIEW: OFFICE | AUDITORS,
}
