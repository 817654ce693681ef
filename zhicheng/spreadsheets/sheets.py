"""The sheets of a file, whatever wrote it: Excel, WPS, LibreOffice, a web page or plain text.

Every reader gives the same: a name, lines with their Excel row numbers, merged ranges and hidden
rows; so everything after it knows one kind of sheet.
"""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import python_calamine
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from zhicheng.spreadsheets import html_file, office_open, open_document, text_file, xml_2003
from zhicheng.spreadsheets.container import (
    HTML,
    TEXT,
    UNZIPPING,
    XML,
    check_container,
    damaged,
    encrypted,
)
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.plain import Merge, PlainSheet, too_many_columns

LARGE = 4 << 20  # bytes of a sheet when unpacked


@dataclass(slots=True)
class Sheet:
    """A sheet whose cells are read; ``first_column`` is the column of each line's first cell.

    ``lines`` can be gone through once more each time; ``merges`` are 0-based.
    """

    name: str
    lines: Iterable[tuple[int, Sequence[Any]]]
    first_column: int = 0
    hidden: bool = False
    merges: Sequence[Merge] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)


@dataclass(slots=True)
class Book:
    """A file's sheets and whether its days count from 1904."""

    sheets: list[Sheet]
    date_1904: bool = False


def open_book(file: BinaryIO, limits: Limits, *, layout: bool = True) -> Book:
    """All sheets of the file; raises Refusal for whatever holds none.

    ``layout``: also hidden rows, and merged cells of .ods, which cost a second look at the file.
    """
    kind = check_container(file, limits)
    if kind == TEXT:
        return _plain(text_file.read(file.read()))
    if kind == HTML:
        return _plain(html_file.read(text_file.decode(file.read()), limits))
    if kind == XML:
        return _plain(xml_2003.read(text_file.decode(file.read()), limits))
    return _large(file, limits) or _workbook(file, limits, layout)


def _plain(sheets: Iterable[PlainSheet]) -> Book:
    return Book([Sheet(s.name, s.lines, 0, s.hidden, s.merges, s.hidden_rows) for s in sheets])


def _large(file: BinaryIO, limits: Limits) -> Book | None:
    """A large .xlsx of the plain form; None for all others."""
    if not is_large(file):
        return None
    from zhicheng.spreadsheets import large_xlsx  # numpy is loaded for large files only

    try:
        sheets, date_1904 = large_xlsx.read(file, limits)
    except large_xlsx.Irregular:
        return None
    found = [
        Sheet(s.name, s.lines, 0, s.hidden, s.merges, frozenset(s.hidden_rows)) for s in sheets
    ]
    return Book(found, date_1904)


def is_large(file: BinaryIO) -> bool:
    """Whether the file is an .xlsx with a sheet that is large when unpacked."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return any(
                part.file_size > LARGE and part.filename.startswith("xl/worksheets/")
                for part in archive.infolist()
            )
    except UNZIPPING:
        return False


def open_workbook(file: BinaryIO) -> CalamineWorkbook:
    """The opened workbook; raises Refusal for one that is damaged or wants a password."""
    try:
        return CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except (CalamineError, OSError) as error:
        if "assword" in str(error):
            raise encrypted() from error
        raise damaged() from error


def _workbook(file: BinaryIO, limits: Limits, layout: bool) -> Book:
    file.seek(0)
    workbook = open_workbook(file)
    # What calamine doesn't tell: the date system and hidden rows; merged cells of .ods.
    extra = office_open.extras(file, rows=layout)
    if extra is None:
        extra = (open_document.extras(file) if layout else None) or office_open.NONE
    sheets = []
    for about in workbook.sheets_metadata:
        try:
            cells = workbook.get_sheet_by_name(about.name)
        except CalamineError:  # chart and macro sheets have no cells
            continue
        if cells.width > limits.columns:
            raise too_many_columns(cells.width, limits)
        merges = cells.merged_cell_ranges
        start = cells.start
        sheets.append(
            Sheet(
                name=about.name,
                lines=_Lines(cells),
                first_column=start[1] if start else 0,
                hidden=about.visible != SheetVisibleEnum.Visible,
                merges=extra.merges.get(about.name, ())
                if merges is None
                else [(a, b, c, d) for (a, b), (c, d) in merges],
                hidden_rows=extra.hidden_rows.get(about.name, frozenset()),
            )
        )
    return Book(sheets, extra.date_1904)


class _Lines:
    """(Excel row, cells) of a calamine sheet, as often as asked."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._sheet = sheet

    def __iter__(self) -> Any:
        return enumerate(self._sheet.iter_rows(), start=1)
