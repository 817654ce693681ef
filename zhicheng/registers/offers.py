"""What an account can do with a register right now: the buttons of its page.

They come from the lifecycle and the permission table, so no page decides anything by itself; what
is due but can't be done yet is shown with the reason why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import lifecycle
from zhicheng.registers.models import EDITABLE, Register, RegisterState


@dataclass(frozen=True)
class Offer:
    """A button: what it does, what happens then, and what it needs before."""

    key: str
    label: str
    icon: str
    url: str
    question: str
    consequence: str
    now: str = ""
    clause: str = ""
    primary: bool = False
    needs_reason: bool = False
    blocked: str = ""


def offers(account: Account, register: Register, office: str) -> list[Offer]:
    """The buttons in the order in which they are shown."""
    found = []
    for transition in lifecycle.of(register).allowed(register.state):
        make = _OFFERS.get(Action(transition.action))
        if make is not None and may(account, Action(transition.action), register):
            found.append(make(register, office))
    return sorted(found, key=lambda offer: not offer.primary)


def can_edit(account: Account, register: Register) -> bool:
    """Whether the account may correct cells now."""
    return register.state in EDITABLE and may(account, Action.REGISTER_CORRECT, register)


def can_replace(account: Account, register: Register) -> bool:
    """Whether the account may upload the file again."""
    return register.state in EDITABLE and may(account, Action.REGISTER_REPLACE, register)


def can_number(account: Account, register: Register) -> bool:
    """Whether the account may ask for certificate numbers now."""
    return register.state in EDITABLE and may(account, Action.NUMBERS_ASSIGN, register)


def _url(name: str, register: Register) -> str:
    return reverse(f"registers:{name}", args=[register.pk])


def _submit(register: Register, office: str) -> Offer:
    blocked = ""
    if register.error_count:
        blocked = ngettext(
            "还有 %(count)d 处错误，更正后才能提交。",
            "还有 %(count)d 处错误，更正后才能提交。",
            register.error_count,
        ) % {"count": register.error_count}
    elif not register.row_count:
        blocked = _("登记表中没有人员，不能提交。")
    return Offer(
        "submit",
        _("提交"),
        "arrow-right",
        _url("submit", register),
        _("提交这份登记表？"),
        _("提交后不能再更正；下一步由%(who)s%(what)s。")
        % {
            "who": register.endorser.name if register.endorser else office,
            "what": _("签章") if register.endorser else _("受理"),
        },
        now=_("核对无误后提交，由%(who)s%(what)s。")
        % {
            "who": register.endorser.name if register.endorser else office,
            "what": _("签章") if register.endorser else _("受理"),
        },
        clause="N3",
        primary=True,
        blocked=blocked,
    )


def _withdraw(register: Register, office: str) -> Offer:
    return Offer(
        "withdraw",
        _("撤回"),
        "x",
        _url("withdraw", register),
        _("撤回这份登记表？"),
        _("撤回后登记表回到填报中，可以继续更正，并须重新提交。"),
    )


def _endorse(register: Register, office: str) -> Offer:
    return Offer(
        "endorse",
        _("签章"),
        "rubber-stamp",
        _url("endorse", register),
        _("为这份登记表签章？"),
        _("签章表示主管部门已审核并同意报送；下一步由%(who)s受理。") % {"who": office},
        now=_("请审核名单，同意后签章，再由%(who)s受理。") % {"who": office},
        clause="N3",
        primary=True,
    )


def _accept(register: Register, office: str) -> Offer:
    return Offer(
        "accept",
        _("受理"),
        "circle-check",
        _url("accept", register),
        _("受理这份登记表？"),
        _(
            "受理时将按核准文件重新核对全部 %(count)d 人。受理后登记表内容不能再更改，"
            "空白证书按此表配发。"
        )
        % {"count": register.row_count},
        now=_("请核对纸质件和名单后受理；受理时系统再次核对全部 %(count)d 人。")
        % {"count": register.row_count},
        clause="N6",
        primary=True,
    )


def _return(register: Register, office: str) -> Offer:
    return Offer(
        "return",
        _("退回"),
        "circle-x",
        _url("return", register),
        _("退回这份登记表？"),
        _("退回后由%(who)s更正并重新提交。") % {"who": register.reporting_unit.name},
        clause="N6",
        needs_reason=True,
    )


_OFFERS: dict[Action, Callable[[Register, str], Offer]] = {
    Action.REGISTER_SUBMIT: _submit,
    Action.REGISTER_WITHDRAW: _withdraw,
    Action.REGISTER_ENDORSE: _endorse,
    Action.REGISTER_ACCEPT: _accept,
    Action.REGISTER_RETURN: _return,
    Action.REGISTER_RETURN_BY_DEPARTMENT: _return,
}


def what_now(register: Register, office: str, due: Sequence[Offer]) -> str:
    """One sentence: what happens next and who does it."""
    primary = next((offer for offer in due if offer.primary), None)
    if primary is not None:
        return primary.blocked or primary.now
    endorser = register.endorser.name if register.endorser else office
    return {
        RegisterState.DRAFT: _("由%(who)s更正后提交。") % {"who": register.reporting_unit.name},
        RegisterState.RETURNED: _("由%(who)s按退回原因更正后重新提交。")
        % {"who": register.reporting_unit.name},
        RegisterState.ENDORSING: _("等待%(who)s签章。") % {"who": endorser},
        RegisterState.FILED: _("等待%(who)s受理。") % {"who": office},
        RegisterState.ACCEPTED: _("已受理，名单不再更改；证书按此名单办理。"),
    }[RegisterState(register.state)]
