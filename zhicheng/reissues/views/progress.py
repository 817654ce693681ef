"""Where an application is, for its holder: receipt number and ID number open it (N10).

An unknown number and a wrong ID number get the same answer, and both cost a question.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.organizations.permissions import Action
from zhicheng.reissues import queries
from zhicheng.reissues.forms import ProgressForm, ReasonForm
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Kind, Reissue, ReissueState
from zhicheng.reissues.showing import checked, way
from zhicheng.reissues.views.doors import Door, let_in
from zhicheng.reissues.views.starting import asked_for, bears_id_number
from zhicheng.values.refusal import Refusal
from zhicheng.web.limits import count_question


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """``/reissues/progress/``: the question."""
    if bears_id_number(request):
        return redirect("reissues:progress")
    posted = request.POST if request.method == "POST" else None
    form = ProgressForm(posted, initial={"number": asked_for(request)})
    unknown = False
    if posted is not None and form.is_valid():
        count_question(request)
        data = form.cleaned_data
        try:
            applicant = queries.applicant_of(data["number"], data["id_number"])
        except Refusal as refusal:
            form.add_error("number", refusal.message)
        else:
            if applicant is not None and applicant.reissue_id is not None:
                reissue = Reissue.objects.get(pk=applicant.reissue_id)
                let_in(request, reissue)
                return redirect("reissues:my_status", reissue.receipt_number)
            unknown = True
    return render(request, "reissues/public/progress.html", {"form": form, "unknown": unknown})


@require_safe
def status(request: HttpRequest, door: Door) -> HttpResponse:
    """Where it is and what is missing, nothing more; and what the holder can do now."""
    reissue = door.reissue
    if not door.public:
        return redirect("reissues:application", reissue.pk)
    told = queries.progress(reissue)
    moves = {item.action for item in REISSUE.allowed(reissue.state)}
    context = {
        "door": door,
        "base": door.base,
        "reissue": reissue,
        "progress": told,
        "way": way(told),
        "missing": [checked(item) for item in told.missing],
        "urls": door.urls,
        "reason_form": ReasonForm(auto_id="withdraw_%s"),
        "found_form": ReasonForm(auto_id="found_%s"),
        "may_withdraw": Action.REISSUE_WITHDRAW in moves,
        "may_report_found": Action.REISSUE_FOUND in moves and reissue.kind == Kind.REPLACEMENT,
        "applied": reissue.state == ReissueState.APPLIED,
        "done": reissue.state == ReissueState.DONE,
    }
    return render(request, "reissues/public/status.html", context)
