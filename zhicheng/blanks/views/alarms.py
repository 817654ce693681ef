"""失控证书警报: what a scanner is told, the list of alarms, and that the office has seen them."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zhicheng.blanks import alarms
from zhicheng.blanks.case_forms import AcknowledgeForm
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.models import Channel, Sighting
from zhicheng.blanks.queries import cases as reads
from zhicheng.blanks.tabs import section_of, tabs
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.serials import LARGEST_SERIAL, SerialRange
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page
from zhicheng.web.saying import say


def serial_of(text: str) -> int | None:
    """A scanned text as a serial, if it can be one."""
    code = text.strip()
    if code.isascii() and code.isdecimal() and len(code) <= 12 and 0 < int(code) <= LARGEST_SERIAL:
        return int(code)
    return None


def scanned_elsewhere(account: Account, text: str, where: str) -> JsonResponse:
    """The answer to a scan that the page doesn't know: 404, or 422 when the blank is blocked."""
    serial = serial_of(text)
    try:
        if serial is not None:
            alarms.refuse_blocked(
                account, [SerialRange(serial, serial)], channel=Channel.SCAN, attempted=where
            )
    except SerialBlocked as refusal:
        return blocked_answer(refusal)
    return JsonResponse({}, status=404)


def blocked_answer(refusal: SerialBlocked) -> JsonResponse:
    """What a scanner shows in red."""
    label = f"{refusal.message}{refusal.found}。{refusal.mend}"
    return JsonResponse({"outcome": "blocked", "label": label}, status=422)


@require_POST
@page(Action.BLANK_VIEW)
def scan(request: HttpRequest) -> HttpResponse:
    """Every scanner box asks here for what its own page doesn't show.

    A ``box`` that takes every serial asks only whether the blank is blocked.
    """
    page_before = request.META.get("HTTP_REFERER", "")
    known = url_has_allowed_host_and_scheme(page_before, {request.get_host()})
    where = section_of(urlsplit(page_before).path) if known else ""
    text = request.POST.get("text", "")[:60]
    answer = scanned_elsewhere(account_of(request), text, where)
    if answer.status_code != 404:
        return answer
    return JsonResponse({} if "box" in request.POST else {"outcome": "unknown", "label": text})


def _by_seen(rows: QuerySet[Sighting], value: str) -> QuerySet[Sighting]:
    return rows.filter(acknowledged_at__isnull=value == "no")


class Alarms(ListPage):
    """Every appearance of a lost or written-off blank."""

    title = gettext_lazy("失控证书警报")
    purpose = gettext_lazy("遗失待查或已确认遗失的空白证书，任何时候再出现，都记在这里。")
    clause = "N18"
    template_name = "blanks/alarms.html"
    action = Action.SIGHTING_VIEW
    columns = (
        Column(gettext_lazy("出现时间"), "seen_at", sort="seen_at", kind="time"),
        Column(gettext_lazy("空白证书编号"), lambda row: "、".join(row.serials), kind="code"),
        Column(
            gettext_lazy("案卷"),
            "case.number",
            sort="case__number",
            kind="code",
            link=lambda row: reverse("blanks:case", args=[row.case_id]),
        ),
        Column(gettext_lazy("途径"), "get_channel_display", sort="channel"),
        Column(gettext_lazy("试图办理"), lambda row: say(row.attempted)),
        Column(
            gettext_lazy("人员"),
            lambda row: row.seen_by.display_name if row.seen_by else _("社会公众"),
        ),
        Column(gettext_lazy("单位"), "organization.name", sort="organization__name"),
        Column(
            gettext_lazy("状态"),
            lambda row: "seen" if row.acknowledged_at else "unseen",
            sort="acknowledged_at",
            kind="badge",
            label=lambda row: _("已处理") if row.acknowledged_at else _("待处理"),
        ),
        Column(gettext_lazy("处理意见"), "acknowledgement"),
        Column(gettext_lazy("处理人"), "acknowledged_by.display_name"),
        Column(gettext_lazy("处理时间"), "acknowledged_at", sort="acknowledged_at", kind="time"),
    )
    filters = (
        ChoiceFilter(
            "seen",
            gettext_lazy("状态"),
            (("no", gettext_lazy("待处理")), ("yes", gettext_lazy("已处理"))),
            apply=_by_seen,
        ),
        ChoiceFilter("channel", gettext_lazy("途径"), Channel.choices),
        DateFilter("seen_at", gettext_lazy("出现日期"), "seen_at__date"),
    )
    search_fields = ("case__number", "organization__name", "attempted")
    search_hint = gettext_lazy("案卷编号、单位、试图办理")
    empty_title = gettext_lazy("没有警报")
    empty_text = gettext_lazy("遗失的空白证书还没有在任何地方出现过。")
    export_name = "alarms"

    def get_queryset(self) -> QuerySet[Sighting]:
        """All of them: only the office and auditors come here."""
        require(self.account, Action.SIGHTING_VIEW)
        return reads.sightings()

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and the unseen ones with their button."""
        unseen = reads.sightings().filter(acknowledged_at=None).order_by("seen_at")
        return {
            "tabs": tabs(self.account, "alarms"),
            "unseen": list(unseen[:20]),
            "unseen_count": unseen.count(),
            "may_acknowledge": may(self.account, Action.SIGHTING_ACKNOWLEDGE),
            "acknowledge_form": AcknowledgeForm(),
        }


@require_POST
@page(Action.SIGHTING_ACKNOWLEDGE)
def acknowledge(request: HttpRequest) -> HttpResponse:
    """The office has seen them and says what it did."""
    values = cleaned(AcknowledgeForm(request.POST))
    picked = [int(value) for value in request.POST.getlist("sighting") if value.isdecimal()]
    done = alarms.acknowledge(actor=account_of(request), sighting_ids=picked, text=values["text"])
    messages.success(request, _("已处理警报 %(count)d 条。") % {"count": done})
    return redirect("blanks:alarms")
