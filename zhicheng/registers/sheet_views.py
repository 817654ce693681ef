"""The grid of a register: pages of rows, corrections in place, values taken over."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhicheng.registers import actions
from zhicheng.registers.columns import KEYS
from zhicheng.registers.grid import MISSING, Wanted, lines, next_fault, page_of, read_grid
from zhicheng.registers.models import Register, RegisterRow, Severity
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.registers.unmasking import show_id_number
from zhicheng.values.refusal import Conflict
from zhicheng.web.partial import wants_part


def wanted_from(request: HttpRequest) -> Wanted:
    """Which rows the page asks for; a counter or kind that was pressed begins at page 1."""
    asked = request.POST if request.method == "POST" else request.GET
    show, code = asked.get("show", ""), asked.get("code", "")
    page = asked.get("page", "1")
    if "only" in asked:
        only = asked["only"]
        show, code = (only, "") if only in Severity.values else ("", only)
        page = "1"
    if show not in Severity.values:
        show = ""
    return Wanted(
        show, code[:50], asked.get("find", "").strip()[:100], int(page) if page.isdecimal() else 1
    )


def grid_context(request: HttpRequest, register: Register, wanted: Wanted) -> dict[str, Any]:
    """The whole page's context with one page of rows."""
    grid = read_grid(register, wanted)
    return {
        **page_context(request, register, "detail"),
        "grid": grid,
        "wanted": grid.wanted,
        "page_numbers": _page_numbers(grid.wanted.page, grid.pages),
        "editor_columns": KEYS,
    }


def _page_numbers(page: int, pages: int) -> list[int]:
    """The numbers that the pager shows; 0 stands for a gap."""
    near = {1, pages, page - 2, page - 1, page, page + 1, page + 2}
    numbers: list[int] = []
    for number in sorted(number for number in near if 1 <= number <= pages):
        if numbers and number > numbers[-1] + 1:
            numbers.append(0)
        numbers.append(number)
    return numbers


@login_required
@require_POST
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows asked for: by counter, kind, name, page, or the next fault from a place.

    By POST, so that what somebody looks for never stands in an address (invariant 10).
    """
    register = register_or_404(request, pk)
    wanted = wanted_from(request)
    focus = ""
    go = request.POST.get("go", "")
    if go in ("next", "previous"):
        place = request.POST.get("position", "0")
        position = int(place) if place.isdecimal() else 0
        backwards = go == "previous"
        found = next_fault(register, wanted, position=position, backwards=backwards) or next_fault(
            # Past the last fault comes the first one again, and the other way round.
            register,
            wanted,
            position=register.row_count + 1 if backwards else 0,
            backwards=backwards,
        )
        if found is None:
            return HttpResponse(status=204, headers={"HX-Trigger": "sheet:end"})
        row, key = found
        page = page_of(register, wanted, row)
        wanted = Wanted(wanted.show, wanted.code, wanted.find, page)
        focus = f"c-{row.pk}-{key}"
    context = {**grid_context(request, register, wanted), "focus": focus}
    template = "registers/_grid_answer.html" if wants_part(request) else "registers/rows.html"
    return render(request, template, context)


@login_required
@require_POST
def correct(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    """Corrects one cell and answers with its row, checked again."""
    register = register_or_404(request, pk)
    row = _row_or_404(register, row_id)
    column = request.POST.get("column", "")
    if column not in KEYS:
        raise Http404
    before = _marks(request, register)
    try:
        actions.correct_row(
            actor=account_of(request),
            row_id=row.pk,
            changes={column: request.POST.get("value", "")},
            version=_number(request, "version"),
        )
    except Conflict as error:
        return _second(request, register, row.pk, error)
    return _answer(request, register, row.pk, before)


@login_required
@require_POST
def accept_suggestion(request: HttpRequest, pk: int, row_id: int, finding_id: int) -> HttpResponse:
    """Takes over the value that a finding offers."""
    register = register_or_404(request, pk)
    row = _row_or_404(register, row_id)
    get_object_or_404(register.findings, pk=finding_id, row=row)
    before = _marks(request, register)
    try:
        actions.accept_suggestion(
            actor=account_of(request), finding_id=finding_id, version=_number(request, "version")
        )
    except Conflict as error:
        return _second(request, register, row.pk, error)
    return _answer(request, register, row.pk, before)


@login_required
@login_required
@require_POST
def accept_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes over every value that findings of one kind offer, and answers with the rows."""
    register = register_or_404(request, pk)
    changed = actions.accept_suggestions(
        actor=account_of(request), register_id=register.pk, code=request.POST.get("kind", "")
    )
    text = _("已更正 %(count)d 处，全表已重新核对。") % {"count": changed}
    if not wants_part(request):
        messages.success(request, text)
        return redirect("registers:detail", pk)
    register.refresh_from_db()
    return render(
        request,
        "registers/_grid_answer.html",
        {**grid_context(request, register, wanted_from(request)), "said": text},
    )


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    """Takes a row off the register."""
    register = register_or_404(request, pk)
    row = _row_or_404(register, row_id)
    actions.remove_row(
        actor=account_of(request), row_id=row.pk, version=_number(request, "version")
    )
    text = _("已删除第 %(row)d 行 %(name)s。") % {"row": row.position, "name": row.name}
    if not wants_part(request):
        messages.success(request, text)
        return redirect("registers:detail", pk)
    register.refresh_from_db()
    return render(
        request,
        "registers/_grid_answer.html",
        {**grid_context(request, register, wanted_from(request)), "said": text},
    )


@login_required
@require_POST
def add_missing(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds people whom the approval documents list and the register doesn't have."""
    register = register_or_404(request, pk)
    chosen = [int(text) for text in request.POST.getlist("person") if text.isdecimal()]
    missing = set(
        register.findings.filter(code=MISSING, suggested_person__in=chosen).values_list(
            "suggested_person", flat=True
        )
    )
    with_numbers = request.POST.get("numbers") == "1"
    added = actions.add_people(
        actor=account_of(request),
        register_id=register.pk,
        person_ids=sorted(missing),
        with_numbers=with_numbers,
    )
    text = _("已加入 %(count)d 人，排在表末。请补填证书编号。")
    if with_numbers:
        text = _("已加入 %(count)d 人，排在表末，证书编号已分配。")
    messages.success(request, text % {"count": len(added)})
    return redirect(f"{reverse('registers:detail', args=[pk])}?row={added[0]}")


@login_required
@never_cache
@require_POST
def reveal(request: HttpRequest, pk: int, row_id: int) -> HttpResponse:
    """One whole ID number, for the cell that is being corrected or for a stated purpose."""
    register = register_or_404(request, pk)
    number = show_id_number(
        actor=account_of(request),
        register=register,
        row_id=row_id,
        purpose=request.POST.get("purpose", ""),
    )
    return JsonResponse({"id_number": number})


def _second(request: HttpRequest, register: Register, row_id: int, error: Conflict) -> HttpResponse:
    """Whoever came second sees what came first: the refusal, and the row as it is now."""
    if not wants_part(request):
        raise error
    register.refresh_from_db()
    found = list(register.rows.filter(pk=row_id))
    answer = render(
        request,
        "registers/_second_answer.html",
        {
            "refusal": error,
            "register": register,
            "editable": True,
            "changed": lines(register, found, wanted_from(request)),
        },
        status=409,
    )
    answer["HX-Retarget"] = "#sheet-said"
    answer["HX-Reswap"] = "innerHTML"
    return answer


def _row_or_404(register: Register, row_id: int) -> RegisterRow:
    return get_object_or_404(register.rows, pk=row_id)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() else 0


def _marks(request: HttpRequest, register: Register) -> dict[int, set[tuple[str, str, str]]]:
    """What is marked on the page shown: a correction can free or mark other rows as well."""
    grid = read_grid(register, wanted_from(request))
    return {
        line.row.pk: {
            (found.finding.column, found.finding.code, found.finding.message)
            for cell in line.cells
            for found in cell.findings
        }
        for line in grid.lines
    }


def _answer(
    request: HttpRequest,
    register: Register,
    row_id: int,
    before: dict[int, set[tuple[str, str, str]]],
) -> HttpResponse:
    """The row, and out of band whatever else the correction changed on the page."""
    if not wants_part(request):
        return redirect("registers:detail", register.pk)
    register.refresh_from_db()
    wanted = wanted_from(request)
    shown = register.rows.filter(pk__in={row_id, *before}).order_by("position")
    rows_now = lines(register, list(shown), wanted)
    changed = []
    for line in rows_now:
        marks = {
            (found.finding.column, found.finding.code, found.finding.message)
            for cell in line.cells
            for found in cell.findings
        }
        if line.row.pk != row_id and marks != before.get(line.row.pk):
            changed.append(line)
    context = {
        **page_context(request, register, "detail"),
        "wanted": wanted,
        "line": next((line for line in rows_now if line.row.pk == row_id), None),
        "changed": changed,
    }
    return render(request, "registers/_row_answer.html", context)
