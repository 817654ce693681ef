"""Whoever proved to be a certificate's holder, for a quarter of an hour from their last page.

The proof is the name, the whole ID number and the certificate number, all three right. It is what
the notice itself goes by (附件2), it works for paper, old and electronic certificates alike, and
there is no telephone number on file that one could ask back. It is no stronger than name and ID
number, for the public answer to these two tells the third, and others may know them: an
employer's staff office does. So nothing here shows more of the certificate than the public answer
to the same three, trying is limited for each certificate number over all addresses
(``count_holder``), every proof is itself among the look-ups that the holder sees, and the holder
can revoke what somebody else had made.
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
from django.views.decorators.cache import never_cache

from zhicheng.verification.queries import find_by_number
from zhicheng.verification.rules import Record

KEY = "holder"  # in the session: which certificate of whom (the blind index), until when
SECONDS = 15 * 60

View = Callable[..., HttpResponseBase]


def let_in(request: HttpRequest, record: Record) -> None:
    """Remembers which certificate this visitor proved to hold."""
    request.session[KEY] = {
        "number": record.number,
        "name": record.name,
        "person": record.person.hex(),
        "until": int(time.time()) + SECONDS,
    }


def let_out(request: HttpRequest) -> None:
    """Forgets it."""
    request.session.pop(KEY, None)


def holders(view: View) -> View:
    """A page of the holder's own certificate; others are asked for the proof."""

    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        known = request.session.get(KEY) or {}
        found: list[Record] = []
        if known.get("until", 0) > time.time():
            found = [
                record
                for record in find_by_number(known["number"], known["name"])
                if record.person.hex() == known.get("person")
            ]
        if not found:
            let_out(request)
            messages.info(request, _("请先填写姓名、身份证号码和证书编号。"))
            return redirect("verification:holder")
        let_in(request, found[0])
        return view(request, found[0], **kwargs)

    return asked
