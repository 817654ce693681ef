"""What the product tells: figures, reports of verification, and who asks too much."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ANY,
    APPROVING,
    AUDITOR,
    AUDITORS,
    DESK,
    ISSUING,
    MUNICIPAL,
    OFFICE,
    OFFICE_OFFICER,
    REPORTING,
    SUPERVISING,
    WORKERS,
    Labels,
    Table,
    each,
)

ANSWERS_LABELS: Labels = {
    Action.STATISTICS_VIEW: "查看统计",
    Action.STATISTICS_REPORT: "生成年度统计报告",
    Action.STATISTICS_VIEW_SAVE: "保存统计视图",
    Action.STATISTICS_VIEW_REMOVE: "删除统计视图",
    Action.REPORT_MAKE: "出具核验报告",
    Action.REPORT_RENEW: "核验报告续期",
    Action.REPORT_REVOKE: "撤销核验报告",
    Action.REPORT_FORGET: "清除过期核验报告",
    Action.ENUMERATION_VIEW: "查看枚举预警",
    Action.ENUMERATION_RAISE: "发出枚举预警",
    Action.ENUMERATION_ACKNOWLEDGE: "确认枚举预警",
    Action.LOOKUP_FORGET: "清除过期查询记录",
}

ANSWERS: Table = {
    # Of one's own area alone; beyond the office small groups are hidden.
    Action.STATISTICS_VIEW: each(WORKERS, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL)
    | AUDITORS,
    Action.STATISTICS_REPORT: each(DESK, ISSUING, APPROVING, MUNICIPAL) | AUDITORS,
    Action.STATISTICS_VIEW_SAVE: each((*WORKERS, AUDITOR), ANY),
    Action.STATISTICS_VIEW_REMOVE: each((*WORKERS, AUDITOR), ANY),
    # Recorded of a holder, who has no account, and of the worker; nobody is asked for these rights.
    Action.REPORT_MAKE: each(DESK, ANY),
    Action.REPORT_RENEW: each(DESK, ANY),
    Action.REPORT_REVOKE: each(DESK, ANY),
    Action.REPORT_FORGET: OFFICE_OFFICER,
    Action.ENUMERATION_VIEW: OFFICE | AUDITORS,
    # By the worker, in nobody's name.
    Action.ENUMERATION_RAISE: OFFICE_OFFICER,
    Action.ENUMERATION_ACKNOWLEDGE: OFFICE_OFFICER,
    Action.LOOKUP_FORGET: OFFICE_OFFICER,
}
