"""The public query (N7).

Questions come by POST alone, so that no name or ID number ever stands in an address or a log.
"""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhicheng.blanks import alarms
from zhicheng.reference.models import Grade
from zhicheng.reissues.actions_old import seen_in_public
from zhicheng.reissues.models import SightingChannel
from zhicheng.verification.forms import AskForm, NumberForm
from zhicheng.verification.queries import (
    find,
    find_by_number,
    lost_blanks,
)
from zhicheng.verification.rules import GONE, SOURCE_LABELS, STANDINGS, Record
from zhicheng.web.limits import count_question

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """``/``: the form, and the answer when it was sent."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count_question(request)
        data = form.cleaned_data
        asked = (data["name"], data["id_number"], data["number"])
        found = find(*asked)
        return watched(_answer(request, found), *asked, _gone(found))
    return render(request, "verification/ask.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """``/v/<certificate number>``: where a certificate's QR code leads; asks for the name."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count_question(request)
        name = form.cleaned_data["name"]
        found = find_by_number(number, name)
        return watched(_answer(request, found), name, "", number, _gone(found))
    return render(request, "verification/certificate.html", {"form": form, "number": number})


class _Answered(HttpResponse):
    """An answer after which something is done: neither its words nor its time tell of it."""

    def __init__(self, answer: HttpResponse, after: Callable[[], None]) -> None:
        super().__init__(answer.content, content_type=answer.headers["Content-Type"])
        self.after = after

    def close(self) -> None:
        """The server has sent everything."""
        super().close()
        self.after()


def watched(
    answer: HttpResponse,
    name: str,
    id_number: str,
    number: str,
    gone: list[str],
    channel: str = SightingChannel.QUERY,
) -> HttpResponse:
    """Raises the alarm of a lost blank on which a certificate lay that somebody asks for (N18).

    ``gone`` are certificates in the answer that are void or reported lost: that somebody asks for
    them is recorded (N12).
    """
    return _Answered(answer, lambda: _alarm(name, id_number, number, gone, channel))


def _gone(found: list[Record]) -> list[str]:
    return [record.number for record in found if record.standing in GONE]


def _alarm(name: str, id_number: str, number: str, gone: list[str], channel: str) -> None:
    try:
        seen_in_public(numbers=gone, channel=channel)
        by_certificate: dict[str, list[int]] = {}
        for certificate_number, serial in lost_blanks(name, id_number, number):
            by_certificate.setdefault(certificate_number, []).append(serial)
        for certificate_number, serials in by_certificate.items():
            alarms.sighted_in_public(serials=serials, attempted=f"查询证书 {certificate_number}")
    except Exception as error:
        # The visitor has the answer already; whoever runs the server has to know, but not of whom
        # was asked: an error's text may hold it.
        logger.error("the alarm of a public query was not recorded: %s", type(error).__name__)


def _answer(request: HttpRequest, found: list[Record]) -> HttpResponse:
    labels = dict(Grade.choices)
    return render(
        request,
        "verification/answer.html",
        {
            "records": [
                {
                    "record": record,
                    "source": SOURCE_LABELS[record.source],
                    "grade": labels.get(record.grade, ""),
                    "gone": _(STANDINGS[record.standing]) if record.standing in GONE else "",
                }
                for record in found
            ],
            "asked_at": timezone.localtime(),
        },
    )
