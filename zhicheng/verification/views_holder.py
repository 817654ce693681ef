"""The holder's own pages: reports of the certificate, and who looked it up."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.values.refusal import Refusal
from zhicheng.verification.asking import Question, answered
from zhicheng.verification.electronic import most_about_one
from zhicheng.verification.forms import DaysForm, HolderForm
from zhicheng.verification.holders import holders, let_in, let_out
from zhicheng.verification.lookups import lookups_of
from zhicheng.verification.queries import Finding
from zhicheng.verification.reports import actions, paper, queries, rules
from zhicheng.verification.rules import Record, Standing
from zhicheng.verification.showing import display

A_PAGE = 20
LOOKS_AT_MOST = 2_000


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def holder(request: HttpRequest) -> HttpResponse:
    """``/holder/``: asks for the three; comes with two of them from a public answer."""
    posted = request.POST if request.method == "POST" else None
    if posted is not None and posted.get("from") == "answer":
        known = {name: posted.get(name, "")[:100] for name in ("name", "number")}
        return _ask(request, HolderForm(initial=known))
    form = HolderForm(posted)
    if posted is None or not form.is_valid():
        return _ask(request, form)
    data = form.cleaned_data
    asked = (data["name"], data["id_number"], data["number"])

    def show(records: Any) -> HttpResponse:
        if not records:
            return _ask(request, form, nothing=True)
        request.session.cycle_key()
        let_in(request, records[0])
        return redirect("verification:mine")

    question = Question("holder", *asked, most_about_one=most_about_one())
    return answered(request, question, Finding(*asked), show)


def _ask(request: HttpRequest, form: HolderForm, *, nothing: bool = False) -> HttpResponse:
    return render(request, "verification/holder.html", {"form": form, "nothing": nothing})


@require_safe
@holders
def mine(request: HttpRequest, record: Record) -> HttpResponse:
    """``/holder/certificate/``: the certificate, its reports, what else its holder can do."""
    return _mine(request, record, DaysForm())


def _mine(
    request: HttpRequest, record: Record, form: DaysForm, key: int | None = None
) -> HttpResponse:
    reports = queries.of_certificate(record)
    context = {
        "item": display(record),
        "reports": [
            {
                "report": report,
                "form": form if report.key == key else DaysForm(auto_id=f"days-{report.key}-%s"),
                "can_renew": report.state != "revoked" and record.standing is Standing.VALID,
            }
            for report in reports
        ],
        "form": form if key is None else DaysForm(),
        "can_make": record.standing is Standing.VALID,
        "kept": rules.KEPT_DAYS,
    }
    return render(request, "verification/mine.html", context)


@require_POST
@holders
def make_report(request: HttpRequest, record: Record) -> HttpResponse:
    """Has a new report made, and shows it in the list."""
    form = DaysForm(request.POST)
    if not form.is_valid():
        return _mine(request, record, form)
    report = actions.make(record=record, days=form.cleaned_data["days"])
    messages.success(request, _("核验报告已出具，可以下载。"))
    return _back_to(report.pk)


@require_POST
@holders
def renew_report(request: HttpRequest, record: Record, key: int) -> HttpResponse:
    """A new last day for a report of this certificate."""
    form = DaysForm(request.POST, auto_id=f"days-{key}-%s")
    if not form.is_valid():
        return _mine(request, record, form, key)
    actions.renew(record=record, key=key, days=form.cleaned_data["days"])
    messages.success(request, _("核验报告已续期；核验码不变，可以重新下载。"))
    return _back_to(key)


@require_POST
@holders
def revoke_report(request: HttpRequest, record: Record, key: int) -> HttpResponse:
    """Ends a report for good."""
    actions.revoke(record=record, key=key)
    messages.success(request, _("核验报告已撤销，任何人都不能再查验。"))
    return _back_to(key)


def _back_to(key: int) -> HttpResponse:
    answer = redirect("verification:mine")
    answer["Location"] += f"#report-{key}"
    return answer


@require_safe
@holders
def report_file(request: HttpRequest, record: Record, key: int) -> HttpResponse:
    """The paper; the same bytes until the report is renewed."""
    report = queries.one_of(record, key)
    if report is None or report.state == "revoked":
        raise Refusal(
            "report.gone",
            _("没有这份核验报告，或者它已经撤销。"),
            mend=_("请返回核对报告列表。"),
        )
    answer = HttpResponse(paper.of(report, address(request)), content_type="application/pdf")
    name = _("职称证书核验报告") + f"-{report.ends_on:%Y%m%d}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
@holders
def who_looked(request: HttpRequest, record: Record) -> HttpResponse:
    """``/holder/lookups/``: when and by which way it was seen; no private names."""
    looks = Paginator(lookups_of([record.number], LOOKS_AT_MOST), A_PAGE)
    page = looks.get_page(request.GET.get("page"))
    return render(request, "verification/who_looked.html", {"page": page, "item": display(record)})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forgets who was here: for computers that others use."""
    let_out(request)
    return redirect("verification:ask")


def address(request: HttpRequest) -> str:
    """The address that stands on papers."""
    return str(settings.ZHICHENG_PUBLIC_ADDRESS or request.build_absolute_uri("/"))
