"""Layouts and printers."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    AUDITORS,
    DESK,
    ISSUING,
    MUNICIPAL,
    OFFICE,
    OFFICE_OFFICER,
    Labels,
    Table,
    each,
)

LAYOUTS_LABELS: Labels = {
    Action.LAYOUT_VIEW: "查看套打版式",
    Action.LAYOUT_DRAFT: "起草套打版式",
    Action.LAYOUT_PUT_IN_USE: "启用套打版式",
    Action.LAYOUT_DISCARD: "放弃套打版式草稿",
    Action.PRINTER_VIEW: "查看打印机",
    Action.PRINTER_ADD: "登记打印机",
    Action.PRINTER_RENAME: "修改打印机名称",
    Action.PRINTER_CALIBRATE: "校准打印机",
    Action.PRINTER_RETIRE: "停用打印机",
}

LAYOUTS: Table = {
    Action.LAYOUT_VIEW: OFFICE | AUDITORS,
    Action.LAYOUT_DRAFT: OFFICE,
    Action.LAYOUT_PUT_IN_USE: OFFICE_OFFICER,
    Action.LAYOUT_DISCARD: OFFICE,
    Action.PRINTER_VIEW: each(DESK, ISSUING, MUNICIPAL) | AUDITORS,
    Action.PRINTER_ADD: each(DESK, ISSUING),
    Action.PRINTER_RENAME: each(DESK, ISSUING),
    Action.PRINTER_CALIBRATE: each(DESK, ISSUING),
    Action.PRINTER_RETIRE: each(DESK, ISSUING),
}
