"""Where an application is, for its holder: receipt number and ID number open it (N10).

An unknown number and a wrong ID number get the same answer, and both cost a question.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.organizations.permissions import Action
from zhicheng.reissues import rules
from zhicheng.reissues.actions import CHANGEABLE
from zhicheng.reissues.content import papers_of
from zhicheng.reissues.forms import PapersForm, ProgressForm, ReasonForm
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Kind, ReissueState
from zhicheng.reissues.queries import of_applicant
from zhicheng.reissues.showing import boxes, checked, way
from zhicheng.reissues.views.doors import Door, let_in
from zhicheng.values.refusal import Refusal
from zhicheng.web.limits import count_question


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """``/reissues/progress/``: the question."""
    posted = request.POST if request.method == "POST" else None
    form = ProgressForm(posted, initial={"number": request.GET.get("number", "")[:40]})
    unknown = False
    if posted is not None and form.is_valid():
        count_question(request)
        try:
            number = rules.tidy_receipt(form.cleaned_data["number"])
        except Refusal as refusal:
            form.add_error("number", refusal.message)
        else:
            reissue = of_applicant(number, form.cleaned_data["id_number"])
            if reissue is not None:
                let_in(request, reissue)
                return redirect("reissues:my_status", reissue.receipt_number)
            unknown = True
    return render(request, "reissues/public/progress.html", {"form": form, "unknown": unknown})


@require_safe
def status(request: HttpRequest, door: Door) -> HttpResponse:
    """Where it is and what is missing, nothing more; and what the holder can do now."""
    reissue = door.reissue
    if not door.public:
        return redirect("reissues:detail", reissue.pk)
    stage = "submit" if reissue.state in CHANGEABLE else "accept"
    lacking = [] if reissue.state in rules_over() else rules.missing(papers_of(reissue), stage)
    moves = {item.action for item in REISSUE.allowed(reissue.state)}
    context = {
        "door": door,
        "base": door.base,
        "reissue": reissue,
        "way": way(reissue),
        "outcome": _outcome(door),
        "missing": [checked(item) for item in lacking],
        "changeable": reissue.state in CHANGEABLE,
        "boxes": boxes(reissue) if reissue.state in CHANGEABLE else [],
        "papers_form": PapersForm(),
        "reason_form": ReasonForm(auto_id="withdraw_%s"),
        "found_form": ReasonForm(auto_id="found_%s"),
        "may_withdraw": Action.REISSUE_WITHDRAW in moves,
        "may_report_found": Action.REISSUE_FOUND in moves and reissue.kind == Kind.REPLACEMENT,
        "fresh": reissue.state == ReissueState.APPLIED,
    }
    return render(request, "reissues/public/status.html", context)


def rules_over() -> tuple[ReissueState, ...]:
    """States in which nothing is asked for any more."""
    return (
        ReissueState.DONE,
        ReissueState.REFUSED,
        ReissueState.ENDED,
        ReissueState.CLOSING,
        ReissueState.COLLECTED,
        ReissueState.MAKING,
    )


def _outcome(door: Door) -> str:
    reissue = door.reissue
    if reissue.state == ReissueState.DONE:
        return _("新证书已核发，原证书已作废。")
    if reissue.outcome:
        return str(reissue.get_outcome_display())
    return ""
