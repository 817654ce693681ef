"""Files of a register: template, original, Excel copy, 附件1 on paper and its check (N4, A1)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions, printing, queries, workbooks
from zhicheng.registers.columns import KEYS
from zhicheng.registers.digest import joined_digest
from zhicheng.registers.forms import PaperForm
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.registers.paper import current_digests
from zhicheng.registers.prefilling import empty_template
from zhicheng.registers.unmasking import show_id_numbers
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.partial import wants_part

PRINTS_SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(content: bytes, name: str, kind: str, *, attachment: bool = True) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(attachment, name) or ""
    return response


@login_required
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """附件1 as an empty workbook, with the unit's own name in it."""
    unit = account_of(request).organization
    content = empty_template(unit, timezone.localdate().year)
    return _file(content, _("附件1 职称证书领取、办理登记表模板.xlsx"), XLSX)


@login_required
@require_GET
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as the unit sent it."""
    register = register_or_404(request, pk)
    content = queries.source_of(register)
    if content is None:
        raise Http404
    return _file(content, register.source_name, "application/octet-stream")


@login_required
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The register as 附件1 in Excel; whole ID numbers only on demand, and then on record."""
    account = account_of(request)
    register = register_or_404(request, pk)
    require(account, Action.LIST_EXPORT, register)
    with recorded(account, Action.LIST_EXPORT) as record:
        whole = request.POST.get("id_numbers") == "whole"
        numbers = show_id_numbers(actor=account, register=register, purpose="file") if whole else {}
        rows = [
            [numbers.get(row.pk, text) if key == "id_number" else text for key, text in cells]
            for row, cells in _rows(register)
        ]
        record(subject=register, data={"count": len(rows), "id_numbers": "whole" if whole else ""})
    content = workbooks.filled(
        rows,
        unit=register.reporting_unit.name,
        department=register.endorser.name if register.endorser else "",
        year=register.year,
        filler=register.filler,
        telephone=register.telephone,
    )
    return _file(content, _("登记表 %(number)s.xlsx") % {"number": register.number}, XLSX)


def _rows(register: Register) -> list[tuple[RegisterRow, list[tuple[str, str]]]]:
    """Every row with its ten texts by column, ID numbers masked."""
    texts = {"id_number": "id_number_masked", "approval_date": "approval_date_text"}
    return [
        (row, [(key, str(getattr(row, texts.get(key, key)))) for key in KEYS])
        for row in register.rows.order_by("position")
    ]


@login_required
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The printed copies of this register and whether they still say what the data says."""
    register = register_or_404(request, pk)
    account = account_of(request)
    prints = list(queries.prints_of(register)[:PRINTS_SHOWN])
    now = joined_digest(list(current_digests(register).values()))
    context = {
        **page_context(request, register, "paper"),
        "prints": [
            (item, bytes(item.digest) == now, bytes(item.digest).hex()[:16]) for item in prints
        ],
        "may_check": may(account, Action.PAPER_CHECK, register),
        "form": PaperForm(),
    }
    return render(request, "registers/paper.html", context)


@login_required
@require_POST
def print_form(request: HttpRequest, pk: int) -> HttpResponse:
    """附件1 as PDF with a code on every page; the print is on record (N4, A1)."""
    account = account_of(request)
    register = register_or_404(request, pk)
    content = printing.print_form(actor=account, register=register)
    name = _("附件1 登记表 %(number)s.pdf") % {"number": register.number}
    return _file(content, name, "application/pdf", attachment=False)


@login_required
@require_http_methods(["GET", "POST"])
def paper_check(request: HttpRequest) -> HttpResponse:
    """The office scans a page: paper and data agree, or these rows changed (N4)."""
    account = account_of(request)
    if not might(account, Action.PAPER_CHECK):
        require(account, Action.PAPER_CHECK)
    form = PaperForm(request.POST or None)
    comparison, refusal, changed = None, None, []
    if request.method == "POST" and form.is_valid():
        try:
            comparison = actions.check_paper(actor=account, text=form.cleaned_data["text"])
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            rows = comparison.register.rows.in_bulk([row.row_id for row in comparison.changed])
            changed = [(row, rows.get(row.row_id)) for row in comparison.changed]
        form = PaperForm()
    context = {"form": form, "comparison": comparison, "changed": changed, "refusal": refusal}
    template = (
        "registers/_paper_result.html" if wants_part(request) else "registers/paper_check.html"
    )
    return render(request, template, context)
