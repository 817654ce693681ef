"""Figures as an Excel file: numbers, a chart that the spreadsheet draws itself, definitions."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, Measure
from zhicheng.statistics.notes import charted_words, hidden_words, note_on, rounding_words
from zhicheng.statistics.tables import CHARTED, Table
from zhicheng.web.excel import harmless

HIDDEN = "*"
HEAD = 4  # the row of the heads; title, scope and moment stand above


@dataclass(frozen=True)
class Sheet:
    """What is written: words in the first column, numbers beside; None stays empty.

    The chart shows the columns ``charted`` of the rows ``charted_rows``; ``last`` is the row of
    sums.
    """

    name: str
    title: str
    scope: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    last: Sequence[Any] | None
    charted: Sequence[int]
    charted_rows: range
    definitions: Sequence[tuple[str, str]]
    stacked: bool = False


def sheet_of(table: Table) -> Sheet:
    """A table of figures."""
    question = table.question
    heads = [str(DIMENSIONS[question.rows].label), *(label for _code, label in table.heads)]
    more = [(_("范围"), "；".join(table.scope))]
    if note := note_on(table):
        more.append((_("分组"), note))
    if table.hidden:
        more.append((HIDDEN, hidden_words()))
    elif table.rounded:
        more.append((_("取整"), rounding_words()))
    last = None
    if table.totals is not None:
        cells = [*table.totals, *([table.total] if table.total else [])]
        last = [_("合计"), *(_shown(cell.n) for cell in cells)]
    return Sheet(
        name=_("统计表"),
        title=table.title,
        scope=table.scope,
        heads=[*heads, *([_("合计")] if table.sums else [])],
        rows=[
            [line.label, *(_shown(cell.n) for cell in line.cells)]
            + ([_shown(line.total.n)] if line.total else [])
            for line in table.lines
        ],
        last=last,
        charted=range(1, len(table.heads) + 1),
        charted_rows=range(min(len(table.lines), CHARTED)),
        definitions=[*definition_of(question.measure, question.by), *more],
        stacked=question.columns is not None,
    )


def _shown(n: int | None) -> int | str:
    return HIDDEN if n is None else n


def definition_of(measure: Measure, by: Sequence[Dimension]) -> list[tuple[str, str]]:
    """What a figure counts and what its dimensions mean."""
    found = MEASURES[measure]
    return [
        (_("指标"), str(found.label)),
        (_("含义"), str(found.text)),
        (_("计量单位"), str(found.unit)),
        (_("取自"), str(found.table)),
        (_("所属年份"), str(found.year)),
        *((str(DIMENSIONS[item].label), str(DIMENSIONS[item].text)) for item in by),
    ]


def write(sheet: Sheet, as_of: datetime | None, made_by: str) -> io.BytesIO:
    """The file's bytes, at their beginning."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet(sheet.name)
        bold = book.add_format(
            {"bold": True, "bg_color": "#E8EEF5", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        strong = book.add_format({"bold": True, "top": 1})
        page.write_string(
            0, 0, harmless(sheet.title), book.add_format({"bold": True, "font_size": 14})
        )
        page.write_string(1, 0, harmless("；".join(sheet.scope)))
        page.write_string(2, 0, made_line(as_of, made_by))
        for column, label in enumerate(sheet.heads):
            page.write_string(HEAD, column, harmless(label), bold)
        for place, row in enumerate(sheet.rows, start=HEAD + 1):
            _write(page, place, row)
        if sheet.last is not None:
            _write(page, HEAD + len(sheet.rows) + 1, sheet.last, strong)
        page.set_column(0, 0, 26)
        page.set_column(1, max(1, len(sheet.heads) - 1), 12)
        page.freeze_panes(HEAD + 1, 1)
        if sheet.charted_rows and sheet.charted:
            _chart(book, page, sheet)
        _definitions(book, [*sheet.definitions, (_("数据时间"), made_line(as_of, made_by))])
    stream.seek(0)
    return stream


def _write(page: Any, place: int, row: Sequence[Any], form: Any = None) -> None:
    for column, value in enumerate(row):
        if value is None:
            page.write_blank(place, column, None, form)
        elif isinstance(value, str):
            page.write_string(place, column, harmless(value), form)
        else:
            page.write_number(place, column, value, form)


def _chart(book: Any, page: Any, sheet: Sheet) -> None:
    chart = book.add_chart(
        {"type": "column", "subtype": "stacked"} if sheet.stacked else {"type": "column"}
    )
    rows = [sheet.rows[place] for place in sheet.charted_rows]
    name, head, first = page.get_name(), HEAD, HEAD + 1 + sheet.charted_rows[0]
    if any(row[column] == HIDDEN for row in rows for column in sheet.charted):
        name, head, first = _shown_alone(book, sheet, rows), 0, 1
    last = first + len(rows) - 1
    for column in sheet.charted:
        chart.add_series(
            {
                "name": [name, head, column],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
            }
        )
    drawn = charted_words(len(rows), len(sheet.rows) - sheet.charted_rows.start)
    chart.set_title({"name": f"{sheet.title}\n{drawn}" if drawn else sheet.title})
    chart.set_size({"width": 760, "height": 380})
    if len(sheet.charted) == 1:
        chart.set_legend({"none": True})
    page.insert_chart(HEAD, len(sheet.heads) + 2, chart)


def _shown_alone(book: Any, sheet: Sheet, rows: Sequence[Sequence[Any]]) -> str:
    """A sheet out of sight whose cells stay empty where a number is hidden; its name.

    A chart draws a text as nought, and nobody was nought.
    """
    page = book.add_worksheet(_("图表数据"))
    page.hide()
    for place, row in enumerate([sheet.heads, *rows]):
        _write(page, place, [None if cell == HIDDEN else cell for cell in row])
    return str(page.get_name())


def _definitions(book: Any, lines: Sequence[tuple[str, str]]) -> None:
    page = book.add_worksheet(_("口径说明"))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 90)
    for place, (label, text) in enumerate(lines):
        page.write_string(place, 0, harmless(label), wrapped)
        page.write_string(place, 1, harmless(text), wrapped)


def made_line(as_of: datetime | None, made_by: str) -> str:
    """As of when, made when and by whom."""
    when = f"{timezone.localtime(as_of):%Y-%m-%d %H:%M}" if as_of else "—"
    return _("数据截至 %(as_of)s，%(now)s 由%(who)s导出") % {
        "as_of": when,
        "now": f"{timezone.localtime():%Y-%m-%d %H:%M}",
        "who": made_by,
    }
