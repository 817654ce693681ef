"""Reads an old ledger of any form, in a process of its own: first its head, later its rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from zhicheng.historic.columns import KEYS, header_row
from zhicheng.spreadsheets.limits import MEGABYTE, Limits
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.spreadsheets.sheets import Sheet, open_book
from zhicheng.spreadsheets.tables import Value, letter
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import ANY_SPACE, cell_text

LIMITS = Limits(
    rows=200_000,
    cpu_seconds=60,
    wall_seconds=120.0,
    memory_bytes=1500 * MEGABYTE,
    address_bytes=3000 * MEGABYTE,
    answer_bytes=300 * MEGABYTE,
)
HEAD_LINES = 15
WIDEST = 60
_LONGEST = 200
_CHUNKED = 400
# A line whose first text begins so is no row: totals, notes, signatures.
_NO_ROWS = ("合计", "总计", "小计", "填表", "制表", "审核", "备注：", "说明：", "注：")


@dataclass(frozen=True)
class SheetHead:
    """The first filled lines of a sheet as text: (Excel row, cells), and where its header is."""

    name: str
    lines: list[tuple[int, list[str]]]
    header_row: int
    rows: int
    letters: list[str]

    def headings(self, at: int) -> list[str]:
        """The cells of that Excel row."""
        return next((cells for number, cells in self.lines if number == at), [])

    def samples(self, at: int) -> list[list[str]]:
        """The lines below that row."""
        return [cells for number, cells in self.lines if number > at]


def read_head(content: bytes) -> list[SheetHead]:
    """The sheets of a file that hold something; raises Refusal when there is none."""
    told = run_limited("zhicheng.historic.reading:head_in_child", [content], LIMITS)
    return [head_of(each) for each in told]


def head_of(told: Mapping[str, Any]) -> SheetHead:
    """A head as it was kept."""
    lines = [(number, cells) for number, cells in told["lines"]]
    return SheetHead(told["name"], lines, told["header_row"], told["rows"], list(told["letters"]))


def head_in_child(file: BinaryIO, *, limits: Limits) -> list[dict[str, Any]]:
    """The task of the small process."""
    found = []
    for sheet in open_book(file, limits, layout=False).sheets:
        lines = [(number, cells) for number, cells in sheet.lines if _filled(cells)]
        if not lines:
            continue
        head = [
            (number, [cell_text(cell)[:_LONGEST].strip() for cell in cells[:WIDEST]])
            for number, cells in lines[:HEAD_LINES]
        ]
        at = header_row(head)
        width = max(len(cells) for _number, cells in head)
        found.append(
            {
                "name": sheet.name,
                "lines": head,
                "header_row": at,
                "rows": sum(number > at for number, _cells in lines),
                "letters": [letter(sheet.first_column + place) for place in range(width)],
            }
        )
    if not found:
        raise Refusal(
            "ledger.empty",
            "文件中没有内容。",
            found="没有填写的工作表",
            expected="历史证书台账",
            mend="请检查文件后重新上传。",
        )
    # Of several sheets the one that looks like a ledger comes first, as it is meant most likely.
    return found


@dataclass(frozen=True)
class LedgerRow:
    """A row: Excel row number and a value for each of ``columns.KEYS``, None where no column."""

    row: int
    cells: Sequence[Value]


@dataclass(frozen=True)
class LedgerRows:
    """All rows, as the small process told them; each is made when it is asked for.

    200,000 rows as objects are 300 MB; as text they are 30.
    """

    count: int
    date_1904: bool
    told: bytes
    begin: int

    def __iter__(self) -> Iterator[LedgerRow]:
        """Row by row."""
        at = self.begin
        while at < len(self.told):
            end = self.told.index(b"\n", at)
            number, cells = json.loads(self.told[at:end])
            yield LedgerRow(number, cells)
            at = end + 1


def read_rows(content: bytes, *, sheet: int, header: int, chosen: Mapping[int, str]) -> LedgerRows:
    """The rows below the header, and whether the file counts days from 1904."""
    told: bytes = run_limited(
        "zhicheng.historic.reading:rows_in_child",
        [content],
        LIMITS,
        sheet=sheet,
        header=header,
        chosen={str(place): key for place, key in chosen.items()},
    )
    end = told.index(b"\n")
    head = json.loads(told[:end])
    return LedgerRows(head["rows"], head["date_1904"], told, end + 1)


def rows_in_child(
    file: BinaryIO, *, limits: Limits, sheet: int, header: int, chosen: Mapping[str, str]
) -> bytes:
    """The task of the small process: a line of JSON for the whole, then one for each row."""
    book = open_book(file, limits, layout=False)
    filled = [each for each in book.sheets if any(_filled(cells) for _n, cells in each.lines)]
    at = {key: int(place) for place, key in chosen.items()}
    places = [at.get(key, -1) for key in KEYS]
    rows = list(_rows(filled[sheet], header, places))
    if len(rows) > limits.rows:
        raise Refusal(
            "ledger.too_many_rows",
            "台账的行数过多。",
            found=f"{len(rows)} 行",
            expected=f"不超过 {limits.rows} 行",
            mend="请分成几个文件，逐个导入。",
        )
    head = {"rows": len(rows), "date_1904": book.date_1904}
    return b"".join(
        json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        + b"\n"
        for each in (head, *rows)
    )


def _rows(sheet: Sheet, header: int, places: Sequence[int]) -> list[tuple[int, list[Value]]]:
    found = []
    for number, cells in sheet.lines:
        if number <= header or not _filled(cells):
            continue
        values = [_value(cells[p]) if 0 <= p < len(cells) else None for p in places]
        filled = sum(value is not None for value in values)
        opening = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
        if not filled or (filled <= 2 and ANY_SPACE.sub("", opening).startswith(_NO_ROWS)):
            continue
        found.append((number, values))
    return found


def _filled(cells: Sequence[Any]) -> bool:
    return any(cell not in ("", None) and str(cell).strip() for cell in cells)


def _value(cell: Any) -> Value:
    if isinstance(cell, str):
        return cell[:_CHUNKED] if cell.strip() else None
    if cell is None or isinstance(cell, bool | float):
        return cell
    if isinstance(cell, int):
        return float(cell)
    return cell_text(cell)
