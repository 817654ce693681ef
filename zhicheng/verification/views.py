"""The public query (N7).

Questions come by POST alone, so that no name or ID number ever stands in an address or a log.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhicheng.verification.asking import Question, answered
from zhicheng.verification.forms import AskForm, NumberForm
from zhicheng.verification.queries import (
    find,
    find_by_number,
)
from zhicheng.verification.rules import Record, Source
from zhicheng.verification.showing import display


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """``/``: the form, and the answer when it was sent."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = (data["name"], data["id_number"], data["number"])
        question = Question("number" if data["number"] else "person", *asked)
        return answered(request, question, lambda: find(*asked), partial(_answer, request))
    return render(request, "verification/ask.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """``/v/<certificate number>``: where a certificate's QR code leads; asks for the name."""
    if "\0" in number:  # no text of a database has one
        raise Http404
    form = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        question = Question("number", name, "", number)
        return answered(
            request, question, lambda: find_by_number(number, name), partial(_answer, request)
        )
    return render(request, "verification/certificate.html", {"form": form, "number": number})


# Whose card is made when nobody was found.
_NOBODY = Record(
    source=Source.REGISTER,
    number="2026000000001",
    name="某某",
    person=b"",
    id_number_masked="500***********0000",
    specialty="电气工程",
    qualification="工程师",
    approval_date=date(2026, 1, 1),
    document_number="某职改办〔2026〕1号",
    issuing_unit="某单位",
    approving_department="某部门",
    work_unit="某单位",
    sex="男",
    grade="intermediate",
    issued_on=date(2026, 1, 1),
)


def _answer(request: HttpRequest, found: Sequence[Record]) -> HttpResponse:
    """The page; a hit also makes what a miss would show, and the other way round.

    Making a certificate's card takes half a millisecond, by which a hit would be known.
    """
    if found:
        render_to_string("verification/_none.html", {}, request)
    else:
        spare = {"item": display(_NOBODY), "first": True}
        render_to_string("verification/_card.html", spare, request)
    return render(
        request,
        "verification/answer.html",
        {"items": [display(record) for record in found], "asked_at": timezone.localtime()},
    )
