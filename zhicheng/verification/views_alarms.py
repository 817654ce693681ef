"""Alarms of the public query: a list, one with its evidence, and the office's word on it."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.verification import enumeration
from zhicheng.verification.models import AlarmKind, EnumerationAlarm, Way
from zhicheng.web.forms import cleaned, no_id_number
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

MEANINGS = {
    AlarmKind.ADDRESS: _l(
        "同一来源在一小时内查询了许多人，大多没有查到：可能有人拿着名单试探，也可能是用人单位逐人核对。"
    ),
    AlarmKind.SUBJECT: _l(
        "许多来源在一小时内查询同一个人或同一证书：可能有人在猜其余的内容，也可能是此人受到关注。"
    ),
    AlarmKind.RUN: _l(
        "前段相同的许多号码在一小时内被查询，大多没有查到：像是顺着号码逐个试探。来源可以是很多个。"
    ),
    AlarmKind.SURGE: _l(
        "全部来源合计，十分钟内未查到的次数远多于平时：可能有很多来源一起试探，也可能是外部网站给错了号码。"
    ),
}


def _state(alarm: EnumerationAlarm) -> str:
    return "seen" if alarm.acknowledged_at else "unseen"


def _state_label(alarm: EnumerationAlarm) -> str:
    return _("已确认") if alarm.acknowledged_at else _("待确认")


def _by_state(rows: QuerySet[EnumerationAlarm], value: str) -> QuerySet[EnumerationAlarm]:
    return rows.filter(acknowledged_at__isnull=value == "open")


class Alarms(ListPage):
    """Every alarm, newest first."""

    title = _l("查询枚举预警")
    purpose = _l("公众查询中像是有人成批试探的情形。只记次数、时间和摘要，不记姓名和号码。")
    clause = "N18"
    action = Action.ENUMERATION_VIEW
    columns = (
        Column(
            _l("发现时间"),
            "raised_at",
            sort="raised_at",
            kind="time",
            link=lambda row: reverse("verification:alarm", args=[row.pk]),
        ),
        Column(_l("类型"), "get_kind_display", sort="kind"),
        Column(_l("查询次数"), "questions", sort="questions", kind="number"),
        Column(_l("未查到"), "misses", sort="misses", kind="number"),
        Column(_l("对象数"), "persons", sort="persons", kind="number"),
        Column(_l("来源数"), "addresses", sort="addresses", kind="number"),
        Column(_l("状态"), _state, sort="acknowledged_at", kind="badge", label=_state_label),
        Column(_l("处理说明"), "note"),
        Column(_l("确认人"), "acknowledged_by.display_name"),
    )
    filters = (
        ChoiceFilter(
            "state",
            _l("状态"),
            (("open", _l("待确认")), ("done", _l("已确认"))),
            apply=_by_state,
        ),
        ChoiceFilter("kind", _l("类型"), AlarmKind.choices),
        DateFilter("raised", _l("发现日期"), "raised_at__date"),
    )
    empty_title = _l("没有预警")
    empty_text = _l("公众查询中还没有发现成批试探的情形。")
    export_name = "query-alarms"

    def get_queryset(self) -> QuerySet[EnumerationAlarm]:
        """All: only the office and auditors come here."""
        return EnumerationAlarm.objects.select_related("acknowledged_by")


class NoteForm(forms.Form):
    """What it was and what was done."""

    note = forms.CharField(
        label=_l("处理说明"),
        max_length=500,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_l("核实的情况和采取的措施。"),
    )


@require_safe
@page(Action.ENUMERATION_VIEW)
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """One alarm with its evidence."""
    found = get_object_or_404(EnumerationAlarm.objects.select_related("acknowledged_by"), pk=pk)
    return render(
        request,
        "verification/alarm.html",
        {
            "alarm": found,
            "meaning": MEANINGS[AlarmKind(found.kind)],
            "ways": _ways(found.evidence),
            "times": _times(found.evidence),
            "may_acknowledge": found.acknowledged_at is None
            and may(account_of(request), Action.ENUMERATION_ACKNOWLEDGE),
            "form": NoteForm(),
        },
    )


def _ways(evidence: dict[str, Any]) -> list[tuple[str, int]]:
    return [(str(Way(way).label), count) for way, count in evidence.get("ways", {}).items()]


def _times(evidence: dict[str, Any]) -> list[tuple[datetime, int, int]]:
    return [
        (timezone.localtime(datetime.fromisoformat(began)), questions, misses)
        for began, questions, misses in evidence.get("times", [])
    ]


@require_POST
@page(Action.ENUMERATION_ACKNOWLEDGE)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The office has looked into it."""
    get_object_or_404(EnumerationAlarm, pk=pk)
    note = cleaned(NoteForm(request.POST))["note"]
    enumeration.acknowledge(actor=account_of(request), alarm_id=pk, note=note)
    messages.success(request, _("已确认这条预警。"))
    return redirect("verification:alarm", pk)
