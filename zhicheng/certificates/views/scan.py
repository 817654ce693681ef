"""The scanner stations' pages: one input, one answer over the whole panel (N8)."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhicheng.certificates import station_ranges, stations
from zhicheng.certificates.forms import AgentForm
from zhicheng.certificates.issuing import name_agent
from zhicheng.certificates.models import IssueAgent
from zhicheng.certificates.stations import STATIONS, Station
from zhicheng.certificates.tabs import tabs
from zhicheng.files.store import prepare
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page

OTHERS_NAMED = 8


def _station(account: Account, slug: str) -> Station:
    """The station, if the account might work there; others are told who may."""
    station = STATIONS.get(slug)
    if station is None:
        raise Http404
    if not might(account, station.action):
        require(account, station.action)
    return station


def _number(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


@require_GET
@page(Action.CERTIFICATE_VIEW)
def station(request: HttpRequest, slug: str) -> HttpResponse:
    """The station's page; ``?register=`` opens that register's missing ones from the start."""
    account = account_of(request)
    found = _station(account, slug)
    register = _number(request.GET.get("register"))
    opened = stations.progress_of(account, found, [register]) if register else []
    context = {
        "station": found,
        "opened": json.dumps(opened),
        "tabs": tabs(account, f"scan_{slug}"),
        "record_url": reverse("certificates:scan_record", args=[slug]),
        "pile_url": reverse("certificates:scan_pile", args=[slug]),
        "issuing": found.action == Action.CERTIFICATE_ISSUE,
        "agent_form": AgentForm(),
    }
    return render(request, "certificates/scan_station.html", context)


@require_POST
@page(Action.CERTIFICATE_VIEW)
def record(request: HttpRequest, slug: str) -> HttpResponse:
    """One scan: recorded and answered as JSON; also a refusal is an answer, never an error."""
    account = account_of(request)
    answer = stations.scan(
        account,
        _station(account, slug),
        request.POST.get("text", "")[:4001],
        agent_id=_number(request.POST.get("agent")),
        id_checked=request.POST.get("id_checked") == "1",
    )
    return _json(answer.as_json())


def _json(content: dict[str, Any]) -> JsonResponse:
    answer = JsonResponse(content)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@page(Action.CERTIFICATE_VIEW)
def pile(request: HttpRequest, slug: str) -> HttpResponse:
    """A whole pile: what would be recorded, or with the counted number the record itself."""
    account = account_of(request)
    found = _station(account, slug)
    first, last = request.POST.get("first", "")[:60], request.POST.get("last", "")[:60]
    try:
        if "counted" not in request.POST:
            return _json(_previewed(station_ranges.pile(account, found, first, last)))
        done = station_ranges.record_pile(
            actor=account,
            station=found,
            first=first,
            last=last,
            counted=_number(request.POST["counted"]),
            agent_id=_number(request.POST.get("agent")),
        )
    except Refusal as refusal:
        return _json(stations.refused(refusal).as_json())
    registers = sorted({item.register_id for item in done.ready if item.register_id})
    answer = stations.Answer(
        stations.GOOD,
        _("%(done)s %(count)d 本") % {"done": found.done, "count": len(done.ready)},
        "、".join(str(item) for item in done.ranges(done.ready)),
        clause="N8",
    )
    progress = stations.progress_of(account, found, registers)
    return _json({**answer.as_json(), "registers": progress})


def _previewed(found: station_ranges.Pile) -> dict[str, Any]:
    text = _("%(range)s 共 %(all)d 个编号，可以登记 %(ready)d 本。") % {
        "range": str(found.serials),
        "all": len(found.serials),
        "ready": len(found.ready),
    }
    if found.done:
        text += _("已办过 %(count)d 本。") % {"count": len(found.done)}
    if found.other:
        named = "、".join(
            f"{item.number}（{item.get_state_display()}）" for item in found.other[:OTHERS_NAMED]
        )
        text += _("不能登记 %(count)d 本：%(named)s。") % {
            "count": len(found.other),
            "named": named,
        }
    if found.missing:
        text += _("另有 %(count)d 个编号不在本工位。") % {"count": found.missing}
    return {"outcome": "preview", "title": text, "count": len(found.ready)}


@require_GET
@page(Action.CERTIFICATE_VIEW)
def missing(request: HttpRequest, slug: str) -> HttpResponse:
    """A register's certificates that the station still lacks, as a part of the page."""
    account = account_of(request)
    found = _station(account, slug)
    register = _number(request.GET.get("register"))
    lines = stations.missing(account, found, register) if register else []
    return render(
        request, "certificates/_scan_missing.html", {"lines": lines, "register": register}
    )


@require_POST
@page(Action.ISSUE_AGENT_NAME)
def agent(request: HttpRequest) -> HttpResponse:
    """Puts an agent with authorisation on record; answered as JSON."""
    try:
        made = agent_from(request)
    except Refusal as refusal:
        return _json(stations.refused(refusal).as_json())
    return _json(
        {
            "outcome": stations.GOOD,
            "id": made.pk,
            "title": _("代领人 %(name)s（%(relation)s）%(number)s")
            % {
                "name": made.name,
                "relation": made.relation_words,
                "number": made.id_number_masked,
            },
        }
    )


def agent_from(request: HttpRequest) -> IssueAgent:
    """The agent of a posted form, put on record; the file is judged before any lock is held."""
    values = cleaned(AgentForm(request.POST, request.FILES))
    file = values["authorisation"]
    return name_agent(
        actor=account_of(request),
        name=values["agent_name"],
        id_number=values["agent_id_number"],
        relation=values["agent_relation"],
        relation_text=values["agent_relation_text"],
        authorisation=prepare(file.read(), file.name or "") if file else None,
        id_checked=values["agent_id_checked"],
    )
