"""The statistics' pages: overview, any table, two years, how units work, what is counted."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.statistics import processes, queries
from zhicheng.statistics.areas import Area, area_of
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, fixed_labels
from zhicheng.statistics.models import SavedView, Step
from zhicheng.statistics.overview import Overview
from zhicheng.statistics.refreshing import waiting
from zhicheng.statistics.tables import Question, Table, area_words, build, parse
from zhicheng.statistics.views_saved import address_of
from zhicheng.statistics.workbook import hidden_words, rounding_words, workbook
from zhicheng.web.exports import download
from zhicheng.web.lists import Column
from zhicheng.web.pages import account_of, page
from zhicheng.web.privacy import holds_id_number


def _area(request: HttpRequest) -> Area:
    account = account_of(request)
    area = area_of(account)
    require(account, Action.STATISTICS_VIEW, area)
    return area


def _given(request: HttpRequest) -> dict[str, str]:
    return {
        key: str(value) for key, value in request.GET.items() if not holds_id_number(str(value))
    }


def _context(request: HttpRequest, area: Area, path: str, query: str = "") -> dict[str, Any]:
    """What every page of the statistics has: tabs, as of when, the account's own views."""
    account = account_of(request)
    tabs = [
        {"label": label, "url": f"/statistics/{name}/", "current": name == path}
        for name, label in (
            ("overview", _("总览")),
            ("table", _("统计表")),
            ("compare", _("年度对比")),
            ("process", _("办理情况")),
            ("definitions", _("口径说明")),
        )
    ]
    views = [
        {"view": view, "url": address_of(view)}
        for view in SavedView.objects.filter(account=account)
    ]
    return {
        "tabs": tabs,
        "path": path,
        "area": area,
        "area_words": area_words(area),
        "as_of": queries.moment().as_of,
        "uncounted": waiting(),
        "saved_views": views,
        "save_query": query,
        "may_save": might(account, Action.STATISTICS_VIEW_SAVE),
        "may_export": might(account, Action.LIST_EXPORT),
        "may_report": may(account, Action.STATISTICS_REPORT, area),
        "hidden_words": hidden_words(),
        "rounding_words": rounding_words(),
    }


@require_GET
@page(Action.STATISTICS_VIEW)
def home(request: HttpRequest) -> HttpResponseBase:
    """The account's own first view, or the overview."""
    view = SavedView.objects.filter(account=account_of(request), is_default=True).first()
    return redirect(address_of(view) if view else "statistics:overview")


@require_GET
@page(Action.STATISTICS_VIEW)
def overview(request: HttpRequest) -> HttpResponseBase:
    """The figures of one year at a glance, with those of the year before."""
    area = _area(request)
    years = queries.years()
    year = _year(_given(request).get("year", ""), years)
    context = _context(request, area, "overview", f"year={year}" if year else "")
    context |= {"years": years, "year": year}
    if year is not None:
        context["overview"] = Overview(area, year, years)
    return render(request, "statistics/overview.html", context)


def _year(text: str, years: list[int]) -> int | None:
    if text.isascii() and text.isdigit() and int(text[:6]) in years:
        return int(text)
    this = timezone.localdate().year
    return this if this in years else (years[-1] if years else None)


@require_GET
@page(Action.STATISTICS_VIEW)
def table(request: HttpRequest) -> HttpResponseBase:
    """Any figure by one or two dimensions."""
    area = _area(request)
    years = queries.years()
    question = parse(_given(request), area, years)
    found = build(area, question)
    if request.GET.get("export") == "xlsx":
        return export(account_of(request), found)
    narrowed = question.narrowed
    context = _context(request, area, "table", question.query()) | {
        "table": found,
        "question": question,
        "measure": MEASURES[question.measure],
        "rows_label": DIMENSIONS[question.rows].label,
        "measures": [
            (MEASURES[item].key, MEASURES[item].label, item is question.measure)
            for item in area.measures
        ],
        "row_choices": _choices(area, question.rows),
        "column_choices": [
            choice
            for choice in _choices(area, question.columns)
            if area.exact or DIMENSIONS[choice[3]].short
        ],
        "years": years,
        "narrowing": area.exact,
        "filter_choices": [c for c in _choices(area, narrowed) if c[3] is not Dimension.YEAR],
        "values": _values(narrowed, question),
        "chart_kind": "stack" if question.columns is not None else "bar",
        "sums": any(line.total for line in found.lines) and question.columns is not None,
    }
    return render(request, "statistics/table.html", context)


def _choices(area: Area, chosen: Dimension | None) -> list[tuple[str, object, bool, Dimension]]:
    return [
        (DIMENSIONS[item].key, DIMENSIONS[item].label, item is chosen, item)
        for item in area.dimensions
    ]


def _values(narrowed: Dimension | None, question: Question) -> list[tuple[int, str, bool]]:
    """The values of the narrowing dimension that occur in the figure."""
    if narrowed is None:
        return []
    codes = [code for (code,) in queries.counts(question.measure, [narrowed])]
    words = queries.labels(narrowed, codes)
    return sorted(
        ((code, words.get(code, str(code)), code == question.value) for code in codes),
        key=lambda item: (item[0] == 0, item[1]),
    )


def export(account: Account, found: Table) -> FileResponse:
    """The table as an Excel file, once the account may; recorded with the file's digest."""
    require(account, Action.LIST_EXPORT)
    stream = workbook(found, queries.moment().as_of, account.display_name)
    with recorded(account, Action.LIST_EXPORT) as record:
        record(
            data={
                "list": "统计表",
                "count": len(found.lines),
                "filters": {"query": found.question.query(), "scope": found.scope},
                "searched": False,
                "sha256": sha256(stream.getbuffer()).hexdigest(),
            }
        )
    name = f"statistics-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=name)


@require_GET
@page(Action.STATISTICS_VIEW)
def compare(request: HttpRequest) -> HttpResponseBase:
    """Two years side by side."""
    area = _area(request)
    years = queries.years()
    given = _given(request)
    last = _year(given.get("b", ""), years)
    first = _year(given.get("a", ""), years) if given.get("a") else None
    if last is not None and (first is None or first == last):
        first = last - 1 if last - 1 in years else last
    question = parse({**given, "columns": ""}, area, years)
    if question.rows is Dimension.YEAR:
        question = parse({**given, "rows": "level", "columns": ""}, area, years)
    lines = _two_years(area, question, first, last) if last is not None else []
    if request.GET.get("export") == "xlsx":
        return download(
            account_of(request),
            title=_l("年度对比"),
            name="statistics-years",
            columns=(
                Column(DIMENSIONS[question.rows].label, ""),
                *(Column(str(year), "", kind="number") for year in (first, last)),
                Column(_l("增减"), "", kind="number"),
                Column(_l("增减（%）"), "", kind="number"),
            ),
            rows=[
                [line["label"], *("*" if n is None else n for n in (line["a"], line["b"])),
                 line["change"], line["percent"]]
                for line in lines
            ],
            filters={"query": question.query(), "years": f"{first}, {last}"},
        )  # fmt: skip
    measure = MEASURES[question.measure]
    query = f"m={measure.key}&rows={DIMENSIONS[question.rows].key}&a={first}&b={last}"
    context = _context(request, area, "compare", query) | {
        "years": years,
        "first": first,
        "last": last,
        "lines": lines,
        "measure": measure,
        "rows_label": DIMENSIONS[question.rows].label,
        "measures": [
            (MEASURES[item].key, MEASURES[item].label, item is question.measure)
            for item in area.measures
        ],
        "row_choices": [c for c in _choices(area, question.rows) if c[3] is not Dimension.YEAR],
        "any_hidden": any(line["a"] is None or line["b"] is None for line in lines),
    }
    return render(request, "statistics/compare.html", context)


def _two_years(
    area: Area, question: Question, first: int | None, last: int | None
) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    totals = []
    for key, year in (("a", first), ("b", last)):
        counted = build(area, Question(question.measure, question.rows, None, year), linked=False)
        for line in counted.lines:
            entry = found.setdefault(line.code, {"label": line.label, "a": 0, "b": 0})
            entry[key] = line.cells[0].n
        totals.append(counted.totals[0].n if counted.totals else 0)
    lines = sorted(found.items(), key=lambda item: _rank(question.rows, *item))
    together = {"label": _("合计"), "a": totals[0], "b": totals[1], "total": True}
    shown = [line for _code, line in lines] + ([together] if lines else [])
    for entry in shown:
        known = entry["a"] is not None and entry["b"] is not None
        entry["change"] = entry["b"] - entry["a"] if known else None
        entry["percent"] = (
            round(100 * entry["change"] / entry["a"], 1) if known and entry["a"] else None
        )
    return shown


def _rank(rows: Dimension, code: int, line: Mapping[str, Any]) -> tuple[Any, ...]:
    if fixed_labels(rows) is not None:
        return (code == 0, code)
    return (code == 0, -(line["b"] or 0), str(line["label"]))


@require_GET
@page(Action.STATISTICS_VIEW)
def process(request: HttpRequest) -> HttpResponseBase:
    """Days for each step and rates, by unit."""
    area = _area(request)
    years = queries.years()
    year = _year(_given(request).get("year", ""), years)
    found = processes.units(area, year) if year is not None else []
    steps = [step.label for step in Step]
    if request.GET.get("export") == "xlsx":
        return download(
            account_of(request),
            title=_l("办理情况"),
            name="statistics-process",
            columns=_process_columns(),
            rows=(_process_row(unit) for unit in found),
            filters={"year": str(year)},
        )
    context = _context(request, area, "process", f"year={year}" if year else "") | {
        "years": years,
        "year": year,
        "units": found,
        "steps": steps,
        "charted": {unit.code for unit in found[:16]},
        "only_mine": not area.exact,
    }
    return render(request, "statistics/process.html", context)


def _process_columns() -> list[Column]:
    titles = [_("发放单位"), _("首次核发证书")]
    for step in Step:
        titles += [f"{step.label} {_('中位天数')}", f"{step.label} {_('九成天数')}"]
    titles += [_("提交登记表"), _("曾被退回"), _("退回率（%）"), _("使用空白证书"), _("作废")]
    titles += [_("作废率（%）"), _("补办换发证书"), _("年末有效证书"), _("补办换发率（%）")]
    return [Column(title, "", kind="text" if not place else "number")
            for place, title in enumerate(titles)]  # fmt: skip


def _process_row(unit: processes.Unit) -> list[Any]:
    row: list[Any] = [unit.name or _("全部单位"), unit.issued]
    for step in unit.steps:
        row += [step.median, step.ninth]
    row += [unit.registers, unit.returned, unit.return_rate, unit.used, unit.spoiled]
    return [*row, unit.spoilage_rate, unit.reissued, unit.in_force, unit.reissue_rate]


@require_GET
@page(Action.STATISTICS_VIEW)
def definitions(request: HttpRequest) -> HttpResponseBase:
    """What each figure counts, from which table, and what is hidden from whom."""
    area = _area(request)
    context = _context(request, area, "definitions") | {
        "measure_list": list(MEASURES.values()),
        "dimension_list": list(DIMENSIONS.values()),
    }
    return render(request, "statistics/definitions.html", context)
