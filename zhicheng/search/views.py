"""One box for everything: by POST alone, so that nothing that was typed stands in an address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from zhicheng.organizations.guard import might
from zhicheng.organizations.permissions import Action
from zhicheng.search import queries
from zhicheng.search.actions import search_by_id_number
from zhicheng.search.readings import syllables
from zhicheng.search.rules import Asked, read
from zhicheng.web.pages import account_of
from zhicheng.web.partial import wants_part


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """What can be searched; by POST what was found, for HTMX the list below the box alone."""
    text = request.POST.get("text", "")[:200]
    asked = read(text, syllables())
    part = wants_part(request)
    context: dict[str, Any] = {
        # An ID number doesn't stand in a page, not even in the one that answers for it.
        "text": "" if asked.id_number else text,
        "asked": request.method == "POST",
        "too_short": asked.nothing,
        "may_by_id_number": might(request.user, Action.SEARCH_BY_ID_NUMBER),
    }
    if request.method == "POST" and not asked.nothing:
        context |= _found(request, asked, typing=part)
    return render(request, "search/_found.html" if part else "search/search.html", context)


def _found(request: HttpRequest, asked: Asked, *, typing: bool) -> dict[str, Any]:
    account = account_of(request)
    if asked.id_number:
        # Typing is no question yet: only who presses the key asks, and is written down.
        if typing:
            return {"wants_enter": True}
        return {"groups": search_by_id_number(actor=account, asked=asked, each=queries.PAGE)}
    kinds = {kind.key: kind for kind in queries.kinds_for(account)}
    kind = kinds.get(request.POST.get("kind", ""))
    if typing or kind is None:
        return {"groups": queries.found(account, asked)}
    given = request.POST.get("page", "1")
    page = min(max(1, int(given) if given.isdigit() and len(given) < 4 else 1), queries.PAGES)
    start = (page - 1) * queries.PAGE
    group = queries.one_kind(account, asked, kind, start=start)
    return {
        "groups": [group] if group.hits or group.narrow else [],
        "kind": kind,
        "page": page,
        "before": page - 1,
        "after": page + 1 if group.more and page < queries.PAGES else 0,
        "narrow": group.more and page == queries.PAGES,
    }
