"""The statistics' pages: overview, any table, what is counted."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET

from zhicheng.organizations.permissions import Action
from zhicheng.statistics import queries
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension
from zhicheng.statistics.models import SavedView
from zhicheng.statistics.notes import charted_words, fine_print
from zhicheng.statistics.overview import Overview
from zhicheng.statistics.page_parts import (
    STANDING,
    area_for,
    choices,
    export,
    given_by,
    measure_choices,
    shared_context,
    year_of,
)
from zhicheng.statistics.tables import CHARTED, Question, Table, build, narrowing, parse
from zhicheng.statistics.views_saved import address_of
from zhicheng.statistics.workbook import sheet_of
from zhicheng.web.pages import account_of, page


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
    area = area_for(request)
    years = queries.years()
    year = year_of(given_by(request).get("year", ""), years)
    context = shared_context(request, area, "overview", f"year={year}" if year else "")
    context |= {"years": years, "year": year}
    if year is not None:
        context["overview"] = Overview(area, year, years)
    return render(request, "statistics/overview.html", context)


@require_GET
@page(Action.STATISTICS_VIEW)
def table(request: HttpRequest) -> HttpResponseBase:
    """Any figure by one or two dimensions."""
    area = area_for(request)
    years = queries.years()
    given = given_by(request)
    question = parse(given, area, years)
    found = build(area, question)
    if request.GET.get("export") == "xlsx":
        return export(
            account_of(request),
            sheet_of(found),
            kind=_l("统计表"),
            name="statistics",
            query=question.query(),
        )
    offered = narrowing(given, area, question.by)
    context = shared_context(request, area, "table", question.query()) | {
        "table": found,
        "question": question,
        "measure": MEASURES[question.measure],
        "rows_label": DIMENSIONS[question.rows].label,
        "measures": measure_choices(area, question.measure),
        "row_choices": choices(area, question.rows),
        "column_choices": [
            choice
            for choice in choices(area, question.columns)
            if area.exact or DIMENSIONS[choice[3]].short
        ],
        "years": years,
        "narrowing": area.exact,
        "filter_choices": [c for c in choices(area, offered) if c[3] is not Dimension.YEAR],
        "offered": DIMENSIONS[offered].key if offered is not None else "",
        "values": _values(offered, question),
        "chart_kind": _chart_kind(found),
        "sums": found.sums,
        "fine_print": fine_print(rounded=found.rounded, hidden=found.hidden),
        "charted_words": charted_words(CHARTED, len(found.lines)),
    }
    return render(request, "statistics/table.html", context)


def _chart_kind(table: Table) -> str:
    """Parts in one bar; else bars that lie where their names wouldn't fit under standing ones."""
    if table.question.columns is not None:
        return "stack"
    return "rows" if len(table.lines) > STANDING else "bar"


def _values(offered: Dimension | None, question: Question) -> list[tuple[int, str, bool]]:
    """The values of the narrowing dimension that occur in the figure, and the one chosen."""
    if offered is None:
        return []
    codes = {code for (code,) in queries.counts(question.measure, [offered])}
    chosen = question.value if question.narrowed is offered else None
    # What is chosen stays chosen in the box where nobody is in it.
    codes |= {chosen} if chosen is not None else set()
    words = queries.labels(offered, sorted(codes))
    return sorted(
        ((code, words.get(code, str(code)), code == chosen) for code in codes),
        key=lambda item: (item[0] == 0, item[1]),
    )


@require_GET
@page(Action.STATISTICS_VIEW)
def definitions(request: HttpRequest) -> HttpResponseBase:
    """What each figure counts, from which table, and what is hidden from whom."""
    area = area_for(request)
    context = shared_context(request, area, "definitions") | {
        "measure_list": list(MEASURES.values()),
        "dimension_list": list(DIMENSIONS.values()),
    }
    return render(request, "statistics/definitions.html", context)
