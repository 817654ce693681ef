"""A table as an Excel file: its numbers, a chart that the spreadsheet draws itself, definitions."""

import io
from datetime import datetime

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.statistics.definitions import DIMENSIONS, MEASURES
from zhicheng.statistics.tables import CHARTED, Table
from zhicheng.web.excel import harmless

HIDDEN = "*"


def workbook(table: Table, as_of: datetime | None, made_by: str) -> io.BytesIO:
    """The file's bytes, at their beginning."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("统计表"))
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
        strong = book.add_format({"bold": True, "top": 1})
        big = book.add_format({"bold": True, "font_size": 14})
        sheet.write_string(0, 0, harmless(table.title), big)
        sheet.write_string(1, 0, harmless("；".join(table.scope)))
        sheet.write_string(2, 0, made_line(as_of, made_by))
        head = 4
        sheet.write_string(head, 0, str(DIMENSIONS[table.question.rows].label), bold)
        for place, (_code, label) in enumerate(table.heads, start=1):
            sheet.write_string(head, place, harmless(label), bold)
        sums = any(line.total for line in table.lines)
        if sums and table.question.columns is not None:
            sheet.write_string(head, len(table.heads) + 1, _("合计"), bold)
        for place, line in enumerate(table.lines, start=head + 1):
            sheet.write_string(place, 0, harmless(line.label))
            cells = [*line.cells, *([line.total] if line.total else [])]
            for column, cell in enumerate(cells, start=1):
                _write(sheet, place, column, cell.n)
        last = head + len(table.lines)
        if table.totals is not None:
            sheet.write_string(last + 1, 0, _("合计"), strong)
            cells = [*table.totals, *([table.total] if table.total else [])]
            for column, cell in enumerate(cells, start=1):
                _write(sheet, last + 1, column, cell.n, strong)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, len(table.heads) + 1, 12)
        sheet.freeze_panes(head + 1, 1)
        if table.lines:
            _chart(book, sheet, table, head)
        _definitions(book, table, as_of, made_by)
    stream.seek(0)
    return stream


def _write(sheet, row: int, column: int, n: int | None, form=None) -> None:  # type: ignore[no-untyped-def]
    if n is None:
        sheet.write_string(row, column, HIDDEN, form)
    else:
        sheet.write_number(row, column, n, form)


def _chart(book, sheet, table: Table, head: int) -> None:  # type: ignore[no-untyped-def]
    chart = book.add_chart(
        {"type": "column", "subtype": "stacked"}
        if table.question.columns is not None
        else {"type": "column"}
    )
    name = sheet.get_name()
    last = head + min(len(table.lines), CHARTED)
    for place, (_code, _label) in enumerate(table.heads, start=1):
        chart.add_series(
            {
                "name": [name, head, place],
                "categories": [name, head + 1, 0, last, 0],
                "values": [name, head + 1, place, last, place],
            }
        )
    chart.set_title({"name": table.title})
    chart.set_size({"width": 760, "height": 380})
    if table.question.columns is None:
        chart.set_legend({"none": True})
    sheet.insert_chart(head, len(table.heads) + 3, chart)


def _definitions(book, table: Table, as_of: datetime | None, made_by: str) -> None:  # type: ignore[no-untyped-def]
    sheet = book.add_worksheet(_("口径说明"))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    measure = MEASURES[table.question.measure]
    lines = [
        (_("指标"), str(measure.label)),
        (_("含义"), str(measure.text)),
        (_("计量单位"), str(measure.unit)),
        (_("取自"), str(measure.table)),
        (_("所属年份"), str(measure.year)),
        *((str(DIMENSIONS[item].label), str(DIMENSIONS[item].text)) for item in table.question.by),
        (_("范围"), "；".join(table.scope)),
        (_("数据时间"), made_line(as_of, made_by)),
    ]
    if table.hidden:
        lines.append((HIDDEN, hidden_words()))
    elif table.rounded:
        lines.append((_("取整"), rounding_words()))
    for place, (label, text) in enumerate(lines):
        sheet.write_string(place, 0, harmless(label), wrapped)
        sheet.write_string(place, 1, harmless(text), wrapped)


def hidden_words() -> str:
    """What an asterisk means."""
    return (
        _("不足 5 人的分组不显示；为防止由合计推算，一并隐去了必要的其他分组。")
        + " "
        + rounding_words()
    )


def rounding_words() -> str:
    """Why parts don't add up to the sum outside the office."""
    return _("各分组的数字按 5 取整，与合计可能略有出入；合计是准确数。")


def made_line(as_of: datetime | None, made_by: str) -> str:
    """As of when, made when and by whom."""
    when = f"{timezone.localtime(as_of):%Y-%m-%d %H:%M}" if as_of else "—"
    return _("数据截至 %(as_of)s，%(now)s 由%(who)s导出") % {
        "as_of": when,
        "now": f"{timezone.localtime():%Y-%m-%d %H:%M}",
        "who": made_by,
    }
