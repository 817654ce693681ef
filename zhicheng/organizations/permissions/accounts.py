"""The system itself: organisations and accounts."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ADMIN,
    ALL,
    ANY,
    AUDITORS,
    Labels,
    Table,
    each,
)

ACCOUNTS_LABELS: Labels = {
    Action.SYSTEM_VIEW: "查看运行状况",
    Action.ORGANIZATION_VIEW: "查看机构",
    Action.ORGANIZATION_CREATE: "新增机构",
    Action.ORGANIZATION_CHANGE: "修改机构",
    Action.ORGANIZATION_CLOSE: "停用机构",
    Action.ORGANIZATION_REOPEN: "恢复停用的机构",
    Action.ACCOUNT_VIEW: "查看账号",
    Action.ACCOUNT_CREATE: "新增账号",
    Action.ACCOUNT_CHANGE: "修改账号",
    Action.PASSWORD_RESET: "重置密码",
    Action.PASSWORD_CHANGE: "修改自己的密码",
    Action.ACCOUNT_UNLOCK: "解除账号锁定",
}

ACCOUNTS: Table = {
    Action.SYSTEM_VIEW: ADMIN | AUDITORS,
    Action.ORGANIZATION_VIEW: each(ALL, ANY),
    Action.ORGANIZATION_CREATE: ADMIN,
    Action.ORGANIZATION_CHANGE: ADMIN,
    Action.ORGANIZATION_CLOSE: ADMIN,
    Action.ORGANIZATION_REOPEN: ADMIN,
    Action.ACCOUNT_VIEW: ADMIN | AUDITORS,
    Action.ACCOUNT_CREATE: ADMIN,
    Action.ACCOUNT_CHANGE: ADMIN,
    Action.PASSWORD_RESET: ADMIN,
    Action.PASSWORD_CHANGE: each(ALL, ANY),
    Action.ACCOUNT_UNLOCK: ADMIN,
}
