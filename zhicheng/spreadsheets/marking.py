"""The unit's own file with its faulty cells coloured and commented; runs in the small process.

An .xlsx is changed in place: layout, widths, further columns and sheets stay. Whatever else it was
is written anew as .xlsx with every cell at its old position. Formulas leave as their last values,
macros and links to other files not at all.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from zhicheng.spreadsheets.container import check_container, damaged
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.sheets import Sheet, open_book
from zhicheng.values.id_number import precision_lost
from zhicheng.values.text import cell_text

AUTHOR = "职称证书管理系统"
LEGEND = "检查说明"
COLOURS = {
    "error": "FFC7CE",
    "warning": "FFE699",
    "tidied": "DDEBF7",
    "corrected": "C6E0B4",
    "removed": "D9D9D9",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = {code: None for code in range(32) if code not in (9, 10, 13)}
_COMMENT_WIDTH, _COMMENT_LINE = 300, 18


def neutral(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula; a lone dash is none."""
    return f"'{text}" if len(text) > 1 and text.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True)
class Job:
    """What to do; rows count from 1, columns from 0, as Excel and the reader have them.

    ``cells`` are (row, column, text now), ``lent`` the same for what a cell merged over several
    rows lends, for a sheet that is written anew without its merged cells; ``marks`` (row, column,
    kind of ``COLOURS``, comment), ``removed`` rows whose ``columns`` are emptied, ``added`` rows of
    texts for ``columns``, put below everything. ``legend`` are the lines of the sheet in front:
    texts, the first with the kind whose colour it has.
    """

    sheet: str
    columns: Sequence[int]
    cells: Sequence[tuple[int, int, str]]
    lent: Sequence[tuple[int, int, str]]
    marks: Sequence[tuple[int, int, str, str]]
    removed: Sequence[tuple[int, str]]
    added: Sequence[Sequence[str]]
    legend: Sequence[tuple[str, Sequence[str]]]


def mark(file: BinaryIO, job: BinaryIO, *, limits: Limits) -> bytes:
    """The marked .xlsx."""
    told = Job(**json.load(job))
    check_container(file, limits)
    if zipfile.is_zipfile(file):
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            in_place = "xl/workbook.xml" in archive.namelist()
        if in_place:
            file.seek(0)
            return _mark_in_place(file, told)
    file.seek(0)
    return _write_anew(file, told, limits)


def write_anew(file: BinaryIO, job: BinaryIO, *, limits: Limits) -> bytes:
    """The marked .xlsx with nothing of the file but its values: for what can't be changed."""
    return _write_anew(file, Job(**json.load(job)), limits)


def _mark_in_place(file: BinaryIO, job: Job) -> bytes:
    import openpyxl
    from openpyxl.styles import PatternFill

    try:
        book = openpyxl.load_workbook(file, data_only=True, keep_links=False)
        sheet = book[job.sheet]
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError) as error:
        raise damaged() from error
    fills = {
        kind: PatternFill("solid", start_color=colour, end_color=colour)
        for kind, colour in COLOURS.items()
    }
    if LEGEND in book.sheetnames:
        del book[LEGEND]
    for other in book.worksheets:
        _settle(other, set(COLOURS.values()))
    for row, column, text in job.cells:
        _put(_single(sheet, row, column), text)
    for row, comment in job.removed:
        for column in job.columns:
            cell = _single(sheet, row, column)
            cell.value = None
            cell.fill = fills["removed"]
        _say(_single(sheet, row, job.columns[0]), comment)
    _add(sheet, job, fills["corrected"])
    for row, column, kind, comment in job.marks:
        cell = _anchor(sheet, row, column)
        cell.fill = fills[kind]
        _say(cell, comment)
    _legend(book, job, fills)
    book.active = 0
    for at, other in enumerate(book.worksheets):
        other.sheet_view.tabSelected = at == 0
    return _saved(book)


def _settle(sheet: Any, colours: set[str]) -> None:
    """Takes off what an earlier marking left, and makes every text harmless."""
    from openpyxl.styles import PatternFill

    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                plain = cell.value.translate(_CONTROLS)
                if plain != cell.value or plain.startswith(FORMULA_STARTS):
                    _put(cell, plain, text_format=False)
            comment = getattr(cell, "comment", None)
            if comment is not None and comment.author == AUTHOR:
                cell.comment = None
            if cell.has_style and cell.fill.fill_type == "solid":
                colour = cell.fill.start_color.rgb
                if isinstance(colour, str) and colour[-6:] in colours:
                    cell.fill = PatternFill()


def _put(cell: Any, text: str, *, text_format: bool = True) -> None:
    cell.value = neutral(text.translate(_CONTROLS)) or None
    if cell.value is not None:
        cell.data_type = "s"
    if text_format:
        cell.number_format = "@"


def _anchor(sheet: Any, row: int, column: int) -> Any:
    """The cell, or the one that shows for it where cells are merged."""
    from openpyxl.cell.cell import MergedCell

    cell = sheet.cell(row, column + 1)
    for merged in sheet.merged_cells.ranges if isinstance(cell, MergedCell) else ():
        if cell.coordinate in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return cell


def _single(sheet: Any, row: int, column: int) -> Any:
    """The cell by itself: a merged range is parted, each of its cells with the shown value."""
    at = sheet.cell(row, column + 1).coordinate
    for merged in list(sheet.merged_cells.ranges):
        if at in merged:
            first = sheet.cell(merged.min_row, merged.min_col)
            sheet.unmerge_cells(merged.coord)
            for cells in sheet.iter_rows(
                merged.min_row, merged.max_row, merged.min_col, merged.max_col
            ):
                for cell in cells:
                    cell.value = first.value
    return sheet.cell(row, column + 1)


def _say(cell: Any, text: str) -> None:
    from openpyxl.comments import Comment

    told = f"{cell.comment.text}\n" if cell.comment is not None else ""
    whole = told + text
    lines = sum(len(line) // 20 + 1 for line in whole.split("\n"))
    cell.comment = Comment(whole, AUTHOR, height=_COMMENT_LINE * (lines + 1), width=_COMMENT_WIDTH)


def _add(sheet: Any, job: Job, fill: Any) -> None:
    row = sheet.max_row
    for texts in job.added:
        row += 1
        for column, text in zip(job.columns, texts, strict=True):
            cell = sheet.cell(row, column + 1)
            _put(cell, text)
            cell.fill = fill
        _say(sheet.cell(row, job.columns[0] + 1), "此行是在网页上加入的。")


def _legend(book: Any, job: Job, fills: Mapping[str, Any]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(LEGEND, 0)
    widths = (10, 12, 14, 18, 60, 26, 26, 8)
    for at, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGH"[at]].width = width
    for row, (kind, texts) in enumerate(job.legend, start=1):
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(row, column)
            _put(cell, text)
            if kind == "title":
                cell.font = Font(bold=True, size=14 if row == 1 else 11)
            elif len(texts) > 2:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        if kind in fills:
            sheet.cell(row, 1).fill = fills[kind]
        if len(texts) <= 2 and kind == "title":
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(widths))


def _saved(book: Any) -> bytes:
    """The workbook's bytes; the process may write no file, so sheets are made in memory."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):
        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = SpreadsheetDrawing()
            ws._drawing.charts = ws._charts
            ws._drawing.images = ws._images
            writer = WorksheetWriter(ws, out=io.BytesIO())
            writer.write()
            ws._rels = writer._rels
            self._archive.writestr(ws.path[1:], writer.read())
            self.manifest.append(ws)

    target = io.BytesIO()
    InMemory(book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)).save()
    return target.getvalue()


def _write_anew(file: BinaryIO, job: Job, limits: Limits) -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    ) as book:
        formats = {
            kind: book.add_format({"bg_color": f"#{colour}", "num_format": "@"})
            for kind, colour in COLOURS.items()
        }
        plain = book.add_format({"num_format": "@"})
        _legend_anew(book, job, formats)
        for number, source in enumerate(open_book(file, limits, layout=False).sheets):
            if source.name != LEGEND:
                sheet = book.add_worksheet(_sheet_name(source.name, number))
                if source.hidden:
                    sheet.hide()
                own = source.name == job.sheet
                _sheet_anew(sheet, source, job if own else None, formats, plain)
    return target.getvalue()


def _sheet_name(name: str, number: int) -> str:
    """A name that Excel allows; text files and web pages have none of their own."""
    plain = "".join("_" if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("'")
    return plain or f"表{number + 1}"


def _sheet_anew(
    sheet: Any, source: Sheet, job: Job | None, formats: Mapping[str, Any], plain: Any
) -> None:
    marks: dict[tuple[int, int], tuple[str, str]] = {}
    texts: dict[tuple[int, int], str] = {}
    if job is not None:
        texts |= {(row, column): text for row, column, text in job.lent}
        for row, comment in job.removed:
            for column in job.columns:
                marks[row, column] = ("removed", "")
                texts[row, column] = ""
            marks[row, job.columns[0]] = ("removed", comment)
        texts |= {(row, column): text for row, column, text in job.cells}
        for row, column, kind, comment in job.marks:
            before = marks.get((row, column), ("", ""))[1]
            marks[row, column] = (kind, f"{before}\n{comment}".strip())
    last, widths = 0, dict[int, int]()
    for number, cells in source.lines:
        last = number
        for at, value in enumerate(cells, start=source.first_column):
            told = texts.pop((number, at), None)
            kind, comment = marks.pop((number, at), ("", ""))
            text = _told(value) if told is None else told
            widths[at] = min(40, max(widths.get(at, 8), 2 * len(text) + 2 if len(text) < 30 else 8))
            number_kept = _destroyed(value) if told is None else None
            _write(sheet, number, at, text, formats.get(kind, plain), comment, number_kept)
    for (row, column), (kind, comment) in marks.items():
        text = texts.pop((row, column), "")
        _write(sheet, row, column, text, formats[kind], comment)
    for (row, column), text in texts.items():
        _write(sheet, row, column, text, plain, "")
    for line in job.added if job is not None else ():
        last += 1
        assert job is not None
        for place, (column, text) in enumerate(zip(job.columns, line, strict=True)):
            said = "" if place else "此行是在网页上加入的。"
            _write(sheet, last, column, text, formats["corrected"], said)
    for column, width in widths.items():
        sheet.set_column(column, column, width)


def _told(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date | time | timedelta | int | float):
        return cell_text(value)
    return str(value)


def _destroyed(value: Any) -> float | None:
    """An ID number that Excel destroyed stays a number: as text it would look like a whole one,
    and one in eleven fits its check digit.
    """
    number = isinstance(value, int | float) and precision_lost(value)
    return float(value) if number else None


def _write(
    sheet: Any,
    row: int,
    column: int,
    text: str,
    style: Any,
    comment: str,
    number: float | None = None,
) -> None:
    plain = neutral(text.translate(_CONTROLS))[:32_000]
    if number is not None:
        sheet.write_number(row - 1, column, number, style)
    elif plain:
        sheet.write_string(row - 1, column, plain, style)
    else:
        sheet.write_blank(row - 1, column, None, style)
    if comment:
        lines = sum(len(line) // 20 + 1 for line in comment.split("\n"))
        sheet.write_comment(
            row - 1,
            column,
            comment,
            {"author": AUTHOR, "width": _COMMENT_WIDTH, "height": _COMMENT_LINE * (lines + 1)},
        )


def _legend_anew(book: Any, job: Job, formats: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(LEGEND)
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for at, width in enumerate((10, 12, 14, 18, 60, 26, 26, 8)):
        sheet.set_column(at, at, width)
    for row, (kind, texts) in enumerate(job.legend):
        for column, text in enumerate(texts):
            style = bold if kind == "title" else wrapped if len(texts) > 2 else None
            if column == 0 and kind in formats:
                style = formats[kind]
            sheet.write_string(row, column, neutral(text), style)
