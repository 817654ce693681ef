"""Excel files out: one sheet, constant memory, nothing in it that a spreadsheet would run."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

# Characters wide, by the kind of a list's column; Chinese characters count twice.
WIDTHS = {"number": 10, "date": 12, "time": 17, "bool": 8, "badge": 16, "code": 20}
WIDTH = 24


class Heading(Protocol):
    """What a column needs: its title and its kind (see :class:`zhicheng.web.lists.Column`)."""

    @property
    def title(self) -> Any:
        """What stands in the first row."""
        ...

    @property
    def kind(self) -> str:
        """Decides how wide the column is."""
        ...


def workbook(columns: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> io.BytesIO:
    """The file's bytes, at their beginning. Rows hold texts, numbers, booleans, days and times.

    Numbers that people know by their digits (certificates, serials, ID numbers) must come as
    text: they are written as text, so that no spreadsheet shortens them.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            title = str(column.title)
            sheet.set_column(
                number, number, max(WIDTHS.get(column.kind, WIDTH), 2 * len(title) + 2)
            )
            sheet.write_string(0, number, harmless(title), bold)
        for line, row in enumerate(rows, start=1):
            for number, value in enumerate(row):
                _write(sheet, line, number, value, day)
    stream.seek(0)
    return stream


def _write(sheet: Any, line: int, number: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(line, number, _("是") if value else _("否"))
    elif isinstance(value, int | float):
        sheet.write_number(line, number, value)
    elif isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        sheet.write_string(line, number, f"{local:%Y-%m-%d %H:%M}")
    elif isinstance(value, date):
        sheet.write_datetime(line, number, value, day)
    else:
        sheet.write_string(line, number, harmless(str(value)))


def harmless(text: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
