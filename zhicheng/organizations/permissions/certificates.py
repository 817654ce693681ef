"""The certificate on its way: filled in, printed, sealed, embossed, issued."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    APPROVING,
    AUDITORS,
    CLERK,
    DESK,
    EMBOSSER,
    EMBOSSING,
    ISSUING,
    MUNICIPAL,
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

CERTIFICATES_LABELS: Labels = {
    Action.CERTIFICATE_VIEW: "查看证书",
    Action.CERTIFICATE_FILL: "填制证书",
    Action.CERTIFICATE_SPOIL: "登记废旧证书",
    Action.CERTIFICATE_SEAL: "加盖公章",
    Action.CERTIFICATE_EMBOSS: "加盖钢印",
    Action.CERTIFICATE_ISSUE: "发放证书",
    Action.CERTIFICATE_PRINT: "打印证书",
    Action.PRINT_JOB_VIEW: "查看打印任务",
    Action.PRINT_JOB_START: "建立打印任务",
    Action.PRINT_JOB_PREPARE: "生成打印文件",
    Action.PRINT_JOB_LOAD: "确认纸盒首张编号",
    Action.PRINT_JOB_RECUT: "调整打印顺序",
    Action.PRINT_JOB_CONFIRM: "确认打印结果",
    Action.PRINT_JOB_CANCEL: "取消打印任务",
    Action.PRINT_POLICY_SET: "设定打印确认规定",
    Action.FILLED_OTHERWISE_STATE: "登记以其他方式填制",
}

CERTIFICATES: Table = {
    Action.CERTIFICATE_VIEW: each(
        WORKERS, REPORTING, SUPERVISING, ISSUING, APPROVING, EMBOSSING, MUNICIPAL
    )
    | AUDITORS,
    Action.CERTIFICATE_FILL: grants((CLERK, ISSUING)),
    Action.CERTIFICATE_SPOIL: grants((CLERK, ISSUING)),
    Action.CERTIFICATE_SEAL: grants((OFFICER, ISSUING)),
    Action.CERTIFICATE_EMBOSS: grants((EMBOSSER, EMBOSSING)),
    Action.CERTIFICATE_ISSUE: each(DESK, ISSUING),
    Action.CERTIFICATE_PRINT: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_VIEW: each(WORKERS, ISSUING, MUNICIPAL) | AUDITORS,
    Action.PRINT_JOB_START: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_PREPARE: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_LOAD: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_RECUT: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_CONFIRM: grants((CLERK, ISSUING)),
    Action.PRINT_JOB_CANCEL: grants((CLERK, ISSUING)),
    Action.PRINT_POLICY_SET: OFFICE_OFFICER,
    Action.FILLED_OTHERWISE_STATE: grants((CLERK, ISSUING)),
}
