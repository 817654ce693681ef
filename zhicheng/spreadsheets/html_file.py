"""Web tables saved as .xls, as many systems export them.

A tokenizer of its own over the few tags that make tables: linear in the file's length whatever it
holds, and no entity is anything but a character.
"""

import html
import re

from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.plain import PlainSheet, too_many_columns, too_many_rows
from zhicheng.values.text import strip_spaces

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_SPAN = re.compile(r"\b(row|col)span\s*=\s*[\"']?\s*(\d{1,6})", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|\bhidden\b", re.IGNORECASE)
_BREAKS = {"br", "p", "div", "li"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_LONGEST_CELL = 32_767


def read(text: str, limits: Limits) -> list[PlainSheet]:
    """Every table of the page as a sheet, outer ones before those inside them."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        text = _without(text, opening, closing)
    reader = _Reader(limits)
    at = 0
    for tag in _TAG.finditer(text):
        if reader.in_cell:
            reader.take(text[at : tag.start()])
        at = tag.end()
        reader.tag(tag[2].lower(), bool(tag[1]), tag[3])
    while reader.open:
        reader.close_table()
    return [table.sheet for table in reader.tables]


def _without(text: str, opening: str, closing: str) -> str:
    low = text.lower() if opening != "<!--" else text
    if len(low) != len(text):  # a letter whose small form is longer
        low = text
    kept, at = [], 0
    while (start := low.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = low.find(closing, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    kept.append(text[at:])
    return "".join(kept)


class _Table:
    """A table while it is read; ``below`` are cells from above that reach into the next lines."""

    def __init__(self, number: int) -> None:
        self.sheet = PlainSheet(f"表格{number}")
        self.row: list[str | float | bool] | None = None
        self.number = 0
        self.below: dict[int, int] = {}  # column: lines that it still reaches down
        self.hidden: set[int] = set()


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tables: list[_Table] = []
        self.open: list[tuple[_Table, list[str] | None, tuple[int, int]]] = []
        self.text: list[str] | None = None  # of the cell at hand
        self.span = (1, 1)

    @property
    def in_cell(self) -> bool:
        """Whether text belongs to a cell."""
        return self.text is not None

    def take(self, text: str) -> None:
        """Text between two tags."""
        if self.text is not None and text:
            self.text.append(text)

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        """One tag; whatever makes no table is passed over."""
        if name == "table":
            if closing:
                self.close_table()
            else:
                self._open_table()
        elif not self.open:
            return
        elif name == "tr":
            self._close_row()
            if not closing:
                self._open_row(attributes)
        elif name in ("td", "th"):
            self._close_cell()
            if not closing:
                self._open_cell(attributes)
        elif name in _BREAKS and self.text is not None:
            self.text.append("\n" if name == "br" else " ")

    def _open_table(self) -> None:
        if len(self.tables) >= 50:
            return
        table = _Table(len(self.tables) + 1)
        self.tables.append(table)
        self.open.append((table, self.text, self.span))
        self.text = None

    def close_table(self) -> None:
        """The innermost table is done; the cell around it goes on."""
        if not self.open:
            return
        self._close_row()
        table, self.text, self.span = self.open.pop()
        table.sheet.hidden_rows = frozenset(table.hidden)

    def _open_row(self, attributes: str) -> None:
        table = self.open[-1][0]
        table.number += 1
        if table.number > self.limits.rows + 1000:
            raise too_many_rows(self.limits)
        table.row = []
        if _HIDDEN.search(attributes):
            table.hidden.add(table.number)

    def _close_row(self) -> None:
        self._close_cell()
        table = self.open[-1][0]
        if table.row is None:
            return
        table.below = {column: left - 1 for column, left in table.below.items() if left > 1}
        if any(table.row):
            table.sheet.lines.append((table.number, table.row))
        table.row = None

    def _open_cell(self, attributes: str) -> None:
        table = self.open[-1][0]
        if table.row is None:
            self._open_row("")
        spans = {kind.lower(): int(count) for kind, count in _SPAN.findall(attributes)}
        rows = max(1, min(spans.get("row", 1), self.limits.rows))
        columns = max(1, min(spans.get("col", 1), self.limits.columns))
        self.span = (rows, columns)
        self.text = []

    def _close_cell(self) -> None:
        if self.text is None or not self.open:
            return
        table = self.open[-1][0]
        row = table.row
        assert row is not None
        joined = html.unescape(_SPACES.sub(" ", "".join(self.text)[:_LONGEST_CELL]))
        self.text = None
        while table.below.get(len(row)):
            row.append("")
        column = len(row)
        rows, columns = self.span
        if column + columns > self.limits.columns:
            raise too_many_columns(column + columns, self.limits)
        row.append(joined.strip() if strip_spaces(joined)[0] else "")
        row.extend([""] * (columns - 1))
        if rows > 1:
            for each in range(column, column + columns):
                table.below[each] = rows
        if rows > 1 or columns > 1:
            top = table.number - 1
            table.sheet.merges.append((top, column, top + rows - 1, column + columns - 1))
