"""One blank's whole life, the search for it, and the proof that all blanks are accounted for."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhicheng.blanks.alarms import refuse_blocked
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.forms import SerialSearchForm
from zhicheng.blanks.models import Channel
from zhicheng.blanks.queries import stock
from zhicheng.blanks.queries.cases import cases_of_serial, sightings_of_serial
from zhicheng.blanks.tabs import tabs
from zhicheng.certificates.queries.life import life
from zhicheng.certificates.reconcile import reconcile
from zhicheng.organizations.guard import require, sees_all
from zhicheng.organizations.permissions import Action
from zhicheng.values.serials import LARGEST_SERIAL, SerialRange, format_serial
from zhicheng.web.pages import account_of, page


@require_GET
@page(Action.BLANK_VIEW)
def search(request: HttpRequest) -> HttpResponse:
    """A box for a serial; a known one leads to its page."""
    account = account_of(request)
    form = SerialSearchForm(request.GET or None)
    wanted = ""
    if form.is_bound and form.is_valid():
        serial = form.cleaned_data["q"]
        try:
            refuse_blocked(
                account,
                [SerialRange(serial, serial)],
                channel=Channel.SEARCH,
                attempted=_("编号查询"),
            )
        except SerialBlocked as blocked:
            # The alarm is raised; whoever may see the blank still wants to know its life.
            if life(account, serial) is not None:
                address = reverse("ledger:serial", args=[format_serial(serial)])
                blocked.link = (address, _("查看这本空白证书的去向和案卷"))
            raise
        if life(account, serial) is not None:
            return redirect("ledger:serial", format_serial(serial))
        wanted = format_serial(serial)
    context = {"form": form, "wanted": wanted, "tabs": tabs(account, "serials")}
    return render(request, "certificates/serial_search.html", context)


@require_GET
@page(Action.BLANK_VIEW)
def serial(request: HttpRequest, serial: int) -> HttpResponse:
    """Everything that happened to one blank; 404 for strangers and for what was never printed."""
    account = account_of(request)
    found = life(account, serial) if 0 < serial <= LARGEST_SERIAL else None
    if found is None:
        raise Http404
    context = {
        "life": found,
        "cases": cases_of_serial(account, serial),
        "sightings": sightings_of_serial(account, serial),
        "whole_city": sees_all(account),
        "tabs": tabs(account, "serials"),
    }
    return render(request, "certificates/serial.html", context)


@require_http_methods(["GET", "POST"])
@page(Action.RECONCILE)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Runs ``zhicheng reconcile`` and shows the proof per grade and every exception."""
    account = account_of(request)
    require(account, Action.RECONCILE)
    context: dict[str, Any] = {"tabs": tabs(account, "reconcile"), "columns": stock.COLUMNS}
    if request.method == "POST":
        began = timezone.now()
        report = reconcile()
        context |= {
            "report": report,
            "lines": stock.lines_of(report.stock),
            "at": began,
            "seconds": (timezone.now() - began).total_seconds(),
        }
        if report.passed:
            messages.success(request, _("对账通过：每一本空白证书都有且只有一个去处。"))
    return render(request, "certificates/reconcile.html", context)
