"""How units work: the page and its Excel file."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET

from zhicheng.organizations.permissions import Action
from zhicheng.statistics import processes, queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.models import Step
from zhicheng.statistics.page_parts import area_for, export, given_by, shared_context, year_of
from zhicheng.statistics.step_times import SECTIONS, days_words
from zhicheng.statistics.workbook import HIDDEN, Sheet
from zhicheng.web.pages import account_of, page

CHARTED_UNITS = 16


@require_GET
@page(Action.STATISTICS_VIEW)
def process(request: HttpRequest) -> HttpResponseBase:
    """Days for each step and rates, by unit."""
    area = area_for(request)
    years = queries.years()
    year = year_of(given_by(request).get("year", ""), years)
    found = processes.units(area, year) if year is not None else []
    if request.GET.get("export") == "xlsx":
        return export(
            account_of(request),
            _sheet(area, year, found),
            kind=_l("办理情况"),
            name="statistics-process",
            query=f"year={year}",
        )
    context = shared_context(request, area, "process", f"year={year}" if year else "") | {
        "years": years,
        "year": year,
        "units": found,
        "sections": [
            (
                section,
                [step.label for step in section.steps],
                [(unit, *unit.timed(section)) for unit in found],
            )
            for section in SECTIONS
        ],
        "charted": {found[place].code for place in _charted(found)},
        "only_mine": not area.exact,
        "days_words": days_words(),
        "rates_words": processes.rates_words(),
        "shown_words": "" if area.exact else processes.shown_words(),
    }
    return render(request, "statistics/process.html", context)


def _charted(found: list[processes.Unit]) -> list[int]:
    """Which lines the pictures draw: the largest units, not all together."""
    return [place for place, unit in enumerate(found) if unit.code][:CHARTED_UNITS]


def _sheet(area: Area, year: int | None, found: list[processes.Unit]) -> Sheet:
    heads = [_("发放单位"), _("首次核发证书")]
    for section in SECTIONS:
        heads.append(str(section.cases))
        for step in section.steps:
            heads += [f"{step.label} {_('中位天数')}", f"{step.label} {_('九成天数')}"]
    # The whole way's two columns are what the page draws, too.
    place = heads.index(f"{Step.WHOLE.label} {_('中位天数')}")
    whole = (place, place + 1)
    heads += [_("提交或退回的登记表"), _("其中被退回"), _("退回率（%）"), _("使用空白证书")]
    heads += [_("作废"), _("作废率（%）"), _("补办换发证书"), _("年末有效证书")]
    heads += [_("补办换发率（%）")]
    places = _charted(found)
    definitions = [(_("天数"), days_words()), (_("比率"), processes.rates_words())]
    if not area.exact:
        definitions.append((HIDDEN, processes.shown_words()))
    return Sheet(
        name=_("办理情况"),
        title=_("%(year)d 年办理情况") % {"year": year or 0},
        scope=[_("全市") if area.exact else area.organization.name],
        heads=heads,
        rows=[_row(unit) for unit in found],
        last=None,
        charted=whole,
        charted_rows=range(places[0], places[-1] + 1) if places else range(0),
        definitions=definitions,
    )


def _row(unit: processes.Unit) -> list[Any]:
    def told(n: int | None) -> int | str:
        return HIDDEN if n is None else n

    row: list[Any] = [unit.name or _("全部单位"), told(unit.issued)]
    for section in SECTIONS:
        counted, steps = unit.timed(section)
        row.append(told(counted.n))
        for step in steps:
            row += [step.median, step.ninth]
    row += [told(unit.registers), told(unit.returned), unit.return_rate]
    row += [told(unit.used), told(unit.spoiled), unit.spoilage_rate]
    return [*row, told(unit.reissued), told(unit.in_force), unit.reissue_rate]
