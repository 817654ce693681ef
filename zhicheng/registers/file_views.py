"""Files of a register: template, original, the original with marks, Excel copy (N4, A1)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import Action
from zhicheng.registers import background, workbooks
from zhicheng.registers.columns import KEYS
from zhicheng.registers.marked import marked_file, marked_name
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.registers.page import account_of, register_or_404
from zhicheng.registers.prefilling import empty_template
from zhicheng.registers.unmasking import open_source, show_id_numbers
from zhicheng.web.pages import page

PRINTS_SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_response(content: bytes, name: str, kind: str, *, attachment: bool = True) -> HttpResponse:
    """The file for downloading, or to be shown in the browser."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(attachment, name) or ""
    return response


@page(Action.REGISTER_VIEW)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """附件1 as an empty workbook, with the unit's own name in it."""
    unit = account_of(request).organization
    content = empty_template(unit, timezone.localdate().year)
    return file_response(content, _("附件1 职称证书领取、办理登记表模板.xlsx"), XLSX)


@login_required
@require_GET
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as the unit sent it; whole ID numbers stand in it, so it is on record."""
    register = register_or_404(request, pk)
    content = open_source(actor=account_of(request), register=register)
    if content is None:
        raise Http404
    return file_response(content, register.source_name, "application/octet-stream")


@login_required
@require_POST
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit's own file, faulty cells coloured and commented, to be corrected in Excel.

    At once for a register of ordinary size; a large one is the worker's.
    """
    account = account_of(request)
    register = register_or_404(request, pk)
    if register.row_count > background.MARKED_AT_ONCE:
        require(account, Action.LIST_EXPORT, register)
        require(account, Action.PERSON_UNMASK, register)
        return redirect(background.ask_mark(account, register))
    content = marked_file(actor=account, register=register)
    return file_response(content, marked_name(register), XLSX)


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
            [
                _whole(row, numbers[row.pk]) if key == "id_number" and row.pk in numbers else text
                for key, text in cells
            ]
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
    return file_response(content, _("登记表 %(number)s.xlsx") % {"number": register.number}, XLSX)


def _whole(row: RegisterRow, number: str) -> str | float:
    """The ID number; as a number where Excel has destroyed it: nobody may take it for whole."""
    return float(number) if row.id_number_from_number and number.isdecimal() else number


def _rows(register: Register) -> list[tuple[RegisterRow, list[tuple[str, str]]]]:
    """Every row with its ten texts by column, ID numbers masked."""
    texts = {"id_number": "id_number_masked", "approval_date": "approval_date_text"}
    return [
        (row, [(key, str(getattr(row, texts.get(key, key)))) for key in KEYS])
        for row in register.rows.order_by("position")
    ]
