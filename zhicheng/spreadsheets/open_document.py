"""What an .ods tells beside its cells: merged cells and hidden rows."""

import zipfile
from typing import Any, BinaryIO
from xml.parsers import expat

from zhicheng.spreadsheets.container import UNZIPPING
from zhicheng.spreadsheets.office_open import Extras
from zhicheng.spreadsheets.plain import Merge

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_BLOCK = 1 << 20
_LAST = 2_000_000
_MOST = 100_000  # merged ranges and hidden rows that are kept


def extras(file: BinaryIO) -> Extras | None:
    """What the document tells; None for what is no .ods or can't be parsed."""
    file.seek(0)
    reader = _Reader()
    try:
        with zipfile.ZipFile(file) as archive:
            if "content.xml" not in archive.namelist():
                return None
            with archive.open("content.xml") as stream:
                while block := stream.read(_BLOCK):
                    reader.parser.Parse(block, False)
            reader.parser.Parse(b"", True)
    except (*UNZIPPING, expat.ExpatError):
        return None
    hidden = {name: frozenset(rows) for name, rows in reader.hidden.items()}
    return Extras(hidden_rows=hidden, merges=reader.merges)


class _Reader:
    def __init__(self) -> None:
        self.hidden: dict[str, set[int]] = {}
        self.merges: dict[str, list[Merge]] = {}
        self.name = ""
        self.row = self.column = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.repeat = 1

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        if not name.startswith(_TABLE):
            return
        tag = name[len(_TABLE) :]
        if tag in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
        elif tag == "table-row":
            self.repeat = _count(attributes, "number-rows-repeated")
            self.column = 0
            if attributes.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                rows = self.hidden[self.name]
                rows.update(range(self.row + 1, self.row + 1 + min(self.repeat, _MOST - len(rows))))
        elif tag == "table":
            self.name = attributes.get(f"{_TABLE}name", "")
            self.hidden[self.name], self.merges[self.name] = set(), []
            self.row = 0

    def _cell(self, attributes: dict[str, Any]) -> None:
        down = _count(attributes, "number-rows-spanned")
        across = _count(attributes, "number-columns-spanned")
        merges = self.merges.get(self.name)
        if (down > 1 or across > 1) and merges is not None and len(merges) < _MOST:
            merges.append((self.row, self.column, self.row + down - 1, self.column + across - 1))
        self.column += _count(attributes, "number-columns-repeated")

    def _end(self, name: str) -> None:
        if name == f"{_TABLE}table-row":
            self.row = min(self.row + self.repeat, _LAST)


def _count(attributes: dict[str, Any], name: str) -> int:
    text = attributes.get(_TABLE + name, "1")
    usable = len(text) < 10 and text.isascii() and text.isdigit()
    return min(max(int(text), 1), _LAST) if usable else 1
