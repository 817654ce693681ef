"""Where a register stands on its way from the unit's file to the holder's hand.

The first steps are the register's own; those after acceptance belong to the folders below, which
tell them through ``tells_later_steps`` when the server starts, so that nothing here imports them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register, RegisterState

DONE, NOW, TODO = "done", "now", "todo"


@dataclass(frozen=True)
class Step:
    """One step as ``{% steps %}`` shows it: ``state`` is done, now or todo."""

    key: str
    label: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Later:
    """What happens after acceptance: 配发 … 发放, what is due now, and where it is done."""

    steps: Sequence[Step]
    now: str = ""
    url: str = ""
    label: str = ""


Teller = Callable[[Register], Later]
_tellers: list[Teller] = []


def tells_later_steps(teller: Teller) -> Teller:
    """Takes in who tells the steps after acceptance; called once, when the server starts."""
    _tellers[:] = [teller]
    return teller


def journey(register: Register, office: str) -> Later:
    """All steps in order; 主管部门签章 only where the unit has no authority to manage (N3).

    ``office`` is the municipal office's name.
    """
    own = _own_steps(register, office)
    if register.state == RegisterState.ACCEPTED and _tellers:
        later = _tellers[0](register)
        return Later([*own, *later.steps], later.now, later.url, later.label)
    return Later([*own, *_not_begun(register, office)])


def _own_steps(register: Register, office: str) -> list[Step]:
    state = register.state
    filed = state in (RegisterState.FILED, RegisterState.ACCEPTED)
    under_way = filed or state == RegisterState.ENDORSING
    returned = state == RegisterState.RETURNED
    steps = [
        Step(
            "fill",
            _("填报"),
            DONE if under_way else NOW,
            _day(register.submitted_at) if under_way else _("已退回") if returned else "",
        )
    ]
    if register.endorser is not None:
        endorsing = NOW if state == RegisterState.ENDORSING else TODO
        steps.append(
            Step(
                "endorse",
                _("主管部门签章"),
                DONE if filed else endorsing,
                _day(register.endorsed_at) if filed else _short(register.endorser),
            )
        )
    accepted = state == RegisterState.ACCEPTED
    accepting = NOW if filed else TODO
    steps.append(
        Step(
            "accept",
            _("受理"),
            DONE if accepted else accepting,
            _day(register.accepted_at) if accepted else office,
        )
    )
    return steps


def _not_begun(register: Register, office: str) -> list[Step]:
    issuer = _short(register.issuing_unit)
    return [
        Step("allot", _("配发"), TODO, office),
        Step("fill_in", _("填制"), TODO, issuer),
        Step("seal", _("公章"), TODO, issuer),
        Step("emboss", _("钢印"), TODO),
        Step("issue", _("发放"), TODO, issuer),
    ]


def _short(organization: Organization | None) -> str:
    return organization.called if organization else ""


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}" if at else ""
