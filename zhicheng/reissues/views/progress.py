"""Where an application is, for its holder: receipt number and ID number open it (N10).

An unknown number and a wrong ID number get the same answer, and both cost a question. Everything
but the progress wants the application's telephone number as well (``doors``).
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.reissues import queries, rules
from zhicheng.reissues.forms import ProgressForm, ReasonForm, TelephoneForm
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Kind, Reissue, ReissueState
from zhicheng.reissues.showing import checked, way
from zhicheng.reissues.views.doors import Door, is_whole, let_in
from zhicheng.reissues.views.starting import asked_for, bears_id_number
from zhicheng.values.refusal import Refusal
from zhicheng.web.limits import count_question, guarded


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """``/reissues/progress/``: the question."""
    if bears_id_number(request):
        return redirect("reissues:progress")
    posted = request.POST if request.method == "POST" else None
    form = ProgressForm(posted, initial={"number": asked_for(request)})
    unknown = False
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        guard = guarded(request, id_number=data["id_number"], number=data["number"])
        try:
            applicant = queries.applicant_of(data["number"], data["id_number"])
        except Refusal as refusal:
            form.add_error("number", refusal.message)
        else:
            guard.settle(way="holder", hit=applicant is not None)
            if applicant is not None and applicant.reissue_id is not None:
                reissue = Reissue.objects.get(pk=applicant.reissue_id)
                let_in(request, reissue, whole=is_whole(request, reissue))
                return redirect("reissues:my_status", reissue.receipt_number)
            unknown = True
    return render(request, "reissues/public/progress.html", {"form": form, "unknown": unknown})


@require_POST
def telephone(request: HttpRequest, door: Door) -> HttpResponse:
    """Opens the rest of the application to whoever knows its telephone number."""
    count_question(request)
    form = TelephoneForm(request.POST)
    if form.is_valid():
        kept = reveal(bytes(door.reissue.telephone_cipher))
        if rules.same_telephone(form.cleaned_data["telephone"], kept):
            let_in(request, door.reissue, whole=True)
            return redirect(door.url("status"))
        form.add_error(
            "telephone",
            _("与申请时登记的联系电话不一致。号码已停用或忘记的，请持身份证到办理单位办理。"),
        )
    return _status(request, door, form)


@require_safe
def status(request: HttpRequest, door: Door) -> HttpResponse:
    """Where it is and what is missing, nothing more; and what the holder can do now."""
    if not door.public:
        return redirect("reissues:application", door.reissue.pk)
    return _status(request, door, TelephoneForm())


def _status(request: HttpRequest, door: Door, telephone_form: TelephoneForm) -> HttpResponse:
    reissue = door.reissue
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
        "telephone_form": telephone_form,
        "reason_form": ReasonForm(auto_id="withdraw_%s"),
        "found_form": ReasonForm(auto_id="found_%s"),
        "may_withdraw": Action.REISSUE_WITHDRAW in moves,
        "may_report_found": Action.REISSUE_FOUND in moves and reissue.kind == Kind.REPLACEMENT,
        "applied": reissue.state == ReissueState.APPLIED,
        "done": reissue.state == ReissueState.DONE,
    }
    return render(request, "reissues/public/status.html", context)
