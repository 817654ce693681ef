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
    Action.SECOND_FACTOR_SET_UP: "启用或更换自己的两步验证",
    Action.SECOND_FACTOR_RENEW_CODES: "重新生成自己的恢复码",
    Action.SECOND_FACTOR_TURN_OFF: "停用自己的两步验证",
    Action.SECOND_FACTOR_TAKE_AWAY: "解除他人的两步验证",
    Action.SESSION_END: "退出自己在其他设备上的登录",
    Action.SESSION_VIEW: "查看他人的登录设备",
    Action.SESSION_END_OF_OTHERS: "退出他人的登录",
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
    Action.SECOND_FACTOR_SET_UP: each(ALL, ANY),
    Action.SECOND_FACTOR_RENEW_CODES: each(ALL, ANY),
    Action.SECOND_FACTOR_TURN_OFF: each(ALL, ANY),
    Action.SECOND_FACTOR_TAKE_AWAY: ADMIN,
    Action.SESSION_END: each(ALL, ANY),
    Action.SESSION_VIEW: ADMIN | AUDITORS,
    Action.SESSION_END_OF_OTHERS: ADMIN,
}
