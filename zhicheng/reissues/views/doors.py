"""Two doors to the same application: the holder's, by receipt and ID number, and the clerk's.

Behind either the same pages change a draft; the door knows who acts and which addresses lead on.

Receipt number and ID number open the page of progress and nothing else: receipt numbers count up,
and whoever found a lost certificate reads the ID number from it. The rest (what was entered, the
papers, withdrawing, "found again") asks for the telephone number of the application, once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.permissions import Action
from zhicheng.reissues.applicants import Applicant, By, by_may
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.queries import visible_to
from zhicheng.web.pages import account_of, page

KEY = "reissue"  # in the session: which application, until when, how far
SECONDS = 30 * 60
PAGES = (
    "draft", "details", "correct", "leave", "upload", "confirm", "submit", "status", "receipt",
    "form", "withdraw", "found",
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """An application, who came in, through which door, and how far (``whole``)."""

    reissue: Reissue
    actor: By
    public: bool
    whole: bool = True

    @property
    def base(self) -> str:
        """The template that frames the pages."""
        return "reissues/public/base.html" if self.public else "reissues/base.html"

    def url(self, name: str, *more: Any) -> str:
        """The address of a page behind this door."""
        key: Any = self.reissue.receipt_number if self.public else self.reissue.pk
        return reverse(f"reissues:{'my_' if self.public else ''}{name}", args=[key, *more])

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the pages behind this door that need nothing more."""
        names = [*PAGES, *(("leave_page", "telephone") if self.public else ())]
        return {name: self.url(name) for name in names}

    def may(self, action: Action) -> bool:
        """For buttons."""
        return by_may(self.actor, action, self.reissue)


View = Callable[..., HttpResponseBase]


def let_in(request: HttpRequest, reissue: Reissue, *, whole: bool = False) -> None:
    """Remembers that this visitor proved to be the holder: for half an hour from the last page.

    ``whole``: began the application just now, or knows its telephone number.
    """
    until = int(time.time()) + SECONDS
    request.session[KEY] = {"id": reissue.pk, "until": until, "whole": whole}


def _known(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] = request.session.get(KEY) or {}
    return known if known.get("until", 0) > time.time() else {}


def is_whole(request: HttpRequest, reissue: Reissue) -> bool:
    """Whether this visitor has the whole application open."""
    known = _known(request)
    return known.get("id") == reissue.pk and bool(known.get("whole"))


def let_out(request: HttpRequest) -> None:
    """Forgets it."""
    request.session.pop(KEY, None)


def applicants(view: View, *, progress: bool = False) -> View:
    """A page of the holder's own application; others are asked for receipt and ID number.

    ``progress``: a page for which these are enough; the others want the telephone number, too.
    """

    @wraps(view)
    def asked(request: HttpRequest, number: str, **kwargs: Any) -> HttpResponseBase:
        known = _known(request)
        reissue = None
        if known:
            reissue = (
                Reissue.objects.select_related("unit", "certificate")
                .filter(pk=known["id"], receipt_number=number)
                .first()
            )
        if reissue is None:
            messages.info(request, _("请用受理号和身份证号码打开您的申请。"))
            return redirect("reissues:progress")
        whole = is_whole(request, reissue)
        let_in(request, reissue, whole=whole)
        door = Door(reissue, Applicant(reissue.pk), True, whole)
        if not whole and not progress:
            messages.info(request, _("请先填写申请时登记的联系电话。"))
            return redirect(door.url("status"))
        return view(request, door, **kwargs)

    return asked


def clerks(view: View) -> View:
    """The same page for an account that applies for a holder."""

    @page(Action.REISSUE_APPLY)
    @wraps(view)
    def asked(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        account = account_of(request)
        reissue = get_object_or_404(visible_to(account), pk=pk)
        return view(request, Door(reissue, account, False), **kwargs)

    return asked
