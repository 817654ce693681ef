"""Personal data in clear, anomalies and inquiries, the audit."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ALL,
    ANY,
    AUDITOR,
    AUDITORS,
    CLERK,
    DESK,
    ISSUING,
    MUNICIPAL,
    OFFICER,
    REPORTING,
    SUPERVISING,
    Labels,
    Table,
    each,
)

OVERSIGHT_LABELS: Labels = {
    Action.PERSON_UNMASK: "查看完整身份证号码",
    Action.LIST_EXPORT: "导出列表",
    Action.ANOMALY_VIEW: "查看异常线索",
    Action.ANOMALY_LOOK: "查找异常线索",
    Action.ANOMALY_SET_ASIDE: "排除异常线索",
    Action.ANOMALY_POLICY_SET: "设定线索标准",
    Action.INQUIRY_VIEW: "查看核查案卷",
    Action.INQUIRY_OPEN: "核查立案",
    Action.INQUIRY_JOIN: "线索并入核查案卷",
    Action.INQUIRY_NOTE: "登记核查经过",
    Action.INQUIRY_CLOSE: "核查结案",
    Action.INQUIRY_PRINT: "打印核查案卷",
    Action.SEARCH_BY_ID_NUMBER: "按身份证号码搜索",
    Action.AUDIT_VIEW: "查看审计记录",
    Action.AUDIT_VERIFY: "验证审计记录",
}

OVERSIGHT: Table = {
    Action.PERSON_UNMASK: each(DESK, REPORTING, SUPERVISING, ISSUING, MUNICIPAL) | AUDITORS,
    Action.LIST_EXPORT: each(ALL, ANY),
    # The discipline inspector's own records; nobody in the business sees that they are looked at.
    Action.ANOMALY_VIEW: AUDITORS,
    Action.ANOMALY_LOOK: AUDITORS,
    Action.ANOMALY_SET_ASIDE: AUDITORS,
    Action.ANOMALY_POLICY_SET: AUDITORS,
    Action.INQUIRY_VIEW: AUDITORS,
    Action.INQUIRY_OPEN: AUDITORS,
    Action.INQUIRY_JOIN: AUDITORS,
    Action.INQUIRY_NOTE: AUDITORS,
    Action.INQUIRY_CLOSE: AUDITORS,
    Action.INQUIRY_PRINT: AUDITORS,
    Action.SEARCH_BY_ID_NUMBER: each((CLERK, OFFICER, AUDITOR), ANY),
    Action.AUDIT_VIEW: AUDITORS,
    Action.AUDIT_VERIFY: AUDITORS,
}
