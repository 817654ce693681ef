"""The grid's requests: rows and news as JSON, batches of cells, rows off, one ID number.

What somebody looks for and every cell's text travels in bodies, never in an address (invariant 10).
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from zhicheng.registers import actions
from zhicheng.registers.cell_edits import Cell, Held, RowEdit, Saved
from zhicheng.registers.columns import KEYS
from zhicheng.registers.grid import (
    at,
    find_person,
    news,
    others_present,
    stand_at,
    whole,
)
from zhicheng.registers.missing_rules import MISSING
from zhicheng.registers.models import Register
from zhicheng.registers.offers import can_edit
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.registers.unmasking import show_id_number
from zhicheng.values.refusal import Refusal

HOW = ("edit", "paste", "fill", "clear", "accept", "undo", "redo", "add")
LONGEST = 2000
View = Callable[..., HttpResponse]


def answers_json(view: View) -> View:
    """The view's refusals as JSON, so that the grid can keep what was typed and say why."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            told = {
                name: getattr(refusal, name)
                for name in ("rule", "message", "clause", "found", "expected", "mend")
            }
            return JsonResponse({"refusal": told}, status=refusal.status)

    return answering


@login_required
@never_cache
@require_GET
@gzip_page
def data(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole register for the grid."""
    register = register_or_404(request, pk)
    return JsonResponse(whole(register) | _window(request, register))


@login_required
@never_cache
@require_GET
@answers_json
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since the version that a window shows, and who else is at which cell."""
    register = register_or_404(request, pk)
    account = account_of(request)
    told = news(register, _whole_number(request.GET.get("since", "")))
    row, column = request.GET.get("row", ""), request.GET.get("column", "")
    if row.isdecimal() and len(row) < 19 and column in KEYS and can_edit(account, register):
        stand_at(register, account, int(row), column)
    told["present"] = others_present(register, account)
    return JsonResponse(told | _window(request, register))


def _window(request: HttpRequest, register: Register) -> dict[str, Any]:
    """What a window may do now; the token stays good when somebody logs in again elsewhere."""
    return {"editable": can_edit(account_of(request), register), "token": get_token(request)}


@login_required
@never_cache
@require_POST
@answers_json
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves a batch of cells and new rows, and answers with all that changed since ``since``."""
    register = register_or_404(request, pk)
    body = _body(request)
    how = body.get("how")
    saved = actions.change_cells(
        actor=account_of(request),
        register_id=register.pk,
        edits=_edits(body),
        added=_added(body),
        told={"how": how} if how in HOW and how != "edit" else None,
    )
    if not saved.rows and not saved.added:
        saved.register = register_or_404(request, pk)
    told = news(saved.register, _whole_number(body.get("since")))
    return JsonResponse(told | _outcome(saved) | _window(request, saved.register))


def _outcome(saved: Saved) -> dict[str, Any]:
    return {
        "saved": saved.rows,
        "added": saved.added,
        "held": [_held(held) for held in saved.held],
        "sealed": saved.sealed,
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "row": held.row,
        "keys": list(held.keys),
        "gone": list(held.gone),
        "who": held.who,
        "when": at(held.when) if held.when else "",
    }


@login_required
@never_cache
@require_POST
@answers_json
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes rows off the register."""
    register = register_or_404(request, pk)
    rows = _body(request).get("rows")
    if not isinstance(rows, list):
        raise _unreadable()
    versions = {_whole_number(_of(row, "row")): _whole_number(_of(row, "version")) for row in rows}
    names = actions.remove_rows(
        actor=account_of(request), register_id=register.pk, versions=versions
    )
    return JsonResponse({"removed": names})


@login_required
@never_cache
@require_POST
@answers_json
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a person by the whole ID number."""
    register = register_or_404(request, pk)
    text = _body(request).get("text")
    return JsonResponse({"rows": find_person(register, text) if isinstance(text, str) else []})


@login_required
@never_cache
@require_POST
@answers_json
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


@login_required
@never_cache
@require_GET
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Steps, tabs, buttons and their dialogs as they are after a change."""
    register = register_or_404(request, pk)
    context = {**page_context(request, register, "detail"), "oob": True}
    return render(request, "registers/_page_parts.html", context)


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


# Reading what the grid sends; whatever has another form is refused whole.


def _unreadable() -> Refusal:
    return Refusal(
        "grid.unreadable",
        _("提交的内容无法识别，没有保存。"),
        mend=_("请刷新页面后重试。"),
    )


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise _unreadable() from None
    if not isinstance(body, dict):
        raise _unreadable()
    return body


def _of(item: object, name: str) -> object:
    if not isinstance(item, dict):
        raise _unreadable()
    return item.get(name)


def _whole_number(value: object) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _unreadable()
    return value


def _text(value: object) -> str:
    """A cell's text without what no database column can hold."""
    if not isinstance(value, str):
        raise _unreadable()
    return value.replace("\0", "")[:LONGEST].encode("utf-8", "ignore").decode()


def _edits(body: Mapping[str, Any]) -> list[RowEdit]:
    told = body.get("edits", [])
    if not isinstance(told, list):
        raise _unreadable()
    edits: dict[int, RowEdit] = {}
    for item in told:
        row, version, cells = (_of(item, name) for name in ("row", "version", "cells"))
        if not isinstance(cells, dict) or not cells or set(cells) - set(KEYS):
            raise _unreadable()
        pk = _whole_number(row)
        if pk in edits:
            raise _unreadable()
        edits[pk] = RowEdit(
            pk, _whole_number(version), {key: _cell(cell) for key, cell in cells.items()}
        )
    return list(edits.values())


def _cell(cell: object) -> Cell:
    seen, finding, sealed = (_of(cell, name) for name in ("seen", "accept", "restore"))
    if seen is not None:
        seen = _text(seen)
    if finding is not None:
        return Cell(finding=_whole_number(finding), seen=seen)
    if sealed is not None:
        return Cell(sealed=_text(sealed), seen=seen)
    return Cell(_text(_of(cell, "to")), seen=seen)


def _added(body: Mapping[str, Any]) -> list[dict[str, str]]:
    told = body.get("add", [])
    if not isinstance(told, list):
        raise _unreadable()
    rows = []
    for item in told:
        if not isinstance(item, dict) or set(item) - set(KEYS):
            raise _unreadable()
        rows.append({key: _text(value) for key, value in item.items()})
    return rows
