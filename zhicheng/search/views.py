"""One box for everything: by POST alone, so that nothing that was typed stands in an address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.search import queries
from zhicheng.search.actions import search_by_id_number
from zhicheng.search.readings import syllables
from zhicheng.search.rules import WRONG_LENGTH, Asked, read
from zhicheng.values.id_number import BIRTH_DATE, LENGTH
from zhicheng.web.pages import account_of
from zhicheng.web.partial import wants_part


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """What can be searched; by POST what was found, for HTMX the list below the box alone."""
    text = request.POST.get("text", "")[:200]
    asked = read(text, syllables(), timezone.localdate())
    part = wants_part(request)
    context: dict[str, Any] = {
        "text": text,
        "asked": request.method == "POST",
        "too_short": asked.nothing,
        "may_by_id_number": might(request.user, Action.SEARCH_BY_ID_NUMBER),
        **_findable(account_of(request)),
    }
    if asked.fault:
        context["fault"] = fault_in_words(asked)
    if asked.fault or (asked.id_number and asked.other_number is None):
        # An ID number, also a mistyped one, doesn't stand in a page, not even in the one that
        # answers for it.
        context["text"] = ""
    if request.method == "POST" and not asked.nothing:
        context |= _found(request, asked, typing=part)
    return render(request, "search/_found.html" if part else "search/search.html", context)


def _findable(account: Account) -> dict[str, Any]:
    """What the account can find, for the page that says what to type."""
    kinds = queries.kinds_for(account)
    return {
        "findable": {kind.key for kind in kinds},
        "kinds": "、".join(str(kind.label) for kind in kinds if not kind.sign),
        "numbers": "、".join(f"{kind.label} {kind.sign}" for kind in kinds if kind.sign),
    }


def fault_in_words(asked: Asked) -> str:
    """What is wrong with what is nearly an ID number; nothing of the number itself."""
    if asked.fault == WRONG_LENGTH:
        return _("像是身份证号码，但位数不对：应为 18 位，现为 %(length)d 位。") % {
            "length": asked.figures
        }
    if asked.fault == BIRTH_DATE:
        return _("像是身份证号码，但其中的出生日期不对：第 7 至 14 位应为年月日。")
    return _("像是身份证号码，但校验码不对：至少有一位输错了。")


def _found(request: HttpRequest, asked: Asked, *, typing: bool) -> dict[str, Any]:
    account = account_of(request)
    # Typing is no question yet: only who presses the key asks, and is written down.
    other = asked.other_number
    if asked.id_number and other is None and typing:
        return {"wants_enter": True}
    # What may as well be the number of a certificate is that to whoever may find no people.
    by_person = other is None or might(account, Action.SEARCH_BY_ID_NUMBER)
    pages = other is not None and "kind" in request.POST
    if asked.id_number and by_person and not typing and not pages:
        people = search_by_id_number(actor=account, asked=asked, each=queries.PAGE)
        groups = queries.found_as_number_too(account, asked, people)
        # An ID number doesn't stand in a page, not even in the one that answers for it.
        shown = {} if not people and len(asked.id_number) != LENGTH else {"text": ""}
        return {"groups": groups, **shown}
    asked = other or asked
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
