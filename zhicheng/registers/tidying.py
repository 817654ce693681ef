"""Brings the cells of a register into their one form, remembering what was done; pure (N6)."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhicheng.registers.columns import (
    APPROVAL_DATE,
    CERTIFICATE_NUMBER,
    DOCUMENT_NUMBER,
    ID_NUMBER,
    KEYS,
    NAME,
    QUALIFICATION,
    SEX,
    SPECIALTY,
    SUPERVISING_DEPARTMENT,
    WORK_UNIT,
)
from zhicheng.registers.reading import SheetRow
from zhicheng.spreadsheets.tables import Value
from zhicheng.values import id_number
from zhicheng.values.dates import ReadDate, read_date
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.finding import HIDDEN, MERGED
from zhicheng.values.judging import SEXES
from zhicheng.values.names import is_clean_name, tidy_name
from zhicheng.values.text import Codes, cell_text, is_clean_code, strip_spaces, tidy_code, tidy_text

LONGEST = 300
# Columns in which a register has few different texts.
_REPEATED = (
    WORK_UNIT, SUPERVISING_DEPARTMENT, SPECIALTY, QUALIFICATION, APPROVAL_DATE, DOCUMENT_NUMBER,
)  # fmt: skip
_CACHED = 4096


@dataclass(slots=True)
class TidyRow:
    """A row in its one form: ``values`` are the ten texts in the order of ``COLUMNS``.

    ``key`` is by what the approved people are looked up: the ID number itself, or its blind
    index. ``lost`` says that Excel destroyed the ID number. ``done`` are (column, code, text
    before) of what was tidied.
    """

    excel_row: int
    values: list[str]
    approved_on: ReadDate
    lost: bool = False
    key: Hashable = ""
    done: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def approval_date(self) -> date | None:
        """批准时间 where it is one real day."""
        return self.approved_on.value


class Tidier:
    """Tidies rows; the few different units, titles and numbers of a register once each."""

    def __init__(self, *, date_1904: bool = False) -> None:
        self._date_1904 = date_1904
        self._texts: dict[str, tuple[str, Codes]] = {}
        self._numbers: dict[str, tuple[str, Codes]] = {}
        self._dates: dict[tuple[type, Value], ReadDate] = {}
        self._clean: list[set[Value]] = [set() for _column in KEYS]

    def rows(self, rows: Iterable[SheetRow]) -> list[TidyRow]:
        """All rows, tidied; the ID number itself is the key."""
        tidied = []
        for read in rows:
            row = self._clean_row(read) or self.row(read.excel_row, read.cells)
            if read.hidden:
                row.done.insert(0, (NAME, HIDDEN, row.values[NAME]))
            if read.merged:
                row.done += [(column, MERGED, row.values[column]) for column in read.merged]
            tidied.append(row)
        return tidied

    def _clean_row(self, read: SheetRow) -> TidyRow | None:
        """A row that has its one form already, as nearly all have: looked at, not tidied."""
        cells = read.cells
        known, number = self._clean, cells[ID_NUMBER]
        if (
            number.__class__ is not str
            or not id_number.is_clean(number)
            or cells[SEX] not in SEXES
            or not is_clean_name(cells[NAME])
            or not is_clean_code(cells[CERTIFICATE_NUMBER])
        ):
            return None
        for column in _REPEATED:
            if cells[column] not in known[column] and not self._learn(column, cells[column]):
                return None
        return TidyRow(
            read.excel_row, [*map(str, cells)], self._date(cells[APPROVAL_DATE]), False, number
        )

    def _learn(self, column: int, cell: Value) -> bool:
        """Whether the cell of a column of few different texts is clean; remembers it."""
        if not isinstance(cell, str) or len(cell) > LONGEST:
            return False
        if column == APPROVAL_DATE:
            read = self._date(cell)
            clean = read.text == cell and not read.codes
        else:
            clean = self.cell(column, cell) == (cell, ())
        if clean and len(self._clean[column]) < _CACHED:
            self._clean[column].add(cell)
        return clean

    def row(self, excel_row: int, cells: Sequence[Value]) -> TidyRow:
        """One row of ten cells in the order of ``COLUMNS``."""
        values: list[str] = []
        done: list[tuple[int, str, str]] = []
        for column, cell in enumerate(cells):
            text = cell if isinstance(cell, str) else cell_text(cell)
            if column == APPROVAL_DATE:
                read = self._date(cell)
                new, codes = read.text, read.codes if read.value is not None else ()
            else:
                new, codes = self.cell(column, text)
            values.append(new[:LONGEST])
            if codes:
                done += [(column, code, text) for code in codes]
        number = cells[ID_NUMBER]
        lost = number is not None and id_number.precision_lost(number)
        if lost and done:  # what is destroyed isn't tidied
            done = [told for told in done if told[0] != ID_NUMBER]
        return TidyRow(
            excel_row=excel_row,
            values=values,
            approved_on=read,
            lost=lost,
            key=values[ID_NUMBER],
            done=done,
        )

    def cell(self, column: int, text: str) -> tuple[str, Codes]:
        """(tidied text, codes) of one cell that isn't the date."""
        if column == ID_NUMBER:
            return id_number.tidy(text)
        if column == NAME:
            return tidy_name(text)
        if column == CERTIFICATE_NUMBER:
            return tidy_code(text)
        if column == SEX:
            return (text, ()) if text in ("男", "女") else strip_spaces(text)
        cache = self._numbers if column == DOCUMENT_NUMBER else self._texts
        known = cache.get(text)
        if known is None:
            known = (tidy_document_number if column == DOCUMENT_NUMBER else tidy_text)(text)
            if len(cache) < _CACHED:
                cache[text] = known
        return known

    def _date(self, cell: Value) -> ReadDate:
        kind = (type(cell), cell)
        known = self._dates.get(kind)
        if known is None:
            known = read_date(cell, date_1904=self._date_1904)
            if len(self._dates) < _CACHED:
                self._dates[kind] = known
        return known


def tidy_rows(rows: Iterable[SheetRow], *, date_1904: bool = False) -> list[TidyRow]:
    """Tidies the rows of a sheet."""
    return Tidier(date_1904=date_1904).rows(rows)


assert len(KEYS) == 10
