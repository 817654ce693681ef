"""Keeping a table under a name, making it the first, forgetting it."""

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhicheng.organizations.permissions import Action
from zhicheng.statistics import actions
from zhicheng.statistics.models import SavedView
from zhicheng.web.pages import account_of, page


def address_of(view: SavedView) -> str:
    """Where it leads."""
    return reverse(f"statistics:{view.path}") + (f"?{view.query}" if view.query else "")


@require_POST
@page(Action.STATISTICS_VIEW_SAVE)
def save(request: HttpRequest) -> HttpResponseBase:
    """Saves the page at hand."""
    view = actions.save_view(
        actor=account_of(request),
        name=request.POST.get("name", ""),
        path=request.POST.get("path", ""),
        query=request.POST.get("query", ""),
        is_default=request.POST.get("is_default") == "on",
        replace=request.POST.get("replace") == "on",
    )
    messages.success(request, _("已保存视图“%(name)s”。") % {"name": view.name})
    return redirect(address_of(view))


@require_POST
@page(Action.STATISTICS_VIEW_REMOVE)
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Forgets one."""
    try:
        actions.remove_view(actor=account_of(request), view_id=pk)
    except SavedView.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("已删除视图。"))
    return redirect("statistics:overview")
