"""Electronic certificates, the seal, and the keys that sign codes."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ANY,
    APPROVING,
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

ELECTRONIC_LABELS: Labels = {
    Action.ELECTRONIC_VIEW: "查看电子证书",
    Action.ELECTRONIC_MAKE: "制作电子证书",
    Action.ELECTRONIC_DOWNLOAD: "下载电子证书",
    Action.ELECTRONIC_HOLDER_DOWNLOAD: "持证人下载电子证书",
    Action.SEAL_VIEW: "查看电子签章设置",
    Action.SIGNING_KEY_VIEW: "查看签名密钥",
    Action.SIGNING_KEY_GENERATE: "生成签名密钥",
    Action.SIGNING_KEY_ROTATE: "更换签名密钥",
    Action.SIGNING_KEY_RETIRE: "停用签名密钥",
    Action.SIGNING_KEY_REVOKE: "作废签名密钥",
}

ELECTRONIC: Table = {
    Action.ELECTRONIC_VIEW: each(WORKERS, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL)
    | AUDITORS,
    Action.ELECTRONIC_MAKE: each(DESK, APPROVING, MUNICIPAL),
    Action.ELECTRONIC_DOWNLOAD: each(DESK, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL),
    # Recorded of a holder, who has no account; nobody is asked for this right.
    Action.ELECTRONIC_HOLDER_DOWNLOAD: each(DESK, ANY),
    Action.SEAL_VIEW: OFFICE | AUDITORS,
    Action.SIGNING_KEY_VIEW: OFFICE | AUDITORS,
    Action.SIGNING_KEY_GENERATE: OFFICE_OFFICER,
    Action.SIGNING_KEY_ROTATE: OFFICE_OFFICER,
    Action.SIGNING_KEY_RETIRE: OFFICE_OFFICER,
    Action.SIGNING_KEY_REVOKE: OFFICE_OFFICER,
}
