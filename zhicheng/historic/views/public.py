"""For holders, on the phone: register an old certificate, its papers, where it is (N7).

Names and numbers come by POST alone; every question counts for the limits.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.electronic.handing_out import fetch_as_holder
from zhicheng.electronic.views import pdf_answer
from zhicheng.files.store import download, prepare
from zhicheng.historic import registering
from zhicheng.historic import registration_rules as rules
from zhicheng.historic.doors import is_whole, let_in, let_out, registration_of
from zhicheng.historic.forms import DataForm, FileForm, HolderForm, initial_of
from zhicheng.historic.models import EvidenceKind, Registration, RegistrationState
from zhicheng.historic.registering import CHANGEABLE, Holder
from zhicheng.historic.registration_rules import Said
from zhicheng.historic.showing import facts, way
from zhicheng.photos.pictures import Picture, prepare_one
from zhicheng.protection import blind_index, reveal
from zhicheng.reissues.forms import ProgressForm, TelephoneForm
from zhicheng.reissues.rules import same_telephone
from zhicheng.values.id_number import person_form, tidy
from zhicheng.values.names import tidy_name
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import tidy_code
from zhicheng.verification.models import LegacyRecord
from zhicheng.web.forms import cleaned
from zhicheng.web.limits import count_question, guarded
from zhicheng.web.privacy import holds_id_number


def _bears_id_number(request: HttpRequest) -> bool:
    return any(holds_id_number(str(value)) for value in request.GET.values())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """``/historic/register/``: who holds which certificate; then what it says."""
    if _bears_id_number(request):
        return redirect("historic:register")
    posted = request.POST if request.method == "POST" else None
    typed = posted is not None and posted.get("typed") == "1"
    form = HolderForm(posted)
    asks = form.is_bound and form.is_valid()
    if posted is not None and not asks:
        count_question(request)
    known = asks and _in_a_ledger(request, form.cleaned_data)
    data = DataForm(posted if typed else None, whole=not known)
    refusal = None
    if asks and typed and data.is_valid():
        try:
            registration = registering.begin(said=_said(form.cleaned_data, data.cleaned_data))
        except Refusal as error:
            refusal = error
        else:
            let_in(request, registration, whole=True)
            return redirect("historic:my_draft", registration.receipt_number)
    context = {
        "form": form,
        "data": data,
        "asks": asks,
        "known": known,
        "refusal": refusal,
    }
    return render(request, "historic/public/start.html", context)


def _in_a_ledger(request: HttpRequest, told: Mapping[str, Any]) -> bool:
    """Whether a ledger has a whole record of exactly this number, name and person."""
    number, name = told["certificate_number"], told["name"]
    guard = guarded(request, name=name, id_number=told["id_number"], number=number)
    known = LegacyRecord.objects.filter(
        certificate_number=tidy_code(number)[0],
        name=tidy_name(name)[0],
        id_number_index=blind_index(person_form(tidy(told["id_number"])[0])),
        month_only=False,
    ).exists()
    guard.settle(way="holder", hit=known)
    return known


def _said(told: Mapping[str, Any], data: Mapping[str, Any]) -> Said:
    given = dict(told)
    return Said(unit_id=given.pop("unit") or 0, **given, **data)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponseBase:
    """``/historic/progress/``: receipt number and ID number."""
    if _bears_id_number(request):
        return redirect("historic:progress")
    posted = request.POST if request.method == "POST" else None
    form = ProgressForm(posted, initial={"number": request.GET.get("number", "")[:60]})
    form.fields["number"].help_text = _("例如 DJ2026-482915067-0。")
    unknown = False
    if posted is not None and form.is_valid():
        number, person = form.cleaned_data["number"], form.cleaned_data["id_number"]
        guard = guarded(request, id_number=person, number=number)
        try:
            found = registration_of(number, person)
        except Refusal as refusal:
            form.add_error("number", refusal.message)
        else:
            guard.settle(way="holder", hit=found is not None)
            if found is not None:
                let_in(request, found, whole=is_whole(request, found))
                return redirect("historic:my_status", found.receipt_number)
            unknown = True
    return render(request, "historic/public/progress.html", {"form": form, "unknown": unknown})


@never_cache
@require_safe
def status(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Where it is."""
    return _status(request, registration, TelephoneForm())


def _status(
    request: HttpRequest, registration: Registration, form: TelephoneForm
) -> HttpResponseBase:
    whole = is_whole(request, registration)
    context = {
        "item": registration,
        "way": way(registration),
        "whole": whole,
        "facts": facts(registration) if whole else [],
        "changeable": registration.state in CHANGEABLE,
        "withdrawable": registration.state
        in (*CHANGEABLE, RegistrationState.SUBMITTED, RegistrationState.CHECKED),
        "telephone_form": form,
    }
    return render(request, "historic/public/status.html", context)


@require_POST
def telephone(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Opens the rest to whoever knows the telephone number."""
    count_question(request)
    form = TelephoneForm(request.POST)
    if form.is_valid():
        kept = reveal(bytes(registration.telephone_cipher))
        if same_telephone(form.cleaned_data["telephone"], kept):
            let_in(request, registration, whole=True)
            return redirect("historic:my_status", registration.receipt_number)
        form.add_error("telephone", _("与登记时的联系电话不一致。"))
    return _status(request, registration, form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """What was filled in, the files, what is missing."""
    if registration.state not in CHANGEABLE:
        return redirect("historic:my_status", registration.receipt_number)
    posted = request.POST if request.method == "POST" else None
    initial = initial_of(registration)
    form = HolderForm(posted, initial=initial)
    data = DataForm(posted, initial=initial, whole=not registration.from_ledger)
    refusal = None
    if posted is not None:
        count_question(request)
        if form.is_valid() and data.is_valid():
            try:
                registering.amend(
                    actor=Holder(registration.pk),
                    registration_id=registration.pk,
                    said=_said(form.cleaned_data, data.cleaned_data),
                )
            except Refusal as error:
                refusal = error
            else:
                messages.success(request, _("已保存。"))
                return redirect("historic:my_draft", registration.receipt_number)
    kept = list(registration.evidence.filter(removed_at=None).select_related("file"))
    context = {
        "item": registration,
        "facts": facts(registration),
        "form": form,
        "data": data,
        "open": posted is not None,
        "refusal": refusal,
        "boxes": [
            {
                "kind": kind.value,
                "label": kind.label,
                "needed": kind.value in rules.NEEDED,
                "hint": rules.NEEDED.get(kind.value, ""),
                "files": [item for item in kept if item.kind == kind],
            }
            for kind in EvidenceKind
        ],
        "missing": rules.missing({item.kind for item in kept}),
    }
    return render(request, "historic/public/draft.html", context)


@require_POST
def upload(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """A file of one box; a portrait is cut to one inch."""
    count_question(request)
    file = cleaned(FileForm(request.POST, request.FILES))["file"]
    kind = request.POST.get("kind", "")
    content = file.read()
    prepared = (
        prepare_one(Picture(file.name, content))
        if kind == EvidenceKind.PHOTO
        else prepare(content, file.name)
    )
    registering.add_evidence(
        actor=Holder(registration.pk), registration_id=registration.pk, kind=kind, file=prepared
    )
    messages.success(request, _("已上传。"))
    return redirect("historic:my_draft", registration.receipt_number)


@require_POST
def remove(request: HttpRequest, registration: Registration, evidence: int) -> HttpResponseBase:
    """Takes a file out before it is sent."""
    if not registration.evidence.filter(pk=evidence, removed_at=None).exists():
        raise Http404
    registering.remove_evidence(
        actor=Holder(registration.pk), registration_id=registration.pk, evidence_id=evidence
    )
    return redirect("historic:my_draft", registration.receipt_number)


@require_safe
def paper(request: HttpRequest, registration: Registration, token: str) -> HttpResponse:
    """A file, for whoever handed it in."""
    found = (
        registration.evidence.filter(file__token=token, removed_at=None)
        .select_related("file")
        .first()
    )
    if found is None:
        raise Http404
    return download(found.file, inline=True)


@require_POST
def submit(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Hands it in."""
    count_question(request)
    registering.submit(actor=Holder(registration.pk), registration_id=registration.pk)
    messages.success(request, _("已提交。请记下受理号。"))
    return redirect("historic:my_status", registration.receipt_number)


@require_POST
def withdraw(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Gives it up."""
    registering.withdraw(actor=Holder(registration.pk), registration_id=registration.pk)
    messages.success(request, _("登记已撤回。"))
    return redirect("historic:my_status", registration.receipt_number)


@require_POST
def leave(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Nobody else at this computer sees it."""
    let_out(request)
    return redirect("historic:progress")


@require_POST
def file(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """The signed electronic certificate, to its holder."""
    if registration.certificate is None or registration.certificate.voided_at is not None:
        raise Http404
    count_question(request)
    _file, content = fetch_as_holder(registration.certificate)
    return pdf_answer(content, registration.certificate.number)
