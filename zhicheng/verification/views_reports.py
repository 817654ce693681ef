"""Anybody checks a report by its code: typed in, or by the QR code on the paper."""

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhicheng.verification.asking import Question, answered
from zhicheng.verification.forms import CodeForm
from zhicheng.verification.reports import codes
from zhicheng.verification.reports.queries import Checked, check, record_of
from zhicheng.verification.showing import display, told


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """``/report/``: the form, and what the code opens."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _check(request, form.cleaned_data["code"])
    return render(request, "verification/report.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """``/r/<code>``: where the QR code of a report leads.

    By post when a challenge was solved on the way. Its address holds the code, so no page that is
    opened from here may learn it.
    """
    tidied = codes.tidy(code)
    if request.method == "HEAD":  # those who prepare previews of links see nothing
        return render(request, "verification/report.html", {"form": CodeForm()})
    answer = _check(request, tidied)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _check(request: HttpRequest, code: str) -> HttpResponse:
    question = Question("report", number=code)
    return answered(request, question, partial(check, code), partial(_show, request))


def _show(request: HttpRequest, found: Sequence[Checked]) -> HttpResponse:
    context = {
        "found": [
            {"checked": one, "item": display(record_of(one.report.said)), "now": told(one.standing)}
            for one in found
        ],
        "asked_at": timezone.localtime(),
    }
    return render(request, "verification/report_answer.html", context)
