"""The holder's door to the own registration, as with reissues.

Receipt number and ID number open the progress; everything else asks for the telephone number too.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from zhicheng.historic.models import Registration
from zhicheng.historic.registration_rules import tidy_receipt
from zhicheng.protection import blind_index
from zhicheng.values.id_number import person_form, tidy

KEY = "historic"
SECONDS = 30 * 60
View = Callable[..., HttpResponseBase]


def registration_of(receipt: str, id_number: str) -> Registration | None:
    """Whose receipt and ID number these are; hit and miss run the same statement."""
    number = tidy_receipt(receipt)
    person = blind_index(person_form(tidy(id_number)[0]))
    return Registration.objects.filter(receipt_number=number, id_number_index=person).first()


def let_in(request: HttpRequest, registration: Registration, *, whole: bool) -> None:
    """Remembers the visitor for half an hour from the last page."""
    until = int(time.time()) + SECONDS
    request.session[KEY] = {"id": registration.pk, "until": until, "whole": whole}


def is_whole(request: HttpRequest, registration: Registration) -> bool:
    """Whether this visitor began it, or knows its telephone number."""
    known = _known(request)
    return known.get("id") == registration.pk and bool(known.get("whole"))


def let_out(request: HttpRequest) -> None:
    """Forgets the visitor."""
    request.session.pop(KEY, None)


def _known(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] = request.session.get(KEY) or {}
    return known if known.get("until", 0) > time.time() else {}


def holders(view: View, *, progress: bool = False) -> View:
    """A page of the holder's own registration; others are asked for receipt and ID number."""

    @wraps(view)
    def asked(request: HttpRequest, number: str, **kwargs: Any) -> HttpResponseBase:
        known = _known(request)
        registration = (
            Registration.objects.select_related("unit", "certificate")
            .filter(pk=known.get("id", 0), receipt_number=number)
            .first()
        )
        if registration is None:
            messages.info(request, _("请用受理号和身份证号码打开您的登记。"))
            return redirect("historic:progress")
        whole = is_whole(request, registration)
        let_in(request, registration, whole=whole)
        if not whole and not progress:
            messages.info(request, _("请先填写登记时的联系电话。"))
            return redirect("historic:my_status", number)
        return view(request, registration, **kwargs)

    return asked
