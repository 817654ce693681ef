"""Two years side by side."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET

from zhicheng.organizations.permissions import Action
from zhicheng.statistics import comparing, queries
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension
from zhicheng.statistics.notes import charted_words
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
from zhicheng.statistics.tables import CHARTED
from zhicheng.web.pages import account_of, page


@require_GET
@page(Action.STATISTICS_VIEW)
def compare(request: HttpRequest) -> HttpResponseBase:
    """A figure of two years, its change, and for the office its people."""
    area = area_for(request)
    years = queries.years()
    given = given_by(request)
    measure, rows = comparing.asked(given, area, years)
    last = year_of(given.get("b", ""), years)
    first = year_of(given.get("a", ""), years) if given.get("a") else None
    if last is not None and (first is None or first == last):
        first = last - 1 if last - 1 in years else last
    found = None
    if first is not None and last is not None:
        found = comparing.compare(area, measure, rows, first, last)
        if request.GET.get("export") == "xlsx":
            return export(
                account_of(request),
                comparing.sheet(found),
                kind=_l("年度对比"),
                name="statistics-years",
                query=found.query(),
            )
    context = shared_context(request, area, "compare", found.query() if found else "") | {
        "years": years,
        "first": first,
        "last": last,
        "lines": found.lines if found else [],
        "measure": MEASURES[measure],
        "rows_label": DIMENSIONS[rows].label,
        "measures": measure_choices(area, measure),
        "row_choices": [c for c in choices(area, rows) if c[3] is not Dimension.YEAR],
        "note": found.note if found else "",
        "fine_print": found.fine_print if found else "",
        "charted_words": charted_words(CHARTED, found.groups) if found else "",
        "chart_kind": "rows" if found and found.groups > STANDING else "bar",
    }
    return render(request, "statistics/compare.html", context)
