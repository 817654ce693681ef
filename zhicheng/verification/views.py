"""The public query (N7).

Questions come by POST alone, so that no name or ID number ever stands in an address or a log.
"""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from zhicheng.verification.answer_page import answer_page
from zhicheng.verification.asking import Question, answered
from zhicheng.verification.forms import AskForm, NumberForm
from zhicheng.verification.queries import Finding


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """``/``: the form, and the answer when it was sent."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = (data["name"], data["id_number"], data["number"])
        question = Question("number" if data["number"] else "person", *asked)
        return answered(request, question, Finding(*asked), partial(answer_page, request))
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
        return answered(request, question, Finding(name, "", number), partial(answer_page, request))
    return render(request, "verification/certificate.html", {"form": form, "number": number})
