"""Registers that wait, several at once: 受理, 签章, 退回 (N3, N6, N18)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions, background, queries
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.forms import ReasonForm
from zhicheng.registers.models import Register, RegisterState
from zhicheng.registers.steps import require_step
from zhicheng.web.lists import Column
from zhicheng.web.queues import MOST, Operation, Outcome, QueuePage, one_by_one, refused_as_told
from zhicheng.work.models import Work, WorkState


def _name(register: Register) -> tuple[str, str]:
    return of_registers.named(register, register.reporting_unit, "registers:detail")


def _accept(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    """Every row is checked again, so the worker does it; the outcome is its work's."""
    require_step(account, Action.REGISTER_ACCEPT, register)
    work = background.ask_accept(account, register, most=MOST)
    label, url = _name(register)
    return Outcome(label, url, "running", _("正在重新检查各行。"), follow=str(work.token))


def _follow(account: Account, outcome: Outcome) -> Outcome:
    work = Work.objects.filter(account=account, token=outcome.follow).defer("payload").first()
    if work is None or not work.is_finished:
        return outcome
    if work.state == WorkState.DONE:
        return Outcome(outcome.label, outcome.url, "done", work.result_message)
    return refused_as_told(outcome.label, outcome.url, work.refusal or {})


def _endorse(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    actions.endorse(actor=account, register_id=register.pk)
    return Outcome(*_name(register), "done", _("已签章，由市职改办受理。"))


def _return(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    actions.return_register(actor=account, register_id=register.pk, reason=values["reason"])
    return Outcome(*_name(register), "done", _("已退回填报单位。"))


def _faulty(register: Register) -> str:
    if register.error_count:
        return _("有 %(count)d 处错误，不能受理；请退回填报单位更正。") % {
            "count": register.error_count
        }
    return ""


class _Registers(QueuePage):
    unit = "reporting_unit"
    action = Action.REGISTER_VIEW
    columns: ClassVar = (
        of_registers.number("registers:detail"),
        of_registers.REPORTING,
        of_registers.PEOPLE,
        Column(_l("错误"), "error_count", sort="error_count", kind="number"),
        Column(_l("提示"), "warning_count", sort="warning_count", kind="number"),
        Column(_l("等候自"), "since", sort="since", kind="time"),
    )

    def named(self, row: Register) -> tuple[str, str]:
        """Number and unit."""
        return _name(row)


class ToAccept(_Registers):
    """What units filed with the office."""

    key = "register.accept"
    title = _l("成批受理登记表")
    purpose = _l("已提交、等市职改办受理的登记表，按单位和等候时间筛选；没有错误的可以一并受理。")
    clause = "N6"
    action = Action.REGISTER_ACCEPT
    operations: ClassVar = (
        Operation(
            "accept",
            _l("受理"),
            _l("请核对下列登记表。受理前逐行重新检查；受理后各行不能再改。"),
            Action.REGISTER_ACCEPT,
            one_by_one(_accept, _name),
            follow=_follow,
            unfit=_faulty,
        ),
        Operation(
            "return",
            _l("退回"),
            _l("下列登记表将以同一原因退回填报单位更正。"),
            Action.REGISTER_RETURN,
            one_by_one(_return, _name),
            form=ReasonForm,
            tone="danger",
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """Filed registers, for the office alone."""
        rows = queries.visible(self.account).filter(state=RegisterState.FILED)
        if not self.account.organization.is_municipal_office:
            rows = rows.none()
        return rows.annotate(since=Coalesce("endorsed_at", "submitted_at"))


class ToEndorse(_Registers):
    """What units without authority submitted to their department."""

    key = "register.endorse"
    title = _l("成批签章")
    purpose = _l("下属单位提交、等本部门签章的登记表，可以一并签章或退回。")
    clause = "N3"
    action = Action.REGISTER_ENDORSE
    operations: ClassVar = (
        Operation(
            "endorse",
            _l("签章"),
            _l("请核对下列登记表。签章后送市职改办受理。"),
            Action.REGISTER_ENDORSE,
            one_by_one(_endorse, _name),
        ),
        Operation(
            "return",
            _l("退回"),
            _l("下列登记表将以同一原因退回填报单位更正。"),
            Action.REGISTER_RETURN_BY_DEPARTMENT,
            one_by_one(_return, _name),
            form=ReasonForm,
            tone="danger",
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """Registers that this organisation endorses."""
        rows = queries.visible(self.account)
        return rows.filter(
            state=RegisterState.ENDORSING, endorser=self.account.organization_id
        ).annotate(since=F("submitted_at"))
