"""Which events are told to whom, and in which words: one table.

An event of the audit chain has a subject; whoever stands in the named relation to it and has one
of the roles is told, but for the one who did it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.permissions import Action, Relation, Role
from zhicheng.organizations.sessions import LOCKED, RECOVERY
from zhicheng.web.saying import say
from zhicheng.work.kinds import label_of


class Group(Enum):
    """What can be switched off as one."""

    REGISTER = "register"
    BLANK = "blank"
    CERTIFICATE = "certificate"
    REISSUE = "reissue"
    ALARM = "alarm"
    WORK = "work"
    SAFETY = "safety"

    @property
    def label(self) -> str | Promise:
        """The group's name."""
        return GROUPS[self]


GROUPS: Mapping[Group, str | Promise] = {
    Group.REGISTER: _("登记表"),
    Group.BLANK: _("空白证书"),
    Group.CERTIFICATE: _("证书办理"),
    Group.REISSUE: _("补办换发"),
    Group.ALARM: _("警报与案卷"),
    Group.WORK: _("后台处理"),
    Group.SAFETY: _("账号与系统"),
}
# A reason to mail that is no event: tasks that are overdue, due today or on the next working day.
DUE_TASKS = "due"
# Nobody can switch these off in the product: somebody else may have used the account.
ALWAYS_SHOWN = frozenset({Group.SAFETY})
# Told to whoever did it as well: it may have been somebody else, under their name.
TOLD_TO_THE_DOER = frozenset(
    {
        Action.PASSWORD_CHANGE,
        Action.SECOND_FACTOR_SET_UP,
        Action.SECOND_FACTOR_RENEW_CODES,
        Action.SECOND_FACTOR_TURN_OFF,
        RECOVERY,
    }
)


class Side(Enum):
    """Who is told, where it isn't a relation to the subject."""

    SELF = "self"  # the account that the event is about
    NEXT = "next"  # whose opinion on an application is due
    FIRST = "first"  # who checks first: the endorsing department, else the municipal office


@dataclass(frozen=True)
class Telling:
    """One sentence for one side. ``name`` tells sentences of one event apart.

    ``when``: only if the event's data say so, where one tag stands for several steps.
    """

    name: str
    group: Group
    side: Relation | Side
    roles: tuple[Role, ...]
    text: str | Promise
    when: Callable[[Mapping[str, Any]], bool] | None = None


def _signed_for(data: Mapping[str, Any]) -> bool:
    """The slip itself, and not one certificate that was counted on the way."""
    return "missing" in data


def _counted(data: Mapping[str, Any]) -> bool:
    """The end of a count, and none of its entries."""
    return data.get("step") == "finish"


def _listed_anew(data: Mapping[str, Any]) -> bool:
    """A search that brought something that nobody has looked at."""
    return bool(data.get("new") or data.get("back"))


def _confirmed(data: Mapping[str, Any]) -> bool:
    """A second factor that counts from now on, and no picture that nobody may ever scan."""
    return data.get("step") == "confirm"


def _before_somebody(data: Mapping[str, Any]) -> bool:
    """It lay before somebody; what the public asked for is listed, and would be told every day."""
    return data.get("channel") in ("station", "handed_in")


_C, _O, _E = Role.CLERK, Role.OFFICER, Role.EMBOSSER
_A, _S = Role.AUDITOR, Role.ADMINISTRATOR
_REP, _SUP, _ISS, _EMB = (
    Relation.REPORTING,
    Relation.SUPERVISING,
    Relation.ISSUING,
    Relation.EMBOSSING,
)
_MUN, _ANY = Relation.MUNICIPAL, Relation.ANY

_TO_SIGN = Telling(
    "to_sign", Group.REISSUE, Side.NEXT, (_C, _O), _("补办换发申请 %(what)s 等本单位签署意见")
)

TABLE: Mapping[str, Sequence[Telling]] = {
    Action.APPROVAL_IMPORT: (
        Telling(
            "listed",
            Group.REGISTER,
            _REP,
            (_C,),
            _("核准文件 %(what)s 列有本单位人员，可以办理登记表"),
        ),
    ),
    Action.REGISTER_SUBMIT: (
        Telling(
            "submitted", Group.REGISTER, Side.FIRST, (_O,), _("登记表 %(what)s 已提交，等您办理")
        ),
    ),
    Action.REGISTER_WITHDRAW: (
        Telling("withdrawn", Group.REGISTER, Side.FIRST, (_O,), _("登记表 %(what)s 已由单位撤回")),
    ),
    Action.REGISTER_ENDORSE: (
        Telling("endorsed", Group.REGISTER, _MUN, (_O,), _("登记表 %(what)s 已签章，等您受理")),
        Telling(
            "endorsed_unit", Group.REGISTER, _REP, (_C,), _("登记表 %(what)s 已由主管部门签章")
        ),
    ),
    Action.REGISTER_RETURN_BY_DEPARTMENT: (
        Telling("returned", Group.REGISTER, _REP, (_C,), _("登记表 %(what)s 被退回，请更正")),
    ),
    Action.REGISTER_RETURN: (
        Telling("returned", Group.REGISTER, _REP, (_C,), _("登记表 %(what)s 被退回，请更正")),
    ),
    Action.REGISTER_ACCEPT: (
        Telling("accepted", Group.REGISTER, _REP, (_C,), _("登记表 %(what)s 已受理")),
        Telling("accepted_issuing", Group.REGISTER, _ISS, (_C, _O), _("登记表 %(what)s 已受理")),
        Telling("to_allot", Group.BLANK, _MUN, (_O,), _("登记表 %(what)s 已受理，待配发空白证书")),
    ),
    Action.ALLOTMENT_ALLOT: (
        Telling(
            "allotted",
            Group.BLANK,
            _ISS,
            (_C, _O),
            _("登记表 %(what)s 的空白证书已配发，请来领取"),
        ),
    ),
    Action.ALLOTMENT_HAND_OVER: (
        Telling(
            "handed_over",
            Group.BLANK,
            _ISS,
            (_C, _O),
            _("登记表 %(what)s 的空白证书已移交，请清点签收"),
        ),
    ),
    Action.ALLOTMENT_RECEIVE: (
        Telling("received", Group.BLANK, _MUN, (_O,), _("登记表 %(what)s 的空白证书已签收")),
        Telling("to_fill", Group.CERTIFICATE, _ISS, (_C,), _("登记表 %(what)s 可以填制证书")),
    ),
    Action.SPOILED_EXCHANGE: (
        Telling("exchanged", Group.BLANK, _ISS, (_C,), _("登记表 %(what)s 的废旧证书已换取")),
    ),
    Action.EXCHANGE_REQUEST: (
        Telling("to_exchange", Group.BLANK, _MUN, (_O,), _("登记表 %(what)s 申请换取空白证书")),
    ),
    Action.CERTIFICATE_FILL: (
        Telling("to_seal", Group.CERTIFICATE, _ISS, (_O,), _("%(what)s 的证书已填制，待加盖公章")),
    ),
    Action.CERTIFICATE_EMBOSS: (
        Telling("to_issue", Group.CERTIFICATE, _ISS, (_C, _O), _("%(what)s 的证书已盖钢印")),
    ),
    Action.TRANSFER_SEND: (
        Telling("sent", Group.CERTIFICATE, _EMB, (_C, _E), _("移交单 %(what)s 已送出，请准备签收")),
    ),
    Action.TRANSFER_RECEIVE: (
        Telling(
            "arrived",
            Group.CERTIFICATE,
            _ISS,
            (_C,),
            _("移交单 %(what)s 对方已签收"),
            _signed_for,
        ),
    ),
    Action.TRANSFER_CANCEL: (
        Telling("cancelled", Group.CERTIFICATE, _EMB, (_C, _E), _("移交单 %(what)s 已由单位撤销")),
    ),
    Action.TRANSFER_RETURN: (
        Telling(
            "returning",
            Group.CERTIFICATE,
            _ISS,
            (_C, _O),
            _("移交单 %(what)s 的证书已盖钢印，请领回"),
        ),
    ),
    Action.REISSUE_SUBMIT: (
        Telling("applied", Group.REISSUE, _ISS, (_C, _O), _("补办换发申请 %(what)s 待受理")),
    ),
    Action.REISSUE_ACCEPT: (
        _TO_SIGN,
        Telling("opinions", Group.REISSUE, _REP, (_C, _O), _("补办换发申请 %(what)s 进入签署意见")),
    ),
    Action.REISSUE_OPINE: (
        _TO_SIGN,
        Telling("opined", Group.REISSUE, _ISS, (_C, _O), _("补办换发申请 %(what)s 有新的意见")),
    ),
    Action.REISSUE_RETURN: (
        Telling("reissue_returned", Group.REISSUE, _ISS, (_C,), _("补办换发申请 %(what)s 被退回")),
    ),
    Action.REISSUE_REFUSE: (
        Telling("reissue_refused", Group.REISSUE, _ISS, (_C,), _("补办换发申请 %(what)s 不予办理")),
    ),
    Action.REISSUE_HAND_OUT: (
        Telling(
            "reissue_blank", Group.REISSUE, _ISS, (_C,), _("补办换发申请 %(what)s 已领到空白证书")
        ),
    ),
    Action.REISSUE_FOUND: (
        Telling("found", Group.REISSUE, _ISS, (_C, _O), _("补办换发申请 %(what)s：原证书已找到")),
    ),
    Action.REISSUE_WITHDRAW: (
        Telling(
            "reissue_withdrawn", Group.REISSUE, _ISS, (_C, _O), _("补办换发申请 %(what)s 已撤回")
        ),
    ),
    Action.REISSUE_TAKE_BACK: (
        Telling(
            "reissue_taken_back",
            Group.REISSUE,
            _ISS,
            (_C,),
            _("补办换发申请 %(what)s 的空白证书已交回市职改办"),
        ),
    ),
    Action.CERTIFICATE_REVOKE: (
        Telling("revoked", Group.CERTIFICATE, _ISS, (_C, _O), _("证书 %(what)s 已被市职改办撤销")),
        Telling(
            "revoked_holder",
            Group.CERTIFICATE,
            _REP,
            (_C, _O),
            _("本单位人员的证书 %(what)s 已被市职改办撤销"),
        ),
    ),
    Action.VOID_CERTIFICATE_SIGHTED: (
        Telling(
            "void_sighted",
            Group.ALARM,
            _MUN,
            (_O,),
            _("作废或报失的证书再次出现，补办换发申请 %(what)s"),
            _before_somebody,
        ),
        Telling(
            "void_sighted_auditor",
            Group.ALARM,
            _ANY,
            (_A,),
            _("作废或报失的证书再次出现，补办换发申请 %(what)s"),
            _before_somebody,
        ),
    ),
    Action.SELF_ISSUED_REPORT: (
        Telling(
            "self_issued", Group.CERTIFICATE, _MUN, (_O,), _("自主发放证书报送 %(what)s 待收录")
        ),
    ),
    Action.SELF_ISSUED_ACCEPT: (
        Telling(
            "self_issued_accepted",
            Group.CERTIFICATE,
            _REP,
            (_C, _O),
            _("自主发放证书报送 %(what)s 已收录"),
        ),
    ),
    Action.SELF_ISSUED_RETURN: (
        Telling(
            "self_issued_returned",
            Group.CERTIFICATE,
            _REP,
            (_C, _O),
            _("自主发放证书报送 %(what)s 被退回，请更正"),
        ),
    ),
    Action.HISTORIC_SUBMIT: (
        Telling("historic", Group.CERTIFICATE, _ISS, (_C, _O), _("历史证书登记 %(what)s 待核对")),
    ),
    Action.HISTORIC_CHECK: (
        Telling(
            "historic_checked",
            Group.CERTIFICATE,
            _MUN,
            (_O,),
            _("历史证书登记 %(what)s 已核对，等您审核"),
        ),
    ),
    Action.HISTORIC_RETURN: (
        Telling(
            "historic_returned",
            Group.CERTIFICATE,
            _ISS,
            (_C, _O),
            _("历史证书登记 %(what)s 被退回补正"),
        ),
    ),
    Action.HISTORIC_REFUSE: (
        Telling(
            "historic_refused",
            Group.CERTIFICATE,
            _ISS,
            (_C, _O),
            _("历史证书登记 %(what)s 不予登记"),
        ),
    ),
    Action.BLANK_SIGHTED: (
        Telling("alarm", Group.ALARM, _MUN, (_C, _O), _("失控空白证书再次出现，案卷 %(what)s")),
        Telling(
            "alarm_auditor", Group.ALARM, _ANY, (_A,), _("失控空白证书再次出现，案卷 %(what)s")
        ),
    ),
    Action.LOSS_REPORT: (
        Telling("loss", Group.ALARM, _MUN, (_O,), _("有空白证书遗失，案卷 %(what)s")),
        Telling("loss_auditor", Group.ALARM, _ANY, (_A,), _("有空白证书遗失，案卷 %(what)s")),
    ),
    Action.CASE_CLOSE: (
        Telling("case_closed", Group.ALARM, _ISS, (_C, _O), _("案卷 %(what)s 已结案")),
    ),
    Action.LOSS_REPLACE: (
        Telling("replaced", Group.BLANK, _ISS, (_C,), _("案卷 %(what)s 已补发空白证书")),
    ),
    Action.DESTRUCTION_PROPOSE: (
        Telling(
            "to_destroy", Group.BLANK, _MUN, (_O,), _("%(what)s 本废旧证书提请销毁，等您监督销毁")
        ),
    ),
    Action.STOCKTAKE_COUNT: (
        Telling(
            "counted", Group.BLANK, _ISS, (_O,), _("盘点 %(what)s 已清点，等您监盘确认"), _counted
        ),
    ),
    Action.STOCKTAKE_CONFIRM: (
        Telling("count_confirmed", Group.BLANK, _MUN, (_O,), _("盘点 %(what)s 已监盘确认")),
        Telling("count_confirmed_auditor", Group.BLANK, _ANY, (_A,), _("盘点 %(what)s 已监盘确认")),
    ),
    Action.ENUMERATION_RAISE: (
        Telling("enumeration", Group.ALARM, _MUN, (_O,), _("有新的查询枚举预警，请查看")),
        Telling("enumeration_auditor", Group.ALARM, _ANY, (_A,), _("有新的查询枚举预警，请查看")),
    ),
    Action.ANOMALY_LOOK: (
        Telling(
            "anomalies", Group.ALARM, _ANY, (_A,), _("有新列出的异常线索，请查看"), _listed_anew
        ),
    ),
    Action.ACCOUNT_CREATE: (
        Telling(
            "account_new",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("账号已开通，请修改初始密码"),
        ),
    ),
    Action.PASSWORD_RESET: (
        Telling("password", Group.SAFETY, Side.SELF, tuple(Role), _("管理员重置了您的密码")),
    ),
    Action.PASSWORD_CHANGE: (
        Telling(
            "password_own",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("您的密码已修改；如果不是您本人修改的，请立即联系系统管理员"),
        ),
    ),
    Action.ACCOUNT_CHANGE: (
        Telling("account", Group.SAFETY, Side.SELF, tuple(Role), _("管理员修改了您的账号")),
    ),
    Action.SECOND_FACTOR_SET_UP: (
        Telling(
            "factor_on",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("您的账号启用或更换了两步验证；如果不是您本人办理的，请立即联系系统管理员"),
            _confirmed,
        ),
    ),
    Action.SECOND_FACTOR_RENEW_CODES: (
        Telling(
            "factor_codes",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("您的恢复码已重新生成；如果不是您本人办理的，请立即联系系统管理员"),
        ),
    ),
    Action.SECOND_FACTOR_TURN_OFF: (
        Telling(
            "factor_off",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("您的账号停用了两步验证；如果不是您本人办理的，请立即联系系统管理员"),
        ),
    ),
    Action.SECOND_FACTOR_TAKE_AWAY: (
        Telling(
            "factor_taken",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("管理员解除了您的两步验证，请重新设置"),
        ),
    ),
    RECOVERY: (
        Telling(
            "recovery_used",
            Group.SAFETY,
            Side.SELF,
            tuple(Role),
            _("您的账号用了一个恢复码；如果不是您本人使用的，请立即修改密码并联系系统管理员"),
        ),
    ),
    Action.SESSION_END_OF_OTHERS: (
        Telling("logins_ended", Group.SAFETY, Side.SELF, tuple(Role), _("管理员退出了您的登录")),
    ),
    LOCKED: (
        Telling(
            "locked", Group.SAFETY, _ANY, (_S,), _("账号 %(what)s 因多次输错密码或验证码被锁定")
        ),
    ),
    # Not of the chain: see making.py.
    "proof": (
        Telling("proof", Group.SAFETY, _ANY, (_A, _S), _("%(what)s验证发现问题，请立即查看")),
    ),
    "work": (
        Telling("work_done", Group.WORK, Side.SELF, tuple(Role), _("%(what)s：已完成")),
        Telling(
            "work_refused", Group.WORK, Side.SELF, tuple(Role), _("%(what)s：没有办理，请看原因")
        ),
    ),
}

TELLINGS: Mapping[str, Telling] = {
    telling.name: telling for tellings in TABLE.values() for telling in tellings
}


def text_of(name: str, what: str) -> str:
    """What happened, in the language of the moment."""
    telling = TELLINGS.get(name)
    if telling is None:
        return what
    if name == "proof":
        what = say(what)
    elif telling.group is Group.WORK:
        what = say(label_of(what))  # the kind's key; rows of before hold its Chinese name
    return str(telling.text) % {"what": what}
