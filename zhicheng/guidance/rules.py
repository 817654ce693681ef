"""The steps of the first day, per role: pure data. What an account can't do is left out.

A step is done when the account has done one of its actions (audit events say so), so nobody ticks
anything by hand. ``page`` is the name of the address where it is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhicheng.organizations.permissions import Action, Role
from zhicheng.values.text import shown


@dataclass(frozen=True)
class Step:
    """One thing to do on the first day."""

    key: str
    label: str
    hint: str
    page: str
    actions: tuple[Action, ...]
    clause: str = ""


UPLOAD = Step(
    "register",
    shown("上传登记表"),
    shown("上传填好的附件1（Excel 或 WPS），或者由核准文件直接生成，不用 Excel。"),
    "registers:new",
    (Action.REGISTER_UPLOAD, Action.REGISTER_MAKE),
    "N2",
)
CORRECT = Step(
    "correct",
    shown("改正标出的错误"),
    shown("打开登记表，红色单元格是错误；按 F8 跳到下一处，可以直接采用核准文件的写法。"),
    "registers:list",
    (Action.REGISTER_CORRECT, Action.REGISTER_REPLACE),
    "N6",
)
NUMBERS = Step(
    "numbers",
    shown("分配证书编号"),
    shown("在登记表页面点“分配证书编号”，系统按编号规则连续编号；表中已有编号的不用。"),
    "registers:list",
    (Action.NUMBERS_ASSIGN,),
    "N6",
)
PAPER = Step(
    "paper",
    shown("打印附件1，签字盖章"),
    shown("纸质件每页右下角有二维码，市职改办扫描即知与电子件是否一致。"),
    "registers:list",
    (Action.REGISTER_PRINT,),
    "N4",
)
SUBMIT = Step(
    "submit",
    shown("提交登记表"),
    shown("没有错误才能提交；没有自主管理权限的单位，由主管部门签章后报市职改办。"),
    "registers:list",
    (Action.REGISTER_SUBMIT,),
    "N3",
)
RECEIVE = Step(
    "receive",
    shown("签收空白证书"),
    shown("市职改办受理、配发并移交后，逐段核对编号，在“空白证书·配发”中签收。"),
    "blanks:allotments",
    (Action.ALLOTMENT_RECEIVE,),
    "N5",
)
FILL = Step(
    "fill",
    shown("填制或套打证书"),
    shown("在“证书·按登记表办理”中填制；先登记并校准打印机，再按编号顺序套打。"),
    "certificates:stations",
    (Action.CERTIFICATE_FILL, Action.PRINT_JOB_START),
    "N8",
)
ISSUE = Step(
    "issue",
    shown("发放证书"),
    shown("公章、钢印齐全后，在发放工位扫描证书，核对身份，发给本人或代领人。"),
    "certificates:scan_issue",
    (Action.CERTIFICATE_ISSUE,),
    "N8",
)

STEPS: Mapping[Role, Sequence[Step]] = {
    Role.CLERK: (
        Step(
            "approvals",
            shown("导入核准文件"),
            shown("登记表的每一行都按核准文件核对，所以先导入评审通过人员名单。"),
            "approvals:import",
            (Action.APPROVAL_IMPORT,),
            "N2",
        ),
        UPLOAD,
        CORRECT,
        NUMBERS,
        PAPER,
        SUBMIT,
        Step(
            "check-paper",
            shown("核对纸质登记表"),
            shown("扫描附件1右下角的二维码，系统说出纸上与电子件哪几行不同。"),
            "registers:paper_check",
            (Action.PAPER_CHECK,),
            "N4",
        ),
        Step(
            "hand-over",
            shown("移交空白证书"),
            shown("领取单位来领时，清点编号，双方在交接单上签字后登记移交。"),
            "blanks:allotments",
            (Action.ALLOTMENT_HAND_OVER,),
            "N5",
        ),
        RECEIVE,
        FILL,
        ISSUE,
    ),
    Role.OFFICER: (
        Step(
            "numbering",
            shown("设定证书编号规则"),
            shown("每个发放单位一条规则；没有规则，登记表上要自己填编号。"),
            "registers:numbering_rules",
            (Action.NUMBERING_RULE_SET,),
            "N6",
        ),
        Step(
            "stock",
            shown("印制入库"),
            shown("下达印制单，到货时清点入库；缺少、损坏的当场登记。"),
            "blanks:orders",
            (Action.PRINT_RUN_RECORD, Action.PRINT_ORDER_PLACE),
            "N1",
        ),
        Step(
            "endorse",
            shown("为下属单位签章"),
            shown(
                "没有自主管理权限的单位提交后，在登记表列表中找到“待主管部门签章”的，核对后签章。"
            ),
            "registers:list",
            (Action.REGISTER_ENDORSE,),
            "N3",
        ),
        Step(
            "accept",
            shown("受理登记表"),
            shown("系统再核对一遍全部人员；有不一致的退回并写明理由。"),
            "registers:list",
            (Action.REGISTER_ACCEPT, Action.REGISTER_RETURN),
            "N2",
        ),
        Step(
            "allot",
            shown("配发空白证书"),
            shown("按受理人数加 5% 备用，系统给出编号段；移交时双方签收。"),
            "blanks:allotments",
            (Action.ALLOTMENT_ALLOT,),
            "N5",
        ),
        Step(
            "seal",
            shown("加盖公章"),
            shown("在公章工位逐本扫描；没有填制的证书不能盖章。"),
            "certificates:stations",
            (Action.CERTIFICATE_SEAL,),
            "N8",
        ),
    ),
    Role.EMBOSSER: (
        Step(
            "transfer",
            shown("签收移交单"),
            shown("各单位送来加盖钢印的证书，按移交单逐本扫描签收。"),
            "certificates:transfers",
            (Action.TRANSFER_RECEIVE,),
            "N8",
        ),
        Step(
            "emboss",
            shown("加盖钢印"),
            shown("在钢印工位盖一本、扫一本；高级证书由市职改办，中、初级由资格核准部门。"),
            "certificates:embossing",
            (Action.CERTIFICATE_EMBOSS,),
            "N8",
        ),
        Step(
            "back",
            shown("送还证书"),
            shown("盖好的证书按移交单送还单位。"),
            "certificates:transfers",
            (Action.TRANSFER_RETURN,),
            "N8",
        ),
    ),
    Role.AUDITOR: (
        Step(
            "verify",
            shown("验证审计链"),
            shown("系统逐条重算摘要，任何改动、删除、重排都会列出。"),
            "audit:verify",
            (Action.AUDIT_VERIFY,),
            "N18",
        ),
        Step(
            "reconcile",
            shown("空白证书对账"),
            shown("证明每一本印制的证书此刻只有一个去处，流转与结存相等。"),
            "ledger:reconcile",
            (Action.RECONCILE,),
            "N18",
        ),
        Step(
            "export",
            shown("导出一份列表"),
            shown("任何列表都可以导出 Excel；谁导出了什么，审计中都有记录。"),
            "certificates:list",
            (Action.LIST_EXPORT,),
            "N18",
        ),
    ),
    Role.ADMINISTRATOR: (
        Step(
            "organization",
            shown("建立机构"),
            shown("单位的类别、主管部门和权限决定登记表走哪条路；名称要与核准文件上的写法一致。"),
            "organizations:new",
            (Action.ORGANIZATION_CREATE, Action.ORGANIZATION_CHANGE),
            "N3",
        ),
        Step(
            "account",
            shown("建立账号"),
            shown("一人一号；初始密码只显示一次，请当面交给本人。市职改办至少要有经办人和负责人。"),
            "organizations:new_account",
            (Action.ACCOUNT_CREATE,),
            "N18",
        ),
    ),
}


def steps_of(role: Role, can: frozenset[Action]) -> list[Step]:
    """The steps of a role, without what the account can never do."""
    return [step for step in STEPS[role] if can & set(step.actions)]


def current(steps: Sequence[Step], done: frozenset[str]) -> Step | None:
    """The first step that isn't done; None when the tour is over."""
    return next((step for step in steps if step.key not in done), None)
