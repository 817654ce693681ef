"""附件1 on paper: printing, comparing a scanned page with the data, the stamped scans (N4, A1)."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.files import store
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions, printing, queries
from zhicheng.registers.digest import joined_digest
from zhicheng.registers.file_views import file_response
from zhicheng.registers.forms import PaperForm, PhotoForm
from zhicheng.registers.models import PaperScan, RegisterPrint
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.registers.paper import (
    Comparison,
    changed_rows,
    current_digests,
    differences,
    paper_state,
)
from zhicheng.registers.scans import codes_of, open_scan, prints_of_scans
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.partial import wants_part

PRINTS_SHOWN = 50
CHECKS_SHOWN = 50


@login_required
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The printed copies, the comparisons and the scans, and what they say of the data now."""
    register = register_or_404(request, pk)
    account = account_of(request)
    prints = list(queries.prints_of(register)[:PRINTS_SHOWN])
    digests = current_digests(register)
    now = joined_digest(list(digests.values()))
    scans = list(
        register.scans.select_related("file__stored_by__organization")
        .defer("file__content")
        .order_by("-id")
    )
    printed = prints_of_scans(scans)
    context = {
        **page_context(request, register, "paper"),
        "prints": [
            (item, bytes(item.digest) == now, bytes(item.digest).hex()[:16]) for item in prints
        ],
        "checks": register.paper_checks.select_related("checked_by", "printed")[:CHECKS_SHOWN],
        "scans": [(scan, _verdict(scan, printed, digests)) for scan in scans],
        "state": paper_state(register),
        "may_check": may(account, Action.PAPER_CHECK, register),
        "may_attach": may(account, Action.PAPER_SCAN_ATTACH, register),
        "may_see_scans": may(account, Action.PAPER_SCAN_VIEW, register),
    }
    return render(request, "registers/paper.html", context)


def _verdict(
    scan: PaperScan, printed: Mapping[int, RegisterPrint], digests: Mapping[int, bytes]
) -> tuple[str, str]:
    """(tone, words): whether the pages that could be read on the scan equal the data now."""
    if not scan.pages:
        said = _("没有读到本登记表的二维码")
        return ("returned" if scan.foreign_codes else "draft", said)
    changed = {
        row.position
        for key, _page, first, last in scan.pages
        for row in changed_rows(printed[key], digests, first, last)
    }
    pages = len({(key, page) for key, page, _first, _last in scan.pages})
    if changed:
        said = ngettext(
            "读到 %(pages)d 页，有 %(count)d 行打印后有更正",
            "读到 %(pages)d 页，有 %(count)d 行打印后有更正",
            len(changed),
        )
        return "returned", said % {"pages": pages, "count": len(changed)}
    return "passed", _("读到 %(pages)d 页，与数据一致") % {"pages": pages}


@login_required
@require_POST
def print_form(request: HttpRequest, pk: int) -> HttpResponse:
    """附件1 as PDF with a code on every page; the print is on record (N4, A1)."""
    account = account_of(request)
    register = register_or_404(request, pk)
    content = printing.print_form(actor=account, register=register)
    name = _("附件1 登记表 %(number)s.pdf") % {"number": register.number}
    return file_response(content, name, "application/pdf", attachment=False)


@login_required
@require_http_methods(["GET", "POST"])
def paper_check(request: HttpRequest) -> HttpResponse:
    """The office scans a page: paper and data agree, or these rows changed (N4)."""
    account = _checker(request)
    form = PaperForm(request.POST or None)
    results = []
    if request.method == "POST" and form.is_valid():
        results = _results(account, [form.cleaned_data["text"]])
        form = PaperForm()
    context = {"form": form, "photo": PhotoForm(), "results": results}
    template = (
        "registers/_paper_result.html" if wants_part(request) else "registers/paper_check.html"
    )
    return render(request, template, context)


@login_required
@require_POST
def paper_photo(request: HttpRequest) -> HttpResponse:
    """The same from a photograph or a scan of the pages: every code in it is compared (N4)."""
    account = _checker(request)
    photo = PhotoForm(request.POST, request.FILES)
    results: list[Result] = []
    refusal = None
    if photo.is_valid():
        try:
            texts = codes_of(photo.cleaned_data["file"].read())
        except Refusal as error:
            refusal = error
        else:
            results = _results(account, texts)
            if not texts:
                refusal = Refusal(
                    "paper.no_code",
                    _("照片或扫描件里没有读到二维码。"),
                    clause="N4",
                    expected=_("登记表各页右下角的二维码清晰、完整"),
                    mend=_("请靠近、对正后重新拍照，或用扫描枪逐页扫描。"),
                )
            photo = PhotoForm()
    context = {"form": PaperForm(), "photo": photo, "results": results, "refusal": refusal}
    status = 200 if results else 422
    return render(request, "registers/paper_check.html", context, status=status)


def _checker(request: HttpRequest) -> Account:
    account = account_of(request)
    if not might(account, Action.PAPER_CHECK):
        require(account, Action.PAPER_CHECK)
    return account


Result = tuple[Comparison | None, object, Refusal | None]


def _results(account: Account, texts: Iterable[str]) -> list[Result]:
    """What is said of each code: the comparison with its changed rows, or the refusal."""
    results: list[Result] = []
    for text in texts:
        try:
            comparison = actions.check_paper(actor=account, text=text)
        except NotPermitted:
            raise
        except Refusal as error:
            results.append((None, (), error))
        else:
            results.append((comparison, differences(comparison), None))
    return results


@login_required
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps scans of the stamped form as evidence."""
    register = register_or_404(request, pk)
    files = [(file.read(), file.name or "") for file in request.FILES.getlist("files")]
    kept = actions.attach_scans(actor=account_of(request), register_id=register.pk, files=files)
    messages.success(
        request,
        ngettext("已保存 %(count)d 个扫描件。", "已保存 %(count)d 个扫描件。", len(kept))
        % {"count": len(kept)},
    )
    return redirect("registers:paper", pk)


@login_required
@require_GET
def scan(request: HttpRequest, scan_id: int) -> HttpResponse:
    """The scan itself; that somebody looked is on record."""
    found = PaperScan.objects.filter(pk=scan_id).values_list("register", flat=True).first()
    if found is None:
        raise Http404
    register_or_404(request, found)
    return store.download(open_scan(actor=account_of(request), scan_id=scan_id).file, inline=True)
