"""What goes from hand to hand: slips to the embosser, agents, signed lists."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    AUDITORS,
    CLERK,
    DESK,
    EMBOSSER,
    EMBOSSING,
    ISSUING,
    MUNICIPAL,
    WORKERS,
    Labels,
    Table,
    each,
)

HANDING_ON_LABELS: Labels = {
    Action.TRANSFER_VIEW: "查看移交单",
    Action.TRANSFER_MAKE: "填写送盖钢印移交单",
    Action.TRANSFER_SEND: "移交送盖钢印",
    Action.TRANSFER_CANCEL: "撤销移交单",
    Action.TRANSFER_RECEIVE: "签收送盖钢印证书",
    Action.TRANSFER_RETURN: "退回已盖钢印证书",
    Action.TRANSFER_TAKE_BACK: "领回已盖钢印证书",
    Action.ISSUE_AGENT_NAME: "登记代领人",
    Action.ISSUE_RECORD_WRITE: "登记领取人",
    Action.ISSUE_RECORD_VIEW: "查看发放记录",
    Action.SIGNATURE_LIST_PRINT: "打印领取签收表",
    Action.SIGNATURE_LIST_ATTACH: "上传已签领取签收表",
}

HANDING_ON: Table = {
    Action.TRANSFER_VIEW: each(WORKERS, ISSUING, EMBOSSING, MUNICIPAL) | AUDITORS,
    Action.TRANSFER_MAKE: each(DESK, ISSUING),
    Action.TRANSFER_SEND: each(DESK, ISSUING),
    Action.TRANSFER_CANCEL: each(DESK, ISSUING),
    Action.TRANSFER_RECEIVE: each((CLERK, EMBOSSER), EMBOSSING),
    Action.TRANSFER_RETURN: each((CLERK, EMBOSSER), EMBOSSING),
    Action.TRANSFER_TAKE_BACK: each(DESK, ISSUING),
    Action.ISSUE_AGENT_NAME: each(DESK, ISSUING),
    # Written by the issue itself; nobody is asked for this right.
    Action.ISSUE_RECORD_WRITE: each(DESK, ISSUING),
    Action.ISSUE_RECORD_VIEW: each(DESK, ISSUING, MUNICIPAL) | AUDITORS,
    Action.SIGNATURE_LIST_PRINT: each(DESK, ISSUING),
    Action.SIGNATURE_LIST_ATTACH: each(DESK, ISSUING),
}
