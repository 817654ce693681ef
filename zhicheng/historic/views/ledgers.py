"""Old ledgers for the office: list, upload, mapping, preview, import, taking back (N7)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.historic import columns, ledgers, queries, taking_back
from zhicheng.historic.background import ask_check, ask_import
from zhicheng.historic.forms import LedgerForm, WhyForm
from zhicheng.historic.lifecycle import LEDGER
from zhicheng.historic.models import Ledger, LedgerLine, LedgerState, LineOutcome
from zhicheng.historic.reading import SheetHead
from zhicheng.historic.tabs import tabs
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.permissions import Action
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.exports import download
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page

SHOWN = 100
SAMPLES = 8


class Ledgers(ListPage):
    """Every import with its counts."""

    title = _l("历史台账")
    purpose = _l("导入以前发放证书的台账；导入的记录是查询的最后一个来源，可以整批撤回。")
    clause = "N7"
    template_name = "historic/ledgers.html"
    action = Action.LEDGER_VIEW
    search_fields = ("number", "title", "file_name")
    search_hint = _l("导入号、台账名称")
    empty_title = _l("还没有历史台账")
    empty_text = _l("从“上传台账”开始：任何栏目的 Excel 都可以，下一步再对应栏目。")
    export_name = "ledgers"
    columns: ClassVar = (
        Column(
            _l("导入号"),
            "number",
            sort="number",
            kind="code",
            link=lambda item: item.get_absolute_url(),
        ),
        Column(_l("台账名称"), "title", sort="title"),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        Column(_l("行数"), "row_count", sort="row_count", kind="number"),
        Column(_l("已导入"), "taken_count", sort="taken_count", kind="number"),
        Column(_l("重复"), "same_count", sort="same_count", kind="number"),
        Column(_l("不能导入"), "refused_count", sort="refused_count", kind="number"),
        Column(_l("来源冲突"), "conflict_count", sort="conflict_count", kind="number"),
        Column(_l("上传时间"), "uploaded_at", sort="uploaded_at", kind="time"),
        Column(_l("导入时间"), "imported_at", sort="imported_at", kind="time"),
        Column(_l("导入人"), "imported_by.display_name"),
    )
    filters: ClassVar = (ChoiceFilter("state", _l("状态"), LedgerState.choices),)

    def get_queryset(self) -> QuerySet[Ledger]:
        """What the account may see."""
        return queries.ledgers(self.account)

    def extra_context(self) -> dict[str, Any]:
        """The button, and the other lists."""
        return {
            "may_upload": might(self.account, Action.LEDGER_UPLOAD),
            "tabs": tabs(self.account, "ledgers"),
        }


def _ledger(request: HttpRequest, pk: int) -> Ledger:
    return get_object_or_404(queries.ledgers(account_of(request)), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.LEDGER_UPLOAD)
def upload(request: HttpRequest) -> HttpResponseBase:
    """The file; then its mapping."""
    form = LedgerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        ledger = ledgers.upload(
            actor=account_of(request),
            content=file.read(),
            name=file.name,
            title=form.cleaned_data["title"],
            self_managed=form.cleaned_data["self_managed"],
        )
        return redirect("historic:map", ledger.pk)
    return render(request, "historic/upload.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.LEDGER_MAP)
def mapping(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Which column is what: guessed or remembered, to be changed, with samples."""
    account = account_of(request)
    ledger = _ledger(request, pk)
    heads = ledgers.heads_of(Ledger.objects.only("head_cipher").get(pk=pk))
    given = request.POST if request.method == "POST" else request.GET
    sheet = _whole(given.get("sheet"), ledger.sheet, len(heads) - 1)
    head = heads[sheet]
    kept = ledger.header_row if sheet == ledger.sheet else head.header_row
    rows = [number for number, _cells in head.lines]
    header = _whole(given.get("header_row"), kept, rows[-1])
    header = header if header in rows else kept
    if request.method == "POST":
        chosen = {
            place: key
            for place in range(len(head.letters))
            if (key := request.POST.get(f"column_{place}", "")) in columns.KEYS
        }
        done = ledgers.map_columns(
            actor=account,
            ledger_id=ledger.pk,
            sheet=sheet,
            header_row=header,
            chosen=chosen,
            self_managed=request.POST.get("self_managed") == "on",
        )
        return redirect(ask_check(account, done).get_absolute_url())
    same = (sheet, header) == (ledger.sheet, ledger.header_row)
    proposed, known = ledgers.proposal(
        account.organization_id, head.headings(header), head.samples(header)
    )
    chosen = {int(place): key for place, key in ledger.chosen.items()} if same else proposed
    context = {
        "ledger": ledger,
        "sheets": [(at, each.name, each.rows) for at, each in enumerate(heads)],
        "sheet": sheet,
        "header": header,
        "above": _above(head),
        "columns": _columns(head, header, chosen),
        "fields": columns.FIELDS,
        "required": [field.title for field in columns.FIELDS if field.required],
        "known": known,
    }
    return render(request, "historic/map.html", context)


def _whole(text: str | None, otherwise: int, most: int) -> int:
    if text and text.isdecimal() and len(text) < 7 and int(text) <= most:
        return int(text)
    return otherwise


def _above(head: SheetHead) -> list[dict[str, Any]]:
    """The first lines, to choose the header from; ID numbers masked."""
    return [
        {"number": number, "cells": [hide_id_numbers(cell) for cell in cells[:12]]}
        for number, cells in head.lines
    ]


def _columns(head: SheetHead, header: int, chosen: dict[int, str]) -> list[dict[str, Any]]:
    headings, samples = head.headings(header), head.samples(header)[:SAMPLES]
    found = []
    for place, letters in enumerate(head.letters):
        cells = [row[place] for row in samples if place < len(row) and row[place]]
        heading = headings[place] if place < len(headings) else ""
        if not heading and not cells:
            continue
        found.append(
            {
                "place": place,
                "letter": letters,
                "heading": hide_id_numbers(heading),
                "samples": [hide_id_numbers(cell) for cell in cells[:3]],
                "chosen": chosen.get(place, ""),
            }
        )
    return found


@require_safe
@page(Action.LEDGER_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What was found in it, or what became of it; lines by outcome."""
    account = account_of(request)
    ledger = _ledger(request, pk)
    if ledger.state == LedgerState.UPLOADED and might(account, Action.LEDGER_MAP):
        return redirect("historic:map", pk)
    wanted = request.GET.get("show", "")
    lines = ledger.lines.defer("id_number_cipher").order_by("row")
    kinds = {
        "warning": lines.filter(worst="warning"),
        **{value: lines.filter(outcome=value) for value in LineOutcome.values},
    }
    found = kinds.get(wanted, lines.exclude(worst="") if ledger.refused_count else lines)
    moves = {move.action for move in LEDGER.allowed(ledger.state)}
    context = {
        "ledger": ledger,
        "tabs": tabs(account, "ledgers"),
        "tiles": _tiles(ledger),
        "show": wanted,
        "lines": found[:SHOWN],
        "more": found[SHOWN : SHOWN + 1].exists(),
        "shown": SHOWN,
        "may_map": Action.LEDGER_MAP in moves and may(account, Action.LEDGER_MAP),
        "may_import": Action.LEGACY_IMPORT in moves and may(account, Action.LEGACY_IMPORT),
        "may_discard": Action.LEDGER_DISCARD in moves and may(account, Action.LEDGER_DISCARD),
        "may_take_back": Action.LEDGER_TAKE_BACK in moves and may(account, Action.LEDGER_TAKE_BACK),
        "why": WhyForm(),
        "mapped": [(head_name, columns.TITLES[key]) for head_name, key in _mapped(ledger)],
    }
    return render(request, "historic/ledger.html", context)


def _mapped(ledger: Ledger) -> list[tuple[str, str]]:
    head = ledgers.heads_of(Ledger.objects.only("head_cipher").get(pk=ledger.pk))[ledger.sheet]
    headings = head.headings(ledger.header_row)
    return [
        (hide_id_numbers(headings[int(place)]) if int(place) < len(headings) else "", key)
        for place, key in sorted(ledger.chosen.items(), key=lambda item: int(item[0]))
    ]


def _tiles(ledger: Ledger) -> list[tuple[Any, int, str]]:
    if ledger.state in (LedgerState.IMPORTED, LedgerState.TAKEN_BACK):
        return [
            (_("台账行数"), ledger.row_count, ""),
            (_("已导入"), ledger.taken_count, "taken"),
            (_("与已有记录相同"), ledger.same_count, "same"),
            (_("不能导入"), ledger.refused_count, "refused"),
            (_("与其他来源不一致"), ledger.conflict_count, ""),
        ]
    return [
        (_("台账行数"), ledger.row_count, ""),
        (_("可导入"), ledger.ready_count, "ready"),
        (_("其中有提示"), ledger.warning_count, "warning"),
        (_("不能导入"), ledger.refused_count, "refused"),
    ]


_REFUSED = (
    Column(_l("行号"), "row", kind="number"),
    Column(_l("证书编号"), "certificate_number", kind="code"),
    Column(_l("姓名"), "name"),
    Column(_l("身份证号码"), "id_number_masked", kind="code"),
    Column(_l("结果"), "get_outcome_display"),
    Column(_l("原因"), lambda line: "；".join(f"{f[0]}：{f[3]}" for f in line.findings)),
)


@require_safe
@page(Action.LEDGER_VIEW)
def not_taken(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that weren't taken, with their reasons, as Excel."""
    ledger = _ledger(request, pk)
    lines = LedgerLine.objects.filter(
        ledger=ledger, outcome__in=[LineOutcome.REFUSED, LineOutcome.SAME]
    ).order_by("row")
    return download(
        account_of(request),
        title=_l("没有导入的行"),
        name=f"{ledger.number}-not-taken",
        columns=_REFUSED,
        rows=(
            [column.words(line) for column in _REFUSED] for line in lines.iterator(chunk_size=2000)
        ),
        filters={"ledger": ledger.number},
        searched=False,
    )


@require_POST
@page(Action.LEGACY_IMPORT)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """导入, in the worker."""
    return redirect(ask_import(account_of(request), _ledger(request, pk)).get_absolute_url())


@require_POST
@page(Action.LEDGER_DISCARD)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """放弃."""
    ledgers.discard(actor=account_of(request), ledger_id=_ledger(request, pk).pk)
    messages.success(request, _("已放弃这个台账。"))
    return redirect("historic:ledgers")


@require_POST
@page(Action.LEDGER_TAKE_BACK)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """整批撤回."""
    reason = cleaned(WhyForm(request.POST))["reason"]
    ledger = taking_back.take_back(
        actor=account_of(request), ledger_id=_ledger(request, pk).pk, reason=reason
    )
    messages.success(request, _("%(number)s 的导入已整批撤回。") % {"number": ledger.number})
    return redirect(ledger.get_absolute_url())
