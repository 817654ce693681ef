"""Finds a table with known columns in a workbook: its sheet, its header, its rows.

Title lines stand above the header, notes and signatures below; a cell's Excel position is kept,
so that a finding can point at it.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import python_calamine
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from zhicheng.spreadsheets.container import check_container, damaged, encrypted, not_a_spreadsheet
from zhicheng.spreadsheets.limits import Limits
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import ANY_SPACE, cell_text, strip_spaces

# A cell as it crosses to the caller: dates as ISO text, so that the answer is JSON.
Value = str | float | bool | None

HEADER_WITHIN = 60  # Excel rows in which the header is looked for
_BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")
_HEADER_NOISE = re.compile(r"[*＊:：、,，.。]")
# First words of lines that are no rows: notes, totals, signatures.
_NOTE = re.compile(
    r"^(填表说明|填报说明|说明|备注|注[：:]|注$|注意|合计|总计|共计|小计|"
    r"(填报|申报|制表|报送)?(单位|部门|人|日期|时间)[（(：:]|填报单位|区县、?主管部门|填报人|"
    r"制表人|经办人|负责人|审核人|审核意见|联系电话|联系人|签章|盖章|[\s\d]*年[\s\d]*月[\s\d]*日$)"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column to look for: ``title`` in the form's own words and other names of real sheets."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = True


@dataclass(slots=True)
class Table:
    """What was found; ``rows`` are (Excel row, one value per column in the asked order)."""

    sheet: str
    header_row: int
    lines_above: list[list[str]] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Value]]] = field(default_factory=list)
    date_1904: bool = False


def open_workbook(file: BinaryIO, limits: Limits) -> CalamineWorkbook:
    """The opened workbook; raises Refusal for whatever isn't one."""
    check_container(file, limits)
    try:
        return CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except (CalamineError, OSError) as error:
        if "assword" in str(error):
            raise encrypted() from error
        raise damaged() from error


def read_table(
    file: BinaryIO, columns: Sequence[Column], limits: Limits, *, what: str, number_column: str = ""
) -> Table:
    """The table with ``columns`` in whichever sheet has it; ``what`` names it in refusals.

    Rows that hold nothing, or nothing but a number in ``number_column`` (pre-numbered lines), are
    left out. Raises Refusal when no sheet has the header, columns are missing, or rows are none
    or too many.
    """
    workbook = open_workbook(file, limits)
    best: tuple[int, CalamineSheet, int, dict[str, int]] | None = None
    for name in workbook.sheet_names:
        sheet = _sheet(workbook, name)
        if sheet is None:
            continue
        header_row, places = _find_header(sheet, columns)
        if best is None or len(places) > best[0]:
            best = (len(places), sheet, header_row, places)
    required = [column for column in columns if column.required]
    if best is None or best[0] < max(3, len(required) // 3):
        raise Refusal(
            "sheet.no_header",
            f"文件中没有找到{what}的表头。",
            clause="N4",
            found="、".join(workbook.sheet_names)[:100] or "没有工作表",
            expected="、".join(column.title for column in required),
            mend="请使用规定的表样，不要改动表头。",
        )
    _count, sheet, header_row, places = best
    missing = [column.title for column in required if column.key not in places]
    if missing:
        raise Refusal(
            "sheet.column_missing",
            f"{what}缺少栏目。",
            clause="N4",
            found=f"工作表“{sheet.name}”第 {header_row} 行的表头没有：{'、'.join(missing)}",
            expected="、".join(column.title for column in required),
            mend="请补上缺少的栏目后重新上传。",
        )
    table = _take_rows(sheet, columns, header_row, places, limits, number_column)
    table.date_1904 = _date_1904(file)
    if not table.rows:
        raise Refusal(
            "sheet.no_rows",
            f"{what}中没有填写人员。",
            clause="N4",
            found="0 行",
            expected="至少 1 行",
            mend="请填写后重新上传。",
        )
    return table


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet | None:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError:  # chart and macro sheets have no cells
        return None


def _cells(sheet: CalamineSheet) -> Iterator[tuple[int, int, list[Any]]]:
    """(Excel row, first column, cells) of every line."""
    start = sheet.start
    first_column = start[1] if start else 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, first_column, cells


def header_key(cell: object) -> str:
    """A header cell without spaces, line breaks, brackets and stars."""
    if not isinstance(cell, str):
        return ""
    text = ANY_SPACE.sub("", cell)
    return _HEADER_NOISE.sub("", _BRACKETED.sub("", text))


def _find_header(sheet: CalamineSheet, columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    names: dict[str, str] = {}
    for column in columns:
        for text in (column.title, *column.aliases):
            names.setdefault(header_key(text), column.key)
    best_row, best_places = 0, dict[str, int]()
    for number, first, cells in _cells(sheet):
        if number > HEADER_WITHIN:
            break
        places: dict[str, int] = {}
        for index, cell in enumerate(cells):
            key = names.get(header_key(cell))
            if key is not None:
                places.setdefault(key, first + index)
        if len(places) > len(best_places):
            best_row, best_places = number, places
    return best_row, best_places


def _take_rows(
    sheet: CalamineSheet,
    columns: Sequence[Column],
    header_row: int,
    places: dict[str, int],
    limits: Limits,
    number_column: str,
) -> Table:
    table = Table(sheet=sheet.name, header_row=header_row)
    table.letters = [
        letter(places[column.key]) if column.key in places else "" for column in columns
    ]
    start = sheet.start
    first = start[1] if start else 0
    picks = [places[column.key] - first if column.key in places else -1 for column in columns]
    numbered = next((i for i, column in enumerate(columns) if column.key == number_column), -1)
    titles = _Titles(columns)
    few = len(columns) // 2
    if len(picks) > limits.columns or sheet.width > limits.columns:
        raise Refusal(
            "sheet.too_many_columns",
            "工作表的列数过多。",
            clause="N4",
            found=f"{sheet.width} 列",
            expected=f"不超过 {limits.columns} 列",
            mend="请只把登记表的内容复制到一个新的工作簿后重新上传。",
        )
    for number, _first, cells in _cells(sheet):
        if number <= header_row:
            if number < header_row:
                table.lines_above.append(
                    [text for text in (cell_text(cell).strip() for cell in cells) if text]
                )
            continue
        # Nearly every cell is text and needs nothing: no call for those.
        values = [
            cell if cell.__class__ is str and cell else _value(cell)
            for cell in ((cells[pick] if pick >= 0 else None) for pick in picks)
        ]
        if values.count(None) > few and _is_blank(values, numbered):
            continue
        if titles.stand_in(values) or _is_note(cells, values, numbered):
            continue
        table.rows.append((number, values))
        if len(table.rows) > limits.rows:
            raise Refusal(
                "sheet.too_many_rows",
                "工作表的行数过多。",
                clause="N4",
                found=f"超过 {limits.rows} 行",
                expected=f"不超过 {limits.rows} 行",
                mend="请分成几个文件上传。",
            )
    return table


def _value(cell: Any) -> Value:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, datetime | date | time | timedelta):
        return cell_text(cell)
    if cell is None or isinstance(cell, bool | float):
        return cell
    return float(cell)


def _is_blank(values: list[Value], numbered: int) -> bool:
    """Whether nothing but a line number stands in the row; cells of mere spaces are emptied."""
    for index, value in enumerate(values):
        if isinstance(value, str) and not strip_spaces(value)[0]:
            values[index] = None
    return all(value is None or index == numbered for index, value in enumerate(values))


class _Titles:
    """Knows the header when it is repeated at the top of every printed page."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._keys = {header_key(column.title) for column in columns}
        self._first_characters = {key[0] for key in self._keys}

    def stand_in(self, values: Sequence[Value]) -> bool:
        """Whether the row is the header again."""
        first = next((value for value in values if value is not None), "")
        if not isinstance(first, str) or first.lstrip()[:1] not in self._first_characters:
            return False
        return sum(header_key(value) in self._keys for value in values) >= 3


def _is_note(cells: Sequence[Any], values: Sequence[Value], numbered: int) -> bool:
    """Whether the line is a note, a total or a signature rather than a row."""
    filled = len(values) - values.count(None) - (numbered >= 0 and values[numbered] is not None)
    if filled > 3:
        return False
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return _NOTE.match(ANY_SPACE.sub("", first)) is not None


def letter(index: int) -> str:
    """The Excel letters of a column counted from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _date_1904(file: BinaryIO) -> bool:
    """Whether an .xlsx counts its days from 1904 (old Macintosh files)."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive, archive.open("xl/workbook.xml") as part:
            return re.search(rb'date1904="(1|true)"', part.read(1_000_000)) is not None
    except (zipfile.BadZipFile, KeyError):
        return False


__all__ = [
    "Column",
    "Table",
    "Value",
    "header_key",
    "letter",
    "not_a_spreadsheet",
    "open_workbook",
    "read_table",
]
