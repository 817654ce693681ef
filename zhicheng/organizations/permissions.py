"""THE permission table: role x action x relation of the organisation to the object.

The guard, the menus, the buttons and the matrix test all read it; nothing else decides who may
do what (invariant 9). An action's value is at the same time the tag of its audit event:
``source:subject:action``.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum


class Role(StrEnum):
    """What an account may be. One account has one role in one organisation."""

    CLERK = "clerk"
    OFFICER = "officer"
    EMBOSSER = "embosser"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: Mapping[Role, str] = {
    Role.CLERK: "经办人",
    Role.OFFICER: "负责人",
    Role.EMBOSSER: "钢印员",
    Role.AUDITOR: "审计员",
    Role.ADMINISTRATOR: "系统管理员",
}


class Relation(Enum):
    """How an organisation stands to an object."""

    REPORTING = "reporting"  # 填报单位: filed the register
    SUPERVISING = "supervising"  # 主管部门: endorses it
    ISSUING = "issuing"  # 发放单位: collects the blanks, fills in, seals, issues
    APPROVING = "approving"  # 资格核准部门
    EMBOSSING = "embossing"  # whoever embosses this certificate (N8)
    MUNICIPAL = "municipal"  # 市职改办, whatever the object
    EMPLOYING = "employing"  # 用人单位: whoever employs people may verify their certificates
    ANY = "any"  # no relation asked for


class Action(StrEnum):
    """Everything that an account can do; the value is the audit event's tag."""

    APPROVAL_VIEW = "any:approval:view"
    APPROVAL_IMPORT = "office:approval:import"
    APPROVAL_ATTACH_SCAN = "office:approval:attach_scan"
    REVIEW_RECORD_ADD = "office:review_record:add"
    REVIEW_RECORD_END = "office:review_record:end"

    REGISTER_VIEW = "any:register:view"
    REGISTER_UPLOAD = "unit:register:upload"
    REGISTER_MAKE = "unit:register:make"
    REGISTER_REPLACE = "unit:register:replace"
    REGISTER_CORRECT = "unit:register:correct"
    REGISTER_SUBMIT = "unit:register:submit"
    REGISTER_WITHDRAW = "unit:register:withdraw"
    REGISTER_PRINT = "unit:register:print"
    REGISTER_ENDORSE = "department:register:endorse"
    REGISTER_RETURN_BY_DEPARTMENT = "department:register:return"
    REGISTER_ACCEPT = "office:register:accept"
    REGISTER_RETURN = "office:register:return"
    PAPER_CHECK = "office:paper:check"
    PAPER_SCAN_ATTACH = "any:paper:attach_scan"
    PAPER_SCAN_VIEW = "any:paper:view_scan"
    NUMBERS_ASSIGN = "unit:certificate_number:assign"
    NUMBERING_RULE_VIEW = "any:numbering_rule:view"
    NUMBERING_RULE_SET = "unit:numbering_rule:set"
    NUMBERING_RULE_WITHDRAW = "unit:numbering_rule:withdraw"

    BLANK_VIEW = "any:blank:view"
    PRINT_ORDER_PLACE = "office:print_order:place"
    PRINT_ORDER_CANCEL = "office:print_order:cancel"
    PRINT_RUN_RECORD = "office:print_run:record"
    SHORT_DELIVERY_WRITE_OFF = "office:short_delivery:write_off"
    SPARE_POLICY_SET = "office:spare_policy:set"
    REORDER_POLICY_SET = "office:reorder_policy:set"
    SPARE_DISPOSAL_SET = "office:spare_disposal:set"
    ALLOTMENT_ALLOT = "office:allotment:allot"
    ALLOTMENT_HAND_OVER = "office:allotment:hand_over"
    ALLOTMENT_RECEIVE = "unit:allotment:receive"
    UNUSED_RETURN = "office:unused:return"
    UNUSED_CARRY_OVER = "unit:unused:carry_over"
    UNUSED_TRANSFER = "unit:unused:transfer"
    EXCHANGE_REQUEST = "unit:exchange:request"
    SPOILED_EXCHANGE = "office:spoiled:exchange"
    DESTRUCTION_PROPOSE = "office:destruction:propose"
    DESTRUCTION_CONFIRM = "office:destruction:confirm"
    MOVEMENT_CORRECT = "office:movement:correct"
    RECONCILE = "any:ledger:reconcile"

    LOSS_REPORT = "any:loss:report"
    LOSS_REPLACE = "office:loss:replace"
    CASE_VIEW = "any:case:view"
    CASE_NOTE = "any:case:note"
    CASE_CLOSE = "office:case:close"
    BLANK_SIGHTED = "any:blank:sighted"
    SIGHTING_VIEW = "office:sighting:view"
    SIGHTING_ACKNOWLEDGE = "office:sighting:acknowledge"
    STOCKTAKE_VIEW = "any:stocktake:view"
    STOCKTAKE_COUNT = "any:stocktake:count"
    STOCKTAKE_CONFIRM = "any:stocktake:confirm"
    STOCKTAKE_POLICY_SET = "office:stocktake_policy:set"

    CERTIFICATE_VIEW = "any:certificate:view"
    CERTIFICATE_FILL = "unit:certificate:fill"
    CERTIFICATE_SPOIL = "unit:certificate:spoil"
    CERTIFICATE_SEAL = "unit:certificate:seal"
    CERTIFICATE_EMBOSS = "embosser:certificate:emboss"
    CERTIFICATE_ISSUE = "unit:certificate:issue"
    CERTIFICATE_PRINT = "unit:certificate:print"
    PRINT_JOB_VIEW = "any:print_job:view"
    PRINT_JOB_START = "unit:print_job:start"
    PRINT_JOB_PREPARE = "unit:print_job:prepare"
    PRINT_JOB_LOAD = "unit:print_job:load"
    PRINT_JOB_RECUT = "unit:print_job:recut"
    PRINT_JOB_CONFIRM = "unit:print_job:confirm"
    PRINT_JOB_CANCEL = "unit:print_job:cancel"
    PRINT_POLICY_SET = "office:print_policy:set"
    FILLED_OTHERWISE_STATE = "unit:filled_otherwise:state"

    REISSUE_VIEW = "any:reissue:view"
    REISSUE_APPLY = "any:reissue:apply"
    REISSUE_AMEND = "any:reissue:amend"
    REISSUE_ADD_EVIDENCE = "any:reissue:add_evidence"
    REISSUE_VIEW_EVIDENCE = "any:reissue:view_evidence"
    REISSUE_SUBMIT = "any:reissue:submit"
    REISSUE_WITHDRAW = "any:reissue:withdraw"
    REISSUE_FOUND = "any:reissue:found"
    REISSUE_EXPIRE = "office:reissue:expire"
    REISSUE_ACCEPT = "unit:reissue:accept"
    REISSUE_ACCEPT_LOSS = "unit:reissue:accept_loss"
    REISSUE_RETURN = "any:reissue:return"
    REISSUE_REFUSE = "any:reissue:refuse"
    REISSUE_OPINE = "any:reissue:opine"
    REISSUE_RECORD_OPINION = "unit:reissue:record_opinion"
    REISSUE_DECIDE_MATCH = "office:reissue:decide_match"
    REISSUE_HAND_IN = "unit:reissue:hand_in"
    REISSUE_DISPOSE = "unit:reissue:dispose"
    REISSUE_HAND_OUT = "office:reissue:hand_out"
    REISSUE_TAKE_BACK = "office:reissue:take_back"
    REISSUE_NUMBER = "unit:reissue:number"
    REISSUE_EXCHANGE = "office:reissue:exchange"
    REISSUE_COMPLETE = "unit:reissue:complete"
    REISSUE_DEADLINE_SET = "office:reissue_deadline:set"
    VOID_CERTIFICATE_SIGHTED = "any:void_certificate:sighted"
    CERTIFICATE_REVOKE = "office:certificate:revoke"
    REVOCATION_VIEW = "office:revocation:view"

    TRANSFER_VIEW = "any:transfer_slip:view"
    TRANSFER_MAKE = "unit:transfer_slip:make"
    TRANSFER_SEND = "unit:transfer_slip:send"
    TRANSFER_CANCEL = "unit:transfer_slip:cancel"
    TRANSFER_RECEIVE = "embosser:transfer_slip:receive"
    TRANSFER_RETURN = "embosser:transfer_slip:return"
    TRANSFER_TAKE_BACK = "unit:transfer_slip:take_back"
    ISSUE_AGENT_NAME = "unit:issue_agent:name"
    ISSUE_RECORD_WRITE = "unit:issue_record:write"
    ISSUE_RECORD_VIEW = "any:issue_record:view"
    SIGNATURE_LIST_PRINT = "unit:signature_list:print"
    SIGNATURE_LIST_ATTACH = "unit:signature_list:attach"

    PHOTO_VIEW = "any:photo:view"
    PHOTO_ADD = "unit:photo:add"
    PHOTO_REMOVE = "unit:photo:remove"

    ELECTRONIC_VIEW = "any:electronic_certificate:view"
    ELECTRONIC_MAKE = "system:electronic_certificate:make"
    ELECTRONIC_DOWNLOAD = "unit:electronic_certificate:download"
    ELECTRONIC_HOLDER_DOWNLOAD = "holder:electronic_certificate:download"
    SEAL_VIEW = "any:electronic_seal:view"

    SIGNING_KEY_VIEW = "any:signing_key:view"
    SIGNING_KEY_GENERATE = "office:signing_key:generate"
    SIGNING_KEY_ROTATE = "office:signing_key:rotate"
    SIGNING_KEY_RETIRE = "office:signing_key:retire"
    SIGNING_KEY_REVOKE = "office:signing_key:revoke"

    API_KEY_VIEW = "any:api_key:view"
    API_KEY_CREATE = "any:api_key:create"
    API_KEY_ROTATE = "any:api_key:rotate"
    API_KEY_REVOKE = "any:api_key:revoke"
    WEBHOOK_VIEW = "any:webhook:view"
    WEBHOOK_SUBSCRIBE = "any:webhook:subscribe"
    WEBHOOK_END = "any:webhook:end"
    WEBHOOK_REDELIVER = "any:webhook:redeliver"

    LAYOUT_VIEW = "any:layout:view"
    LAYOUT_DRAFT = "office:layout:draft"
    LAYOUT_PUT_IN_USE = "office:layout:put_in_use"
    LAYOUT_DISCARD = "office:layout:discard"
    PRINTER_VIEW = "any:printer:view"
    PRINTER_ADD = "any:printer:add"
    PRINTER_RENAME = "any:printer:rename"
    PRINTER_CALIBRATE = "any:printer:calibrate"
    PRINTER_RETIRE = "any:printer:retire"

    SELF_ISSUED_VIEW = "any:self_issued:view"
    SELF_ISSUED_REPORT = "unit:self_issued:report"
    SELF_ISSUED_ACCEPT = "office:self_issued:accept"
    SELF_ISSUED_RETURN = "office:self_issued:return"
    SELF_ISSUED_WITHDRAW = "unit:self_issued:withdraw"

    BATCH_VERIFY = "any:batch_verification:ask"
    BATCH_VIEW = "any:batch_verification:view"

    LEGACY_IMPORT = "office:legacy_record:import"
    LEDGER_VIEW = "office:ledger:view"
    LEDGER_UPLOAD = "office:ledger:upload"
    LEDGER_MAP = "office:ledger:map"
    LEDGER_DISCARD = "office:ledger:discard"
    LEDGER_TAKE_BACK = "office:ledger:take_back"
    HISTORIC_VIEW = "any:historic:view"
    HISTORIC_VIEW_EVIDENCE = "any:historic:view_evidence"
    HISTORIC_APPLY = "holder:historic:apply"
    HISTORIC_AMEND = "holder:historic:amend"
    HISTORIC_ADD_EVIDENCE = "holder:historic:add_evidence"
    HISTORIC_SUBMIT = "holder:historic:submit"
    HISTORIC_WITHDRAW = "holder:historic:withdraw"
    HISTORIC_CHECK = "unit:historic:check"
    HISTORIC_RETURN = "any:historic:return"
    HISTORIC_REFUSE = "office:historic:refuse"
    HISTORIC_ACCEPT = "office:historic:accept"
    HISTORIC_CERTIFY = "office:historic:certify"
    SOURCE_CONFLICT_VIEW = "office:source_conflict:view"
    SOURCE_CONFLICT_DECIDE = "office:source_conflict:decide"
    SOURCE_DECISION_REVOKE = "office:source_conflict:revoke_decision"
    REPORT_MAKE = "holder:verification_report:make"
    REPORT_RENEW = "holder:verification_report:renew"
    REPORT_REVOKE = "holder:verification_report:revoke"
    REPORT_FORGET = "system:verification_report:forget"
    ENUMERATION_VIEW = "office:enumeration:view"
    ENUMERATION_RAISE = "office:enumeration:raise"
    ENUMERATION_ACKNOWLEDGE = "office:enumeration:acknowledge"
    LOOKUP_FORGET = "office:lookup:forget"

    STATISTICS_VIEW = "any:statistics:view"
    STATISTICS_REPORT = "any:statistics:report"
    STATISTICS_VIEW_SAVE = "any:statistics_view:save"
    STATISTICS_VIEW_REMOVE = "any:statistics_view:remove"

    PERSON_UNMASK = "any:person:unmask"
    LIST_EXPORT = "any:list:export"
    SEARCH_BY_ID_NUMBER = "any:search:by_id_number"

    ANOMALY_VIEW = "auditor:anomaly:view"
    ANOMALY_LOOK = "auditor:anomaly:look"
    ANOMALY_SET_ASIDE = "auditor:anomaly:set_aside"
    ANOMALY_POLICY_SET = "auditor:anomaly_policy:set"
    INQUIRY_VIEW = "auditor:inquiry:view"
    INQUIRY_OPEN = "auditor:inquiry:open"
    INQUIRY_JOIN = "auditor:inquiry:join"
    INQUIRY_NOTE = "auditor:inquiry:note"
    INQUIRY_CLOSE = "auditor:inquiry:close"

    AUDIT_VIEW = "auditor:audit:view"
    AUDIT_VERIFY = "auditor:audit:verify"

    NOTIFICATION_SET = "any:notification:set"
    NOTIFICATION_ADDRESS = "any:notification:confirm_address"
    MESSENGER_VIEW = "any:messenger:view"
    MESSENGER_CONNECT = "any:messenger:connect"
    MESSENGER_TEST = "any:messenger:test"
    MESSENGER_END = "any:messenger:end"
    TASK_DEADLINE_SET = "office:task_deadline:set"
    WORKDAY_MOVE = "office:workday:move"

    SYSTEM_VIEW = "admin:system:view"
    ORGANIZATION_VIEW = "any:organization:view"
    ORGANIZATION_CREATE = "admin:organization:create"
    ORGANIZATION_CHANGE = "admin:organization:change"
    ORGANIZATION_CLOSE = "admin:organization:close"
    ACCOUNT_VIEW = "admin:account:view"
    ACCOUNT_CREATE = "admin:account:create"
    ACCOUNT_CHANGE = "admin:account:change"
    PASSWORD_RESET = "admin:account:reset_password"
    PASSWORD_CHANGE = "any:account:change_password"
    ACCOUNT_UNLOCK = "admin:account:unlock"


ACTION_LABELS: Mapping[Action, str] = {
    Action.APPROVAL_VIEW: "查看核准文件",
    Action.APPROVAL_IMPORT: "导入核准文件",
    Action.APPROVAL_ATTACH_SCAN: "上传核准文件扫描件",
    Action.REVIEW_RECORD_ADD: "登记授权、联合、自主评审备案",
    Action.REVIEW_RECORD_END: "终止评审备案",
    Action.REGISTER_VIEW: "查看登记表",
    Action.REGISTER_UPLOAD: "上传登记表",
    Action.REGISTER_MAKE: "由核准文件生成登记表",
    Action.REGISTER_REPLACE: "重新上传登记表",
    Action.REGISTER_CORRECT: "更正登记表",
    Action.REGISTER_SUBMIT: "提交登记表",
    Action.REGISTER_WITHDRAW: "撤回登记表",
    Action.REGISTER_PRINT: "打印登记表",
    Action.REGISTER_ENDORSE: "主管部门签章",
    Action.REGISTER_RETURN_BY_DEPARTMENT: "主管部门退回",
    Action.REGISTER_ACCEPT: "受理登记表",
    Action.REGISTER_RETURN: "退回登记表",
    Action.PAPER_CHECK: "核对纸质登记表",
    Action.PAPER_SCAN_ATTACH: "上传盖章登记表扫描件",
    Action.PAPER_SCAN_VIEW: "查看盖章登记表扫描件",
    Action.NUMBERS_ASSIGN: "分配证书编号",
    Action.NUMBERING_RULE_VIEW: "查看编号规则",
    Action.NUMBERING_RULE_SET: "设定编号规则",
    Action.NUMBERING_RULE_WITHDRAW: "撤销编号规则",
    Action.BLANK_VIEW: "查看空白证书",
    Action.PRINT_ORDER_PLACE: "下达印制单",
    Action.PRINT_ORDER_CANCEL: "撤销印制单",
    Action.PRINT_RUN_RECORD: "印制入库",
    Action.SHORT_DELIVERY_WRITE_OFF: "核销到货短缺",
    Action.SPARE_POLICY_SET: "设定备用证书比例",
    Action.REORDER_POLICY_SET: "设定补库警戒线",
    Action.SPARE_DISPOSAL_SET: "设定剩余证书处理办法",
    Action.ALLOTMENT_ALLOT: "配发空白证书",
    Action.ALLOTMENT_HAND_OVER: "移交空白证书",
    Action.ALLOTMENT_RECEIVE: "签收空白证书",
    Action.UNUSED_RETURN: "收回剩余空白证书",
    Action.UNUSED_CARRY_OVER: "结转剩余空白证书",
    Action.UNUSED_TRANSFER: "调剂剩余空白证书",
    Action.EXCHANGE_REQUEST: "申请换取空白证书",
    Action.SPOILED_EXCHANGE: "废旧证书换取",
    Action.DESTRUCTION_PROPOSE: "提请销毁",
    Action.DESTRUCTION_CONFIRM: "监督销毁",
    Action.MOVEMENT_CORRECT: "更正流转记录",
    Action.RECONCILE: "对账",
    Action.LOSS_REPORT: "报告空白证书遗失",
    Action.LOSS_REPLACE: "补发遗失作废的空白证书",
    Action.CASE_VIEW: "查看案卷",
    Action.CASE_NOTE: "登记调查经过",
    Action.CASE_CLOSE: "案卷结案",
    Action.BLANK_SIGHTED: "失控空白证书出现",
    Action.SIGHTING_VIEW: "查看失控证书警报",
    Action.SIGHTING_ACKNOWLEDGE: "处理失控证书警报",
    Action.STOCKTAKE_VIEW: "查看盘点",
    Action.STOCKTAKE_COUNT: "盘点空白证书",
    Action.STOCKTAKE_CONFIRM: "监盘确认",
    Action.STOCKTAKE_POLICY_SET: "设定盘点周期",
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
    Action.REISSUE_VIEW: "查看补办换发申请",
    Action.REISSUE_APPLY: "申请补办换发",
    Action.REISSUE_AMEND: "修改补办换发申请",
    Action.REISSUE_ADD_EVIDENCE: "提交佐证材料",
    Action.REISSUE_VIEW_EVIDENCE: "查看佐证材料",
    Action.REISSUE_SUBMIT: "提交补办换发申请",
    Action.REISSUE_WITHDRAW: "撤回补办换发申请",
    Action.REISSUE_FOUND: "报告原证书找到",
    Action.REISSUE_EXPIRE: "终止逾期未提交的申请",
    Action.REISSUE_ACCEPT: "受理补办换发申请",
    Action.REISSUE_ACCEPT_LOSS: "受理证书报失",
    Action.REISSUE_RETURN: "退回补办换发申请",
    Action.REISSUE_REFUSE: "不予补办换发",
    Action.REISSUE_OPINE: "签署补办换发意见",
    Action.REISSUE_RECORD_OPINION: "登记纸质意见",
    Action.REISSUE_DECIDE_MATCH: "认定原证书信息",
    Action.REISSUE_HAND_IN: "收回原证书",
    Action.REISSUE_DISPOSE: "处理收回的原证书",
    Action.REISSUE_HAND_OUT: "发放补办换发空白证书",
    Action.REISSUE_TAKE_BACK: "收回补办换发空白证书",
    Action.REISSUE_NUMBER: "编新证书编号",
    Action.REISSUE_EXCHANGE: "换取补办换发空白证书",
    Action.REISSUE_COMPLETE: "原证书作废",
    Action.REISSUE_DEADLINE_SET: "设定补办换发时限",
    Action.VOID_CERTIFICATE_SIGHTED: "作废证书出现",
    Action.CERTIFICATE_REVOKE: "撤销证书",
    Action.REVOCATION_VIEW: "查看证书撤销决定",
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
    Action.PHOTO_VIEW: "查看照片",
    Action.PHOTO_ADD: "上传照片",
    Action.PHOTO_REMOVE: "移除照片",
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
    Action.API_KEY_VIEW: "查看接口密钥",
    Action.API_KEY_CREATE: "开通接口密钥",
    Action.API_KEY_ROTATE: "更换接口密钥",
    Action.API_KEY_REVOKE: "停用接口密钥",
    Action.WEBHOOK_VIEW: "查看事件通知",
    Action.WEBHOOK_SUBSCRIBE: "订阅事件通知",
    Action.WEBHOOK_END: "停止事件通知",
    Action.WEBHOOK_REDELIVER: "重新投递事件通知",
    Action.LAYOUT_VIEW: "查看套打版式",
    Action.LAYOUT_DRAFT: "起草套打版式",
    Action.LAYOUT_PUT_IN_USE: "启用套打版式",
    Action.LAYOUT_DISCARD: "放弃套打版式草稿",
    Action.PRINTER_VIEW: "查看打印机",
    Action.PRINTER_ADD: "登记打印机",
    Action.PRINTER_RENAME: "修改打印机名称",
    Action.PRINTER_CALIBRATE: "校准打印机",
    Action.PRINTER_RETIRE: "停用打印机",
    Action.SELF_ISSUED_VIEW: "查看自主发放证书",
    Action.SELF_ISSUED_REPORT: "报送自主发放证书",
    Action.SELF_ISSUED_ACCEPT: "收录自主发放证书",
    Action.SELF_ISSUED_RETURN: "退回自主发放证书",
    Action.SELF_ISSUED_WITHDRAW: "撤回自主发放证书",
    Action.BATCH_VERIFY: "批量核验证书",
    Action.BATCH_VIEW: "查看批量核验记录",
    Action.LEGACY_IMPORT: "导入历史证书",
    Action.LEDGER_VIEW: "查看历史台账",
    Action.LEDGER_UPLOAD: "上传历史台账",
    Action.LEDGER_MAP: "对应台账栏目",
    Action.LEDGER_DISCARD: "放弃未导入的台账",
    Action.LEDGER_TAKE_BACK: "撤回台账导入",
    Action.HISTORIC_VIEW: "查看历史证书登记",
    Action.HISTORIC_VIEW_EVIDENCE: "查看历史证书登记材料",
    Action.HISTORIC_APPLY: "登记历史证书",
    Action.HISTORIC_AMEND: "修改历史证书登记",
    Action.HISTORIC_ADD_EVIDENCE: "提交历史证书登记材料",
    Action.HISTORIC_SUBMIT: "提交历史证书登记",
    Action.HISTORIC_WITHDRAW: "撤回历史证书登记",
    Action.HISTORIC_CHECK: "核对历史证书登记",
    Action.HISTORIC_RETURN: "退回历史证书登记",
    Action.HISTORIC_REFUSE: "不予登记历史证书",
    Action.HISTORIC_ACCEPT: "审核通过历史证书登记",
    Action.HISTORIC_CERTIFY: "生成历史证书的电子证书",
    Action.SOURCE_CONFLICT_VIEW: "查看数据来源冲突",
    Action.SOURCE_CONFLICT_DECIDE: "认定数据来源冲突",
    Action.SOURCE_DECISION_REVOKE: "撤销来源冲突认定",
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
    Action.SEARCH_BY_ID_NUMBER: "按身份证号码搜索",
    Action.AUDIT_VIEW: "查看审计记录",
    Action.AUDIT_VERIFY: "验证审计记录",
    Action.NOTIFICATION_SET: "设定提醒方式",
    Action.NOTIFICATION_ADDRESS: "确认提醒邮箱",
    Action.MESSENGER_VIEW: "查看消息机器人",
    Action.MESSENGER_CONNECT: "接入消息机器人",
    Action.MESSENGER_TEST: "试发机器人消息",
    Action.MESSENGER_END: "停用消息机器人",
    Action.TASK_DEADLINE_SET: "设定办理时限",
    Action.WORKDAY_MOVE: "设定节假日和调休",
    Action.SYSTEM_VIEW: "查看运行状况",
    Action.ORGANIZATION_VIEW: "查看机构",
    Action.ORGANIZATION_CREATE: "新增机构",
    Action.ORGANIZATION_CHANGE: "修改机构",
    Action.ORGANIZATION_CLOSE: "停用机构",
    Action.ACCOUNT_VIEW: "查看账号",
    Action.ACCOUNT_CREATE: "新增账号",
    Action.ACCOUNT_CHANGE: "修改账号",
    Action.PASSWORD_RESET: "重置密码",
    Action.PASSWORD_CHANGE: "修改自己的密码",
    Action.ACCOUNT_UNLOCK: "解除账号锁定",
}

Grant = tuple[Role, Relation]

_C, _O, _E, _A, _S = (
    Role.CLERK,
    Role.OFFICER,
    Role.EMBOSSER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
_REP, _SUP, _ISS = Relation.REPORTING, Relation.SUPERVISING, Relation.ISSUING
_APP, _EMB, _MUN, _ANY, _EMP = (
    Relation.APPROVING,
    Relation.EMBOSSING,
    Relation.MUNICIPAL,
    Relation.ANY,
    Relation.EMPLOYING,
)
_WORKERS = (_C, _O, _E)


def _grants(*grants: Grant) -> frozenset[Grant]:
    return frozenset(grants)


def _each(roles: tuple[Role, ...], *relations: Relation) -> frozenset[Grant]:
    return frozenset((role, relation) for role in roles for relation in relations)


_READ_BUSINESS = _each(_WORKERS, _REP, _SUP, _ISS, _APP, _MUN) | {(_A, _ANY)}
_OFFICE = _each((_C, _O), _MUN)
_OFFICE_OFFICER = _grants((_O, _MUN))
_UNIT_CLERK = _grants((_C, _REP))
_ADMIN = _grants((_S, _ANY))

PERMISSIONS: Mapping[Action, frozenset[Grant]] = {
    Action.APPROVAL_VIEW: _READ_BUSINESS,
    Action.APPROVAL_IMPORT: _OFFICE,
    Action.APPROVAL_ATTACH_SCAN: _OFFICE,
    Action.REVIEW_RECORD_ADD: _OFFICE_OFFICER,
    Action.REVIEW_RECORD_END: _OFFICE_OFFICER,
    Action.REGISTER_VIEW: _READ_BUSINESS,
    Action.REGISTER_UPLOAD: _UNIT_CLERK,
    Action.REGISTER_MAKE: _UNIT_CLERK,
    Action.REGISTER_REPLACE: _UNIT_CLERK,
    Action.REGISTER_CORRECT: _UNIT_CLERK,
    Action.REGISTER_SUBMIT: _UNIT_CLERK,
    Action.REGISTER_WITHDRAW: _UNIT_CLERK,
    Action.REGISTER_PRINT: _each((_C, _O), _REP, _SUP, _ISS, _MUN),
    Action.REGISTER_ENDORSE: _grants((_O, _SUP)),
    Action.REGISTER_RETURN_BY_DEPARTMENT: _grants((_O, _SUP)),
    Action.REGISTER_ACCEPT: _OFFICE_OFFICER,
    Action.REGISTER_RETURN: _OFFICE_OFFICER,
    Action.PAPER_CHECK: _OFFICE,
    Action.PAPER_SCAN_ATTACH: _each((_C, _O), _REP, _SUP, _ISS, _MUN),
    Action.PAPER_SCAN_VIEW: _each((_C, _O), _REP, _SUP, _ISS, _MUN) | {(_A, _ANY)},
    Action.NUMBERS_ASSIGN: _UNIT_CLERK,
    Action.NUMBERING_RULE_VIEW: _READ_BUSINESS,
    Action.NUMBERING_RULE_SET: _grants((_O, _ISS), (_O, _MUN)),
    Action.NUMBERING_RULE_WITHDRAW: _grants((_O, _ISS), (_O, _MUN)),
    Action.BLANK_VIEW: _each(_WORKERS, _ISS, _REP, _APP, _MUN) | {(_A, _ANY)},
    Action.PRINT_ORDER_PLACE: _OFFICE_OFFICER,
    Action.PRINT_ORDER_CANCEL: _OFFICE_OFFICER,
    Action.PRINT_RUN_RECORD: _OFFICE_OFFICER,
    Action.SHORT_DELIVERY_WRITE_OFF: _OFFICE_OFFICER,
    Action.SPARE_POLICY_SET: _OFFICE_OFFICER,
    Action.REORDER_POLICY_SET: _OFFICE_OFFICER,
    Action.SPARE_DISPOSAL_SET: _OFFICE_OFFICER,
    Action.ALLOTMENT_ALLOT: _OFFICE_OFFICER,
    Action.ALLOTMENT_HAND_OVER: _OFFICE,
    Action.ALLOTMENT_RECEIVE: _each((_C, _O), _ISS),
    Action.UNUSED_RETURN: _OFFICE_OFFICER,
    Action.UNUSED_CARRY_OVER: _each((_C, _O), _ISS),
    Action.UNUSED_TRANSFER: _grants((_O, _ISS)),
    Action.EXCHANGE_REQUEST: _each((_C, _O), _ISS),
    Action.SPOILED_EXCHANGE: _OFFICE_OFFICER,
    Action.DESTRUCTION_PROPOSE: _OFFICE,
    Action.DESTRUCTION_CONFIRM: _OFFICE_OFFICER,
    Action.MOVEMENT_CORRECT: _OFFICE_OFFICER,
    Action.RECONCILE: _each((_C, _O), _MUN) | {(_A, _ANY)},
    Action.LOSS_REPORT: _each((_C, _O), _ISS, _MUN),
    Action.LOSS_REPLACE: _OFFICE_OFFICER,
    Action.CASE_VIEW: _each(_WORKERS, _ISS, _MUN) | {(_A, _ANY)},
    Action.CASE_NOTE: _each((_C, _O), _ISS, _MUN),
    Action.CASE_CLOSE: _OFFICE_OFFICER,
    # Recorded of whoever named a lost serial; nobody is asked for this right.
    Action.BLANK_SIGHTED: _each(_WORKERS, _ANY),
    Action.SIGHTING_VIEW: _OFFICE | {(_A, _ANY)},
    Action.SIGHTING_ACKNOWLEDGE: _OFFICE,
    Action.STOCKTAKE_VIEW: _each(_WORKERS, _ISS, _MUN) | {(_A, _ANY)},
    Action.STOCKTAKE_COUNT: _each((_C, _O), _ISS, _MUN),
    Action.STOCKTAKE_CONFIRM: _each((_O,), _ISS, _MUN),
    Action.STOCKTAKE_POLICY_SET: _OFFICE_OFFICER,
    Action.CERTIFICATE_VIEW: _each(_WORKERS, _REP, _SUP, _ISS, _APP, _EMB, _MUN) | {(_A, _ANY)},
    Action.CERTIFICATE_FILL: _grants((_C, _ISS)),
    Action.CERTIFICATE_SPOIL: _grants((_C, _ISS)),
    Action.CERTIFICATE_SEAL: _grants((_O, _ISS)),
    Action.CERTIFICATE_EMBOSS: _grants((_E, _EMB)),
    Action.CERTIFICATE_ISSUE: _each((_C, _O), _ISS),
    Action.CERTIFICATE_PRINT: _grants((_C, _ISS)),
    Action.PRINT_JOB_VIEW: _each(_WORKERS, _ISS, _MUN) | {(_A, _ANY)},
    Action.PRINT_JOB_START: _grants((_C, _ISS)),
    Action.PRINT_JOB_PREPARE: _grants((_C, _ISS)),
    Action.PRINT_JOB_LOAD: _grants((_C, _ISS)),
    Action.PRINT_JOB_RECUT: _grants((_C, _ISS)),
    Action.PRINT_JOB_CONFIRM: _grants((_C, _ISS)),
    Action.PRINT_JOB_CANCEL: _grants((_C, _ISS)),
    Action.PRINT_POLICY_SET: _OFFICE_OFFICER,
    Action.FILLED_OTHERWISE_STATE: _grants((_C, _ISS)),
    # Where the holder works, the unit that handles it, the department above, who approved.
    Action.REISSUE_VIEW: _each(_WORKERS, _REP, _SUP, _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.REISSUE_APPLY: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_AMEND: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_ADD_EVIDENCE: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_VIEW_EVIDENCE: _each((_C, _O), _REP, _SUP, _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.REISSUE_SUBMIT: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_WITHDRAW: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_FOUND: _each((_C, _O), _REP, _ISS),
    Action.REISSUE_EXPIRE: _OFFICE_OFFICER,
    Action.REISSUE_ACCEPT: _each((_C, _O), _ISS),
    Action.REISSUE_ACCEPT_LOSS: _each((_C, _O), _ISS),
    Action.REISSUE_RETURN: _each((_C, _O), _ISS, _MUN),
    Action.REISSUE_REFUSE: _grants((_O, _ISS), (_O, _MUN)),
    # A work unit's clerk signs for it: many have no other account. Officers sign the others.
    Action.REISSUE_OPINE: _grants((_C, _REP), (_O, _REP), (_O, _SUP), (_O, _APP)),
    Action.REISSUE_RECORD_OPINION: _each((_C, _O), _ISS),
    Action.REISSUE_DECIDE_MATCH: _OFFICE_OFFICER,
    Action.REISSUE_HAND_IN: _each((_C, _O), _ISS),
    Action.REISSUE_DISPOSE: _each((_C, _O), _ISS),
    Action.REISSUE_HAND_OUT: _OFFICE,
    Action.REISSUE_TAKE_BACK: _OFFICE,
    Action.REISSUE_NUMBER: _each((_C, _O), _ISS),
    Action.REISSUE_EXCHANGE: _OFFICE_OFFICER,
    # Recorded when the new certificate is issued; whoever may issue it does this too.
    Action.REISSUE_COMPLETE: _each((_C, _O), _ISS),
    Action.REISSUE_DEADLINE_SET: _OFFICE_OFFICER,
    Action.VOID_CERTIFICATE_SIGHTED: _each(_WORKERS, _ANY),
    Action.CERTIFICATE_REVOKE: _OFFICE_OFFICER,
    Action.REVOCATION_VIEW: _OFFICE | {(_A, _ANY)},
    Action.TRANSFER_VIEW: _each(_WORKERS, _ISS, _EMB, _MUN) | {(_A, _ANY)},
    Action.TRANSFER_MAKE: _each((_C, _O), _ISS),
    Action.TRANSFER_SEND: _each((_C, _O), _ISS),
    Action.TRANSFER_CANCEL: _each((_C, _O), _ISS),
    Action.TRANSFER_RECEIVE: _each((_C, _E), _EMB),
    Action.TRANSFER_RETURN: _each((_C, _E), _EMB),
    Action.TRANSFER_TAKE_BACK: _each((_C, _O), _ISS),
    Action.ISSUE_AGENT_NAME: _each((_C, _O), _ISS),
    # Written by the issue itself; nobody is asked for this right.
    Action.ISSUE_RECORD_WRITE: _each((_C, _O), _ISS),
    Action.ISSUE_RECORD_VIEW: _each((_C, _O), _ISS, _MUN) | {(_A, _ANY)},
    Action.SIGNATURE_LIST_PRINT: _each((_C, _O), _ISS),
    Action.SIGNATURE_LIST_ATTACH: _each((_C, _O), _ISS),
    Action.PHOTO_VIEW: _each(_WORKERS, _REP, _SUP, _ISS, _MUN) | {(_A, _ANY)},
    Action.PHOTO_ADD: _grants((_C, _REP), (_C, _ISS)),
    Action.PHOTO_REMOVE: _grants((_C, _REP), (_C, _ISS)),
    Action.ELECTRONIC_VIEW: _each(_WORKERS, _REP, _SUP, _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.ELECTRONIC_MAKE: _each((_C, _O), _APP, _MUN),
    Action.ELECTRONIC_DOWNLOAD: _each((_C, _O), _REP, _SUP, _ISS, _APP, _MUN),
    # Recorded of a holder, who has no account; nobody is asked for this right.
    Action.ELECTRONIC_HOLDER_DOWNLOAD: _each((_C, _O), _ANY),
    Action.SEAL_VIEW: _OFFICE | {(_A, _ANY)},
    Action.SIGNING_KEY_VIEW: _OFFICE | {(_A, _ANY)},
    Action.SIGNING_KEY_GENERATE: _OFFICE_OFFICER,
    Action.SIGNING_KEY_ROTATE: _OFFICE_OFFICER,
    Action.SIGNING_KEY_RETIRE: _OFFICE_OFFICER,
    Action.SIGNING_KEY_REVOKE: _OFFICE_OFFICER,
    # A key speaks for an organisation: its own officer answers for it (the actions see to that),
    # and the office may end it.
    Action.API_KEY_VIEW: _grants((_O, _REP), (_O, _EMP), (_O, _MUN), (_A, _ANY)),
    Action.API_KEY_CREATE: _grants((_O, _REP), (_O, _EMP), (_O, _MUN)),
    Action.API_KEY_ROTATE: _grants((_O, _REP), (_O, _EMP), (_O, _MUN)),
    Action.API_KEY_REVOKE: _grants((_O, _REP), (_O, _EMP), (_O, _MUN)),
    Action.WEBHOOK_VIEW: _grants((_O, _REP), (_O, _MUN), (_A, _ANY)),
    Action.WEBHOOK_SUBSCRIBE: _grants((_O, _REP), (_O, _MUN)),
    Action.WEBHOOK_END: _grants((_O, _REP), (_O, _MUN)),
    Action.WEBHOOK_REDELIVER: _grants((_O, _REP), (_O, _MUN)),
    Action.LAYOUT_VIEW: _OFFICE | {(_A, _ANY)},
    Action.LAYOUT_DRAFT: _OFFICE,
    Action.LAYOUT_PUT_IN_USE: _OFFICE_OFFICER,
    Action.LAYOUT_DISCARD: _OFFICE,
    Action.PRINTER_VIEW: _each((_C, _O), _ISS, _MUN) | {(_A, _ANY)},
    Action.PRINTER_ADD: _each((_C, _O), _ISS),
    Action.PRINTER_RENAME: _each((_C, _O), _ISS),
    Action.PRINTER_CALIBRATE: _each((_C, _O), _ISS),
    Action.PRINTER_RETIRE: _each((_C, _O), _ISS),
    Action.SELF_ISSUED_VIEW: _each((_C, _O), _REP, _MUN) | {(_A, _ANY)},
    Action.SELF_ISSUED_REPORT: _UNIT_CLERK,
    Action.SELF_ISSUED_ACCEPT: _OFFICE_OFFICER,
    Action.SELF_ISSUED_RETURN: _OFFICE_OFFICER,
    Action.SELF_ISSUED_WITHDRAW: _each((_C, _O), _REP),
    # Every organisation employs people, and an employer may do nothing else.
    Action.BATCH_VERIFY: _each((_C, _O), _EMP),
    Action.BATCH_VIEW: _each((_C, _O), _EMP, _MUN) | {(_A, _ANY)},
    Action.LEGACY_IMPORT: _OFFICE_OFFICER,
    Action.LEDGER_VIEW: _OFFICE | {(_A, _ANY)},
    Action.LEDGER_UPLOAD: _OFFICE,
    Action.LEDGER_MAP: _OFFICE,
    Action.LEDGER_DISCARD: _OFFICE,
    Action.LEDGER_TAKE_BACK: _OFFICE_OFFICER,
    Action.HISTORIC_VIEW: _each((_C, _O), _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.HISTORIC_VIEW_EVIDENCE: _each((_C, _O), _ISS, _APP, _MUN) | {(_A, _ANY)},
    # The holder's own steps, who has no account; nobody is asked for these rights.
    Action.HISTORIC_APPLY: _grants((_C, _ISS)),
    Action.HISTORIC_AMEND: _grants((_C, _ISS)),
    Action.HISTORIC_ADD_EVIDENCE: _grants((_C, _ISS)),
    Action.HISTORIC_SUBMIT: _grants((_C, _ISS)),
    Action.HISTORIC_WITHDRAW: _grants((_C, _ISS)),
    Action.HISTORIC_CHECK: _each((_C, _O), _ISS),
    Action.HISTORIC_RETURN: _each((_C, _O), _ISS, _MUN),
    Action.HISTORIC_REFUSE: _OFFICE_OFFICER,
    Action.HISTORIC_ACCEPT: _OFFICE_OFFICER,
    Action.HISTORIC_CERTIFY: _OFFICE_OFFICER,
    Action.SOURCE_CONFLICT_VIEW: _OFFICE | {(_A, _ANY)},
    Action.SOURCE_CONFLICT_DECIDE: _OFFICE_OFFICER,
    Action.SOURCE_DECISION_REVOKE: _OFFICE_OFFICER,
    # Of one's own area alone; beyond the office small groups are hidden.
    Action.STATISTICS_VIEW: _each(_WORKERS, _REP, _SUP, _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.STATISTICS_REPORT: _each((_C, _O), _ISS, _APP, _MUN) | {(_A, _ANY)},
    Action.STATISTICS_VIEW_SAVE: _each((*_WORKERS, _A), _ANY),
    Action.STATISTICS_VIEW_REMOVE: _each((*_WORKERS, _A), _ANY),
    # Recorded of a holder, who has no account, and of the worker; nobody is asked for these rights.
    Action.REPORT_MAKE: _each((_C, _O), _ANY),
    Action.REPORT_RENEW: _each((_C, _O), _ANY),
    Action.REPORT_REVOKE: _each((_C, _O), _ANY),
    Action.REPORT_FORGET: _OFFICE_OFFICER,
    Action.ENUMERATION_VIEW: _OFFICE | {(_A, _ANY)},
    # By the worker, in nobody's name.
    Action.ENUMERATION_RAISE: _OFFICE_OFFICER,
    Action.ENUMERATION_ACKNOWLEDGE: _OFFICE_OFFICER,
    Action.LOOKUP_FORGET: _OFFICE_OFFICER,
    Action.PERSON_UNMASK: _each((_C, _O), _REP, _SUP, _ISS, _MUN) | {(_A, _ANY)},
    Action.LIST_EXPORT: _each((_C, _O, _E, _A, _S), _ANY),
    # The discipline inspector's own records; nobody in the business sees that they are looked at.
    Action.ANOMALY_VIEW: _grants((_A, _ANY)),
    Action.ANOMALY_LOOK: _grants((_A, _ANY)),
    Action.ANOMALY_SET_ASIDE: _grants((_A, _ANY)),
    Action.ANOMALY_POLICY_SET: _grants((_A, _ANY)),
    Action.INQUIRY_VIEW: _grants((_A, _ANY)),
    Action.INQUIRY_OPEN: _grants((_A, _ANY)),
    Action.INQUIRY_JOIN: _grants((_A, _ANY)),
    Action.INQUIRY_NOTE: _grants((_A, _ANY)),
    Action.INQUIRY_CLOSE: _grants((_A, _ANY)),
    Action.SEARCH_BY_ID_NUMBER: _each((_C, _O, _A), _ANY),
    Action.AUDIT_VIEW: _grants((_A, _ANY)),
    Action.AUDIT_VERIFY: _grants((_A, _ANY)),
    # Everybody's own reminders; the messenger is an organisation's, its officer answers for it.
    Action.NOTIFICATION_SET: _each((_C, _O, _E, _A, _S), _ANY),
    Action.NOTIFICATION_ADDRESS: _each((_C, _O, _E, _A, _S), _ANY),
    Action.MESSENGER_VIEW: _grants((_O, _REP), (_O, _MUN), (_A, _ANY), (_S, _ANY)),
    Action.MESSENGER_CONNECT: _grants((_O, _REP), (_O, _MUN), (_S, _ANY)),
    Action.MESSENGER_TEST: _grants((_O, _REP), (_O, _MUN), (_S, _ANY)),
    Action.MESSENGER_END: _grants((_O, _REP), (_O, _MUN), (_S, _ANY)),
    Action.TASK_DEADLINE_SET: _OFFICE_OFFICER,
    Action.WORKDAY_MOVE: _OFFICE_OFFICER,
    Action.SYSTEM_VIEW: _ADMIN | {(_A, _ANY)},
    Action.ORGANIZATION_VIEW: _each((_C, _O, _E, _A, _S), _ANY),
    Action.ORGANIZATION_CREATE: _ADMIN,
    Action.ORGANIZATION_CHANGE: _ADMIN,
    Action.ORGANIZATION_CLOSE: _ADMIN,
    Action.ACCOUNT_VIEW: _ADMIN | {(_A, _ANY)},
    Action.ACCOUNT_CREATE: _ADMIN,
    Action.ACCOUNT_CHANGE: _ADMIN,
    Action.PASSWORD_RESET: _ADMIN,
    Action.PASSWORD_CHANGE: _each((_C, _O, _E, _A, _S), _ANY),
    Action.ACCOUNT_UNLOCK: _ADMIN,
}

# An organisation of kind 用人单位 may do nothing beyond this, whatever its account's role: what
# is granted to everybody else in a role isn't meant for somebody outside the administration.
EMPLOYER_ACTIONS = frozenset(
    {
        Action.BATCH_VERIFY,
        Action.BATCH_VIEW,
        Action.API_KEY_VIEW,
        Action.API_KEY_CREATE,
        Action.API_KEY_ROTATE,
        Action.API_KEY_REVOKE,
        Action.LIST_EXPORT,
        Action.ORGANIZATION_VIEW,
        Action.PASSWORD_CHANGE,
    }
)


def permits(action: Action, role: Role, relations: frozenset[Relation]) -> bool:
    """Whether an account of this role, whose organisation stands so to the object, may act.

    ``relations`` needn't contain ``Relation.ANY``.
    """
    return any(
        granted_role == role and (relation is Relation.ANY or relation in relations)
        for granted_role, relation in PERMISSIONS[action]
    )


def could(action: Action, role: Role, possible: frozenset[Relation]) -> bool:
    """Whether there can be an object on which such an account may act: for menus."""
    return permits(action, role, possible)
