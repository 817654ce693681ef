"""Blanks that wait, several registers at once; alarms, several at once (N5, N18)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.blanks import actions
from zhicheng.blanks.alarms import acknowledge
from zhicheng.blanks.case_forms import AcknowledgeForm
from zhicheng.blanks.forms import HandOverForm
from zhicheng.blanks.models import Allotment, AllotmentState, Sighting
from zhicheng.blanks.queries import allotments, cases
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.web.lists import Column
from zhicheng.web.queues import Operation, Outcome, QueuePage, one_by_one, refused


def _name(register: Register) -> tuple[str, str]:
    return of_registers.named(register, register.issuing_unit, "blanks:allotment")


def _told(register: Register, done: Sequence[Allotment], text: str) -> Outcome:
    total = sum(item.people + item.spares for item in done)
    spares = sum(item.spares for item in done)
    return Outcome(*_name(register), "done", text % {"total": total, "spares": spares})


def _allot(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    done = actions.allot_register(actor=account, register_id=register.pk)
    return _told(register, done, _("已配发 %(total)d 本，其中备用 %(spares)d 本。"))


def _hand_over(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    done = actions.hand_over(
        actor=account, register_id=register.pk, collected_by=values["collected_by"]
    )
    return _told(register, done, _("已移交 %(total)d 本，其中备用 %(spares)d 本。"))


def _receive(account: Account, register: Register, values: Mapping[str, Any]) -> Outcome:
    done = actions.receive(actor=account, register_id=register.pk)
    return _told(register, done, _("已签收 %(total)d 本，其中备用 %(spares)d 本。"))


class _Registers(QueuePage):
    unit = "issuing_unit"
    progress = ""
    since = ""
    columns: ClassVar = (
        of_registers.number("blanks:allotment"),
        of_registers.REPORTING,
        of_registers.ISSUING,
        of_registers.PEOPLE,
        Column(_l("等候自"), "since", sort="since", kind="time"),
    )

    def named(self, row: Register) -> tuple[str, str]:
        """Number and issuing unit."""
        return _name(row)

    def get_queryset(self) -> QuerySet[Any]:
        """Registers in this state of allotment; a unit's own."""
        rows = allotments.at(allotments.allotments(self.account), self.progress)
        if not sees_all(self.account):
            rows = rows.filter(issuing_unit=self.account.organization_id)
        return rows.annotate(since=F(self.since))


class ToAllot(_Registers):
    """Accepted registers without blanks."""

    key = "allotment.allot"
    title = _l("成批配发空白证书")
    purpose = _l("已受理、等配发的登记表，按受理先后；系统按人数加备用取库存中最小的编号。")
    clause = "N5"
    action = Action.ALLOTMENT_ALLOT
    progress, since = allotments.TO_ALLOT, "accepted_at"
    operations: ClassVar = (
        Operation(
            "allot",
            _l("配发"),
            _l("将为下列登记表逐份配发空白证书和备用证书；库存不够的那一份不配发。"),
            Action.ALLOTMENT_ALLOT,
            one_by_one(_allot, _name),
        ),
    )


class ToHandOver(_Registers):
    """Allotted blanks that wait for their collector."""

    key = "allotment.hand_over"
    title = _l("成批移交空白证书")
    purpose = _l("同一领取人一次领走几份登记表的空白证书时，在这里一并移交。")
    clause = "N5"
    action = Action.ALLOTMENT_HAND_OVER
    progress, since = AllotmentState.ALLOTTED.value, "allotted_at"
    operations: ClassVar = (
        Operation(
            "hand_over",
            _l("移交"),
            _l("下列登记表的空白证书由同一人领走。请双方在各份交接单上签字。"),
            Action.ALLOTMENT_HAND_OVER,
            one_by_one(_hand_over, _name),
            form=HandOverForm,
        ),
    )


class ToReceive(_Registers):
    """Blanks handed over that the unit has to confirm."""

    key = "allotment.receive"
    title = _l("成批签收空白证书")
    purpose = _l("已移交、等本单位签收的空白证书；清点无误的可以一并签收，有缺损的请单独签收。")
    clause = "N5"
    action = Action.ALLOTMENT_RECEIVE
    progress, since = AllotmentState.HANDED_OVER.value, "handed_over_at"
    operations: ClassVar = (
        Operation(
            "receive",
            _l("签收"),
            _l("请确认已按交接单逐份清点，全部收到、没有损坏。"),
            Action.ALLOTMENT_RECEIVE,
            one_by_one(_receive, _name),
        ),
    )


def _sighting(sighting: Sighting) -> tuple[str, str]:
    label = f"{'、'.join(sighting.serials[:3])} {sighting.case.number}"
    return label, reverse("blanks:case", args=[sighting.case_id])


def _acknowledge(
    account: Account, rows: Sequence[Sighting], values: Mapping[str, Any]
) -> list[Outcome]:
    try:
        acknowledge(actor=account, sighting_ids=[row.pk for row in rows], text=values["text"])
    except Refusal as refusal:
        return [refused(*_sighting(row), refusal) for row in rows]
    return [Outcome(*_sighting(row), "done", _("已登记处理意见。")) for row in rows]


class Alarms(QueuePage):
    """Blocked serials that turned up."""

    key = "alarm.acknowledge"
    title = _l("成批处理失控证书警报")
    purpose = _l("失控空白证书再次出现的警报；同一情况的可以写同一处理意见。")
    clause = "N18"
    action = Action.SIGHTING_ACKNOWLEDGE
    unit = "organization"
    columns: ClassVar = (
        Column(_l("空白证书编号"), lambda row: "、".join(row.serials[:3]), kind="code"),
        Column(_l("案卷"), "case.number", sort="case__number", kind="code"),
        Column(_l("途径"), "get_channel_display", sort="channel"),
        Column(_l("试图办理"), "attempted"),
        Column(_l("机构"), "organization.name", sort="organization__name"),
        Column(_l("出现时间"), "since", sort="since", kind="time"),
    )
    operations: ClassVar = (
        Operation(
            "acknowledge",
            _l("处理警报"),
            _l("下列警报将登记同一处理意见。"),
            Action.SIGHTING_ACKNOWLEDGE,
            _acknowledge,
            form=AcknowledgeForm,
        ),
    )

    def named(self, row: Sighting) -> tuple[str, str]:
        """Serials and case."""
        return _sighting(row)

    def get_queryset(self) -> QuerySet[Any]:
        """What nobody has looked at."""
        return cases.sightings().filter(acknowledged_at=None).annotate(since=F("seen_at"))

    def units(self) -> list[dict[str, Any]]:
        """Without the public, who belong to no organisation."""
        return [item for item in super().units() if item["pk"]]


QUEUES = (ToAllot, ToHandOver, ToReceive, Alarms)
