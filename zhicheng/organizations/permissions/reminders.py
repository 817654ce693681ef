"""Reminders, messengers, and the days that deadlines count."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    ADMINISTRATOR,
    ALL,
    ANY,
    AUDITOR,
    MUNICIPAL,
    OFFICE_OFFICER,
    OFFICER,
    REPORTING,
    Labels,
    Table,
    each,
    grants,
)

REMINDERS_LABELS: Labels = {
    Action.NOTIFICATION_SET: "设定提醒方式",
    Action.NOTIFICATION_ADDRESS: "确认提醒邮箱",
    Action.MESSENGER_VIEW: "查看消息机器人",
    Action.MESSENGER_CONNECT: "接入消息机器人",
    Action.MESSENGER_CHANGE: "更改消息机器人",
    Action.MESSENGER_TEST: "试发机器人消息",
    Action.MESSENGER_END: "停用消息机器人",
    Action.TASK_DEADLINE_SET: "设定办理时限",
    Action.WORKDAY_MOVE: "设定节假日和调休",
}

REMINDERS: Table = {
    # Everybody's own reminders; the messenger is an organisation's, its officer answers for it.
    Action.NOTIFICATION_SET: each(ALL, ANY),
    Action.NOTIFICATION_ADDRESS: each(ALL, ANY),
    Action.MESSENGER_VIEW: grants(
        (OFFICER, REPORTING), (OFFICER, MUNICIPAL), (AUDITOR, ANY), (ADMINISTRATOR, ANY)
    ),
    Action.MESSENGER_CONNECT: grants(
        (OFFICER, REPORTING), (OFFICER, MUNICIPAL), (ADMINISTRATOR, ANY)
    ),
    Action.MESSENGER_CHANGE: grants(
        (OFFICER, REPORTING), (OFFICER, MUNICIPAL), (ADMINISTRATOR, ANY)
    ),
    Action.MESSENGER_TEST: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL), (ADMINISTRATOR, ANY)),
    Action.MESSENGER_END: grants((OFFICER, REPORTING), (OFFICER, MUNICIPAL), (ADMINISTRATOR, ANY)),
    Action.TASK_DEADLINE_SET: OFFICE_OFFICER,
    Action.WORKDAY_MOVE: OFFICE_OFFICER,
}
