"""Void certificates that turned up, and how long each step may take (N12, N18)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions_old
from zhicheng.reissues.deadlines import deadlines as days_on
from zhicheng.reissues.deadlines import history, set_deadline
from zhicheng.reissues.models import Step, VoidSighting
from zhicheng.reissues.queries import visible_to
from zhicheng.reissues.staff_forms import DeadlineForm, SightedForm
from zhicheng.reissues.tabs import tabs
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.VOID_CERTIFICATE_SIGHTED)
def void(request: HttpRequest) -> HttpResponse:
    """A void or lost certificate turned up: recorded here, and what was recorded before."""
    account = account_of(request)
    form = SightedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = actions_old.sighted(actor=account, **form.cleaned_data)
        if made:
            messages.success(request, _("已登记。这本证书已作废或已报失，请收回并交办理单位。"))
            return redirect("reissues:void")
        messages.warning(request, _("这个编号不是已作废或已报失的原证书，没有登记。"))
    known = visible_to(account).order_by().values("pk")
    context = {
        "form": form,
        "sightings": VoidSighting.objects.filter(reissue__in=known).select_related(
            "reissue", "seen_by__organization"
        )[:SHOWN],
        "tabs": tabs(account, "void"),
    }
    return render(request, "reissues/void.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.REISSUE_VIEW)
def deadlines(request: HttpRequest) -> HttpResponse:
    """How long each step may take; the municipal office's officer sets it from a day on."""
    account = account_of(request)
    if request.method == "POST":
        values = cleaned(DeadlineForm(request.POST))
        set_deadline(actor=account, **values)
        messages.success(request, _("已设定办理时限。"))
        return redirect("reissues:deadlines")
    today = timezone.localdate()
    now = days_on(today)
    context = {
        "rows": [(step.label, now[step.value]) for step in Step],
        "history": history(SHOWN),
        "today": today,
        "may_set": may(account, Action.REISSUE_DEADLINE_SET),
        "form": DeadlineForm(),
        "tabs": tabs(account, "deadlines"),
    }
    return render(request, "reissues/deadlines.html", context)
