"""The open data interface: keys and subscriptions."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ANY,
    AUDITOR,
    EMPLOYING,
    MUNICIPAL,
    OFFICER,
    REPORTING,
    Labels,
    Table,
    grants,
)

INTERFACE_LABELS: Labels = {
    Action.API_KEY_VIEW: "查看接口密钥",
    Action.API_KEY_CREATE: "开通接口密钥",
    Action.API_KEY_ROTATE: "更换接口密钥",
    Action.API_KEY_REVOKE: "停用接口密钥",
    Action.WEBHOOK_VIEW: "查看事件通知",
    Action.WEBHOOK_SUBSCRIBE: "订阅事件通知",
    Action.WEBHOOK_END: "停止事件通知",
    Action.WEBHOOK_REDELIVER: "重新投递事件通知",
}

INTERFACE: Table = {
    # A key speaks for an organisation: its own officer answers for it (the actions see to that),
    # and the office may end it.
    Action.API_KEY_VIEW: grants(
        (OFFICER, REPORTING), (OFFICER, EMPLOYING), (OFFICER, MUNICIPAL), (AUDITOR, ANY)
    ),
    Action.API_KEY_CREATE: grants((OFFICER, REPORTING), (OFFICER, EMPLOYING), (OFFICER, MUNICIPAL)),
    Action.API_KEY_ROTATE: grants((OFFICER, REPORTING), (OFFICER, EMPLOYING), (OFFICER, MUNICIPAL)),
    Action.API_KEY_REVOKE: grants((OFFICER, REPORTING), (OFFICER, EMPLOYING), (OFFICER, MUNICIPAL)),
    Action.WEBHOOK_VIEW: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL), (AUDITOR, ANY)),
    Action.WEBHOOK_SUBSCRIBE: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL)),
    Action.WEBHOOK_END: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL)),
    Action.WEBHOOK_REDELIVER: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL)),
}
