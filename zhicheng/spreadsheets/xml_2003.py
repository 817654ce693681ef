"""Excel 2003 XML (SpreadsheetML), which some systems still export as .xls."""

from typing import Any
from xml.parsers import expat

from zhicheng.spreadsheets.container import damaged, entities
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.plain import PlainSheet, too_many_columns, too_many_rows

_SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_LAST_ROW = 1_048_576


def read(text: str, limits: Limits) -> list[PlainSheet]:
    """Its worksheets; raises Refusal for XML that declares a document type or is broken."""
    if text.startswith("<?xml"):
        text = text[text.find("?>") + 2 :]  # the encoding that it names is done with
    reader = _Reader(limits)
    try:
        reader.parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise damaged() from error
    return reader.sheets


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: list[PlainSheet] = []
        self.row = 0
        self.hidden: set[int] = set()
        self.cells: list[str | float | bool] = []
        self.column = 0
        self.data: list[str] | None = None
        self.kind = ""
        self.visible = ""
        self.in_visible = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    @staticmethod
    def _doctype(*_told: Any) -> None:
        raise entities()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.removeprefix(f"{_SPACE} ")
        if tag == "Worksheet":
            named = attributes.get(f"{_SPACE} Name", "") or f"工作表{len(self.sheets) + 1}"
            self.sheets.append(PlainSheet(named))
            self.row, self.hidden = 0, set()
        elif not self.sheets:
            return
        elif tag == "Row":
            self.row = self._index(attributes, self.row, _LAST_ROW)
            self.cells, self.column = [], 0
            if attributes.get(f"{_SPACE} Hidden") == "1":
                self.hidden.add(self.row)
        elif tag == "Cell":
            self._cell(attributes)
        elif tag == "Data":
            self.data, self.kind = [], attributes.get(f"{_SPACE} Type", "")
        elif name == f"{_EXCEL} Visible":
            self.in_visible, self.visible = True, ""

    def _cell(self, attributes: dict[str, str]) -> None:
        self.column = self._index(attributes, self.column, 16_384)
        if self.column > self.limits.columns:
            raise too_many_columns(self.column, self.limits)
        across = _number(attributes.get(f"{_SPACE} MergeAcross"), self.limits.columns)
        down = _number(attributes.get(f"{_SPACE} MergeDown"), _LAST_ROW)
        if across or down:
            top, left = self.row - 1, self.column - 1
            self.sheets[-1].merges.append((top, left, top + down, left + across))
        self.cells += [""] * (self.column - len(self.cells))
        self.column += across

    def _index(self, attributes: dict[str, str], before: int, last: int) -> int:
        stated = _number(attributes.get(f"{_SPACE} Index"), last)
        return stated if stated > before else before + 1

    def _end(self, name: str) -> None:
        tag = name.removeprefix(f"{_SPACE} ")
        if tag == "Data" and self.data is not None:
            if self.cells:
                self.cells[-1] = self._value("".join(self.data))
            self.data = None
        elif tag == "Row" and self.sheets:
            lines = self.sheets[-1].lines
            if any(cell != "" for cell in self.cells):
                lines.append((self.row, self.cells))
                if len(lines) > self.limits.rows + 1000:
                    raise too_many_rows(self.limits)
            self.cells = []
        elif tag == "Worksheet" and self.sheets:
            self.sheets[-1].hidden = self.visible.startswith("Sheet")
            self.sheets[-1].hidden_rows = frozenset(self.hidden)
            self.visible = ""
        elif name == f"{_EXCEL} Visible":
            self.in_visible = False

    def _text(self, text: str) -> None:
        if self.data is not None:
            self.data.append(text)
        elif self.in_visible:
            self.visible += text

    def _value(self, text: str) -> str | float | bool:
        if self.kind == "Number":
            try:
                return float(text)
            except ValueError:
                return text
        if self.kind == "DateTime":
            day, _t, clock = text.partition("T")
            return day if not clock.strip("0:.") else f"{day} {clock[:8]}"
        return text


def _number(text: str | None, largest: int) -> int:
    usable = text and len(text) < 10 and text.isascii() and text.isdigit()
    return min(int(text or 0), largest) if usable else 0
