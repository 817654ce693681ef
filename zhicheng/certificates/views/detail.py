"""One certificate: what stands on it, its path, the blanks it lay on, who did what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhicheng.certificates.forms import RevealForm
from zhicheng.certificates.models import Certificate, CertificateState, Medium
from zhicheng.certificates.printjobs import queries as prints
from zhicheng.certificates.printjobs.forms import StartForm
from zhicheng.certificates.queries import life, visible
from zhicheng.certificates.queries.issued import issue_record_of
from zhicheng.certificates.queries.transfers import where_are
from zhicheng.certificates.tabs import tabs
from zhicheng.certificates.unmasking import show_id_number
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page


def _certificate_or_404(request: HttpRequest, pk: int) -> Certificate:
    found = visible(account_of(request)).select_related(
        "register__reporting_unit",
        "issuing_unit",
        "approving_department",
        "embosser",
        "filled_by",
        "official_seal_by",
        "official_seal_unit",
        "embossed_by",
        "embossed_unit",
        "issued_by",
    )
    return get_object_or_404(found.defer("register__source"), pk=pk)


@require_GET
@page(Action.CERTIFICATE_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate's page."""
    account = account_of(request)
    certificate = _certificate_or_404(request, pk)
    if certificate.medium == Medium.ELECTRONIC:
        # It has no path and no blank: its own page tells of its signed file.
        return redirect("electronic:certificate", pk)
    context = {
        "certificate": certificate,
        "steps": _steps(certificate),
        "blanks": life.blanks_of(certificate),
        "events": life.events_of(certificate),
        "prints": prints.history(certificate),
        "may_see_jobs": may(account, Action.PRINT_JOB_VIEW, certificate),
        "print_form": StartForm(unit=certificate.issuing_unit)
        if may(account, Action.PRINT_JOB_START, certificate)
        and prints.unprinted(Certificate.objects.filter(pk=certificate.pk)).exists()
        else None,
        "where": where_are([certificate])[certificate.pk],
        "record": issue_record_of(certificate),
        "may_see_record": may(account, Action.ISSUE_RECORD_VIEW, certificate),
        "may_unmask": may(account, Action.PERSON_UNMASK, certificate),
        "reveal_form": RevealForm(),
        "tabs": tabs(account, "list"),
    }
    return render(request, "certificates/detail.html", context)


def _steps(certificate: Certificate) -> list[dict[str, str]]:
    """Fill in, official seal, embossed seal, issue: done by whom and when, or who is next."""
    unit, embosser = certificate.issuing_unit, certificate.embosser
    on_blank = certificate.state != CertificateState.AWAITING_BLANK
    parts = [
        (_("填制"), certificate.filled_at if on_blank else None, certificate.filled_by, unit),
        (_("加盖公章"), certificate.official_seal_at, certificate.official_seal_by, unit),
        (_("加盖钢印"), certificate.embossed_at, certificate.embossed_by, embosser),
        (_("发放"), certificate.issued_at, certificate.issued_by, unit),
    ]
    steps: list[dict[str, str]] = []
    for label, at, who, organization in parts:
        place = organization.called
        before_done = all(step["state"] == "done" for step in steps)
        if at:
            name = who.display_name if who else ""
            note = f"{place} {name} {timezone.localtime(at):%Y-%m-%d %H:%M}"
        else:
            note = _("待%(unit)s办理") % {"unit": place}
        state = "done" if at else ("now" if before_done else "todo")
        steps.append({"label": label, "state": state, "note": note})
    return steps


@require_POST
@page(Action.PERSON_UNMASK)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole ID number, for a stated purpose; each look is an audit event."""
    certificate = _certificate_or_404(request, pk)
    number = show_id_number(
        actor=account_of(request),
        certificate=certificate,
        purpose=cleaned(RevealForm(request.POST))["purpose"],
    )
    answer = render(request, "certificates/_id_number.html", {"number": number})
    answer["Cache-Control"] = "no-store"
    return answer
