"""Takes a table with known columns out of a file: its sheet, its header, its rows.

Title lines stand above the header, notes and signatures below; a cell's Excel position is kept,
so that a finding can point at it. A cell merged over several rows belongs to each of them. Hidden
rows are read like the others, because whoever hid them may have forgotten them; both are told.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, BinaryIO

from zhicheng.spreadsheets.headers import Column, Header, HeaderFinder, header_key
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.plain import Merge, too_many_rows
from zhicheng.spreadsheets.sheets import Sheet, open_book
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import ANY_SPACE, cell_text, strip_spaces

# A cell as it crosses to the caller: dates as ISO text, so that the answer is JSON.
Value = str | float | bool | None

# First words of lines that are no rows: notes, totals, signatures.
_NOTE = re.compile(
    r"^(填表说明|填报说明|说明|备注|注[：:]|注$|注意|合计|总计|共计|小计|本页|以上|以下空白|"
    r"[（(]?以下(空白|无正文)|"
    r"(填报|申报|制表|报送)?(单位|部门|人|日期|时间)[（(：:]|填报单位|区县、?主管部门|填报人|"
    r"制表人|经办人|负责人|审核人|审核意见|联系电话|联系人|签章|盖章|[\s\d]*年[\s\d]*月[\s\d]*日$|"
    r"[^，。：:]{1,14}[：:])"
)
_NOTE_FILLED = 3  # a line with more cells filled is a row whatever it begins with
_NOTE_MERGED = 4  # so many columns merged into one are no person's cell
_SAMPLE = re.compile("示例|样例|样表|样张|范例|模板|说明|字典|参考")
_SHOWN_SHEETS = 5


@dataclass(slots=True)
class Table:
    """What was found; ``rows`` are (Excel row, one value per column in the asked order).

    ``merged`` are (place of the row, column) of values that came from a cell merged over several
    rows, ``hidden_rows`` Excel rows. ``others`` are visible sheets that hold such a table too and
    weren't read.
    """

    sheet: str
    header_row: int
    lines_above: list[list[str]] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    rows: list[tuple[int, Sequence[Value]]] = field(default_factory=list)
    date_1904: bool = False
    merged: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    others: list[str] = field(default_factory=list)


def read_table(
    file: BinaryIO,
    columns: Sequence[Column],
    limits: Limits,
    *,
    what: str,
    number: Column | None = None,
    layout: bool = True,
    least: int = 3,
) -> Table:
    """The table with ``columns`` in whichever sheet has it; ``what`` names it in refusals.

    Rows that hold nothing, or nothing but a ``number`` (pre-numbered lines), are left out. Raises
    Refusal when no sheet has the header, columns are missing, or rows are none or too many.
    ``layout`` says whether hidden rows are to be told, ``least`` how many known columns make a
    header.
    """
    book = open_book(file, limits, layout=layout)
    finder = HeaderFinder((*columns, number) if number is not None else columns)
    found = [(sheet, finder.find(sheet.lines)) for sheet in book.sheets]
    found.sort(
        key=lambda pair: _fitness(pair[0], pair[1], what), reverse=True
    )  # stable: earlier sheets win
    required = [column for column in columns if column.required]
    if not found or found[0][1].count < max(least, len(required) // 3):
        raise Refusal(
            "sheet.no_header",
            f"文件中没有找到{what}的表头。",
            clause="N4",
            found="、".join(sheet.name for sheet in book.sheets)[:100] or "没有工作表",
            expected="、".join(column.title for column in required),
            mend="请使用规定的表样，不要改动表头。",
        )
    complete = [pair for pair in found if not _missing(pair[1], required)]
    if not complete:
        sheet, header = found[0]
        raise Refusal(
            "sheet.column_missing",
            f"{what}缺少栏目。",
            clause="N4",
            found=f"工作表“{sheet.name}”第 {header.last} 行的表头没有："
            + "、".join(_missing(header, required)),
            expected="、".join(column.title for column in required),
            mend="请补上缺少的栏目后重新上传。",
        )
    best: Table | None = None
    others = []
    for sheet, header in complete:
        table = _Taking(sheet, header, columns, number, limits).table()
        if best is None and table.rows:
            best = table
        elif table.rows and not sheet.hidden:
            others.append(sheet.name)
    if best is None:
        raise Refusal(
            "sheet.no_rows",
            f"{what}中没有填写人员。",
            clause="N4",
            found="0 行",
            expected="至少 1 行",
            mend="请填写后重新上传。",
        )
    best.date_1904 = book.date_1904
    best.others = others[:_SHOWN_SHEETS]
    return best


def _fitness(sheet: Sheet, header: Header, what: str) -> tuple[int, bool, bool, bool]:
    """Of two sheets with the header the visible one is meant, and not the sample."""
    return (header.count, not sheet.hidden, not _SAMPLE.search(sheet.name), what in sheet.name)


def _missing(header: Header, required: Sequence[Column]) -> list[str]:
    return [column.title for column in required if column.key not in (header.places or ())]


class _Taking:
    """Takes the rows below one header."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        columns: Sequence[Column],
        number: Column | None,
        limits: Limits,
    ) -> None:
        self.sheet = sheet
        self.header = header
        self.limits = limits
        self.places = [(header.places or {}).get(column.key, -1) for column in columns]
        self.numbered = (header.places or {}).get(number.key, -1) if number else -1
        self.titles = {header_key(column.title) for column in columns}
        if number is not None:
            self.titles.add(header_key(number.title))
        self.starts = {title[0] for title in self.titles}
        self.wide = {
            top + 1
            for top, left, _bottom, right in sheet.merges
            if right - left + 1 >= _NOTE_MERGED
        }

    def table(self) -> Table:
        """The rows, with what merged cells lend them."""
        sheet, header = self.sheet, self.header
        table = Table(sheet.name, header.last)
        table.letters = [
            letter(place + sheet.first_column) if place >= 0 else "" for place in self.places
        ]
        take, order = _picker(self.places)
        width = max(self.places) + 1
        starts, first, last = self.starts, header.first, header.last
        rows, limit = table.rows, self.limits.rows
        for number, cells in sheet.lines:
            if number <= last:
                if number < first:
                    texts = [cell_text(cell).strip() for cell in cells]
                    if any(texts):
                        table.lines_above.append([text for text in texts if text])
                continue
            if len(cells) < width:
                cells = [*cells, *[""] * (width - len(cells))]
            values = take(cells)
            # Nearly every row is full of text and needs nothing: no call for those. Joining is
            # the fastest way to learn that all cells are text.
            try:
                plain = "" not in values and "".join(values)[0] not in starts
            except TypeError:
                plain = False
            if order is not None:
                values = order((*values, None))
            if not plain:
                values = [_value(cell) for cell in values]
                if self._is_no_row(number, cells, values):
                    continue
            rows.append((number, values))
            if len(rows) > limit:
                raise too_many_rows(self.limits)
        self._lend(table)
        table.hidden_rows = sheet.hidden_rows
        return table

    def _is_no_row(self, number: int, cells: Sequence[Any], values: list[Value]) -> bool:
        """Blank, pre-numbered, a note, a total, a signature, or the header again."""
        few = values.count(None) >= len(values) // 2
        if few:
            for index, value in enumerate(values):
                if isinstance(value, str) and not strip_spaces(value)[0]:
                    values[index] = None
        filled = len(values) - values.count(None)
        if not filled:
            return True
        if filled <= _NOTE_FILLED:
            if number in self.wide and filled <= 2:
                return True
            said = next((c for c in cells if isinstance(c, str) and strip_spaces(c)[0]), "")
            if _NOTE.match(ANY_SPACE.sub("", said)[:40]):
                return True
        opening = next((value for value in values if value is not None), "")
        if isinstance(opening, str) and opening.lstrip()[:1] in self.starts:
            return sum(header_key(value) in self.titles for value in values) >= 3
        return False

    def _lend(self, table: Table) -> None:
        """A value merged over several rows of a column is every one of these rows' value."""
        columns = {
            place + self.sheet.first_column: i for i, place in enumerate(self.places) if place >= 0
        }
        tall: dict[int, list[Merge]] = {}
        for merge in self.sheet.merges:
            if merge[2] > merge[0] and merge[1] in columns and merge[2] >= self.header.last:
                tall.setdefault(columns[merge[1]], []).append(merge)
        if not tall:
            return
        at = {number: index for index, (number, _values) in enumerate(table.rows)}
        for column, merges in tall.items():
            done = 0
            for top, _left, bottom, _right in sorted(merges):
                owner = at.get(top + 1)
                value = table.rows[owner][1][column] if owner is not None else None
                if value is None or top < done:
                    continue
                done = min(bottom, table.rows[-1][0]) + 1
                for number in range(top + 2, done + 1):
                    index = at.get(number)
                    if index is None or table.rows[index][1][column] is not None:
                        continue
                    values = list(table.rows[index][1])
                    values[column] = value
                    table.rows[index] = (number, values)
                    table.merged.append((index, column))


_Pick = Callable[[Sequence[Any]], Sequence[Any]]


def _picker(places: Sequence[int]) -> tuple[_Pick, _Pick | None]:
    """How to take the present columns out of a line, and (where some are absent: -1) how to put
    these, with one None behind them, into the asked order.
    """
    present = [place for place in places if place >= 0]
    if len(present) == len(places):
        return itemgetter(*present), None
    order = itemgetter(*(present.index(p) if p >= 0 else len(present) for p in places))
    return itemgetter(*present), order


def _value(cell: Any) -> Value:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, datetime | date | time | timedelta):
        return cell_text(cell)
    if cell is None or isinstance(cell, bool | float):
        return cell
    return float(cell)


def letter(index: int) -> str:
    """The Excel letters of a column counted from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


__all__ = ["Column", "Table", "Value", "header_key", "letter", "read_table"]
