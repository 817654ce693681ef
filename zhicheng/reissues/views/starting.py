"""The first page of an application: the holder, or a clerk for them, names the certificate."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.certificates.models import Certificate
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions, papers
from zhicheng.reissues.applicants import Applicant, By
from zhicheng.reissues.content import Application
from zhicheng.reissues.forms import OldDataForm, StartForm
from zhicheng.reissues.queries import prefill
from zhicheng.reissues.views.doors import Door, let_in
from zhicheng.web.limits import Guard, count_question, guarded
from zhicheng.web.pages import account_of, page
from zhicheng.web.privacy import holds_id_number


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """``/reissues/apply/``: for everybody, by post alone once data are typed (N10)."""
    if bears_id_number(request):
        return redirect("reissues:apply")
    return _start(request, Applicant(), public=True)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.REISSUE_APPLY)
def apply_for(request: HttpRequest) -> HttpResponse:
    """``/reissues/new/``: a clerk applies for a holder who came to the unit."""
    return _start(request, account_of(request), public=False)


def _start(request: HttpRequest, actor: By, *, public: bool) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    initial = {} if public else {"old_number": asked_for(request)}
    form = StartForm(posted, initial=initial)
    typed = posted is not None and posted.get("typed") == "1"
    old_form = OldDataForm(posted if typed else None)
    not_found = False
    if public and posted is not None and not form.is_valid():
        count_question(request)
    if form.is_valid():
        data = form.cleaned_data
        asked = (data["old_number"], data["name"], data["id_number"])
        guard = _guard(request, *asked) if public else None
        certificate = prefill(*asked)
        not_found = certificate is None
        if guard is not None:
            guard.settle(way="holder", found=[certificate.number] if certificate else [])
        if certificate is not None or (typed and old_form.is_valid()):
            reissue = actions.apply(
                actor=actor, application=_application(data, certificate, old_form)
            )
            if public:
                let_in(request, reissue, whole=True)
            door = Door(reissue, Applicant(reissue.pk) if public else actor, public)
            return redirect(door.url("draft"))
    context = {
        "base": "reissues/public/base.html" if public else "reissues/base.html",
        "public": public,
        "form": form,
        "old_form": old_form,
        "not_found": not_found,
        "typed": typed,
    }
    return render(request, "reissues/start.html", context)


def _guard(request: HttpRequest, number: str, name: str, id_number: str) -> Guard:
    return guarded(request, name=name, id_number=id_number, number=number)


def _application(
    data: dict[str, Any], certificate: Certificate | None, old_form: OldDataForm
) -> Application:
    common = {key: data[key] for key in ("kind", "name", "id_number", "old_number", "telephone")}
    if certificate is not None:
        return Application(unit_id=certificate.issuing_unit_id, **common)
    old = dict(old_form.cleaned_data)
    return Application(unit_id=old.pop("unit"), **common, **old)


def asked_for(request: HttpRequest) -> str:
    """The receipt or certificate number that an address brings along."""
    return request.GET.get("number", "")[:60]


def bears_id_number(request: HttpRequest) -> bool:
    """Whether somebody wrote an ID number into the address: it is left at once (invariant 10)."""
    return any(holds_id_number(str(value)) for value in request.GET.values())


@require_safe
def blank_form(request: HttpRequest) -> HttpResponse:
    """附件2, empty, to be filled in by hand (A2)."""
    return papers.answer(papers.empty_form(), _("职称证书补办（换发）申请表"), inline=True)


def address(request: HttpRequest) -> str:
    """Where progress is asked for, as it stands on papers: an address for years."""
    base = settings.ZHICHENG_PUBLIC_ADDRESS or request.build_absolute_uri("/")
    return f"{base.rstrip('/')}/reissues/progress/"
