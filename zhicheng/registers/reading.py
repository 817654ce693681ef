"""Reads a unit's register file: the rows of 附件1 and what its title lines say (N4, A1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from zhicheng.registers.columns import COLUMNS, NUMBER
from zhicheng.spreadsheets.limits import REGISTER_LIMITS, Limits
from zhicheng.spreadsheets.sandbox import Source, run_limited
from zhicheng.spreadsheets.tables import Value, read_table
from zhicheng.values.text import tidy_text

_UNIT = "reporting_unit"
_DEPARTMENT = "department"
_FILLER = "filler"
_TELEPHONE = "telephone"
_LABELS = re.compile(
    r"(?P<reporting_unit>填报单位|填报部门)|(?P<department>区县、?主管部门|主管部门)"
    r"|(?P<filler>填报人|填表人)|(?P<telephone>联系电话|电话)"
)
_SIGNED = re.compile(r"^\s*[(（]\s*(签章|盖章|公章|签字)\s*[)）]")
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年\s*度")
_TITLE_UNIT = re.compile(r"^[(（](?P<unit>[^()（）]+(?:[(（][^()（）]*[)）])?[^()（）]*)[)）]")
_PLACEHOLDER = re.compile(r"^区县、?部门、?单位$")


class SheetRow(NamedTuple):
    """A row as read: Excel row number and the ten cells in the order of ``COLUMNS``.

    ``merged`` are the columns whose value came from a cell merged over several rows.
    """

    excel_row: int
    cells: Sequence[Value]
    merged: Sequence[int] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    """A register file as read. ``letters`` are the Excel columns; empty facts weren't stated.

    ``others`` are sheets of the file that look like a register too and weren't read.
    """

    sheet: str
    rows: list[SheetRow]
    letters: list[str]
    date_1904: bool = False
    reporting_unit: str = ""
    department: str = ""
    year: int | None = None
    filler: str = ""
    telephone: str = ""
    others: Sequence[str] = ()

    @property
    def sheet_told(self) -> str:
        """The sheet that was read, and which ones weren't."""
        if not self.others:
            return self.sheet
        return f"{self.sheet}（未读取：{'、'.join(self.others)}）"


def read_register(source: Source, limits: Limits = REGISTER_LIMITS) -> RegisterSheet:
    """Reads a file in a process of its own; raises Refusal for what is no register."""
    told = run_limited("zhicheng.registers.reading:read_in_child", [source], limits)
    rows = [SheetRow(*row) for row in told.pop("rows")]
    return RegisterSheet(rows=rows, **told)


def read_in_child(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task of the small process: ``read_sheet`` as JSON values."""
    sheet = read_sheet(file, limits)
    told: dict[str, Any] = {
        name: getattr(sheet, name) for name in RegisterSheet.__slots__ if name != "rows"
    }
    told["rows"] = sheet.rows
    return told


def read_sheet(file: BinaryIO, limits: Limits) -> RegisterSheet:
    """Reads an opened file in this process."""
    table = read_table(file, COLUMNS, limits, what="登记表", number=NUMBER)
    facts = title_facts(table.lines_above)
    rows = [SheetRow(number, cells) for number, cells in table.rows]
    lent: dict[int, list[int]] = {}
    for index, column in table.merged:
        lent.setdefault(index, []).append(column)
    for index, columns in lent.items():
        rows[index] = rows[index]._replace(merged=sorted(columns))
    if table.hidden_rows:
        rows = [
            row._replace(hidden=True) if row.excel_row in table.hidden_rows else row for row in rows
        ]
    return RegisterSheet(
        sheet=table.sheet,
        rows=rows,
        letters=table.letters,
        date_1904=table.date_1904,
        reporting_unit=facts.get(_UNIT, ""),
        department=facts.get(_DEPARTMENT, ""),
        year=int(facts["year"]) if "year" in facts else None,
        filler=facts.get(_FILLER, ""),
        telephone=facts.get(_TELEPHONE, ""),
        others=table.others,
    )


def title_facts(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    """What the lines above the header state: unit, department, year, filler, telephone.

    A label's value follows it in the same cell or in the next.
    """
    facts: dict[str, str] = {}
    for line in lines:
        joined = "\t".join(line)
        year = _YEAR.search(joined)
        if year is not None:
            facts.setdefault("year", year[1])
        if "登记表" in joined:
            unit = _TITLE_UNIT.match(tidy_text(joined)[0])
            if unit is not None and not _PLACEHOLDER.match(unit["unit"]):
                facts.setdefault(_UNIT, unit["unit"])
            continue
        found = list(_LABELS.finditer(joined))
        ends = [*(label.start() for label in found[1:]), len(joined)]
        for label, end in zip(found, ends, strict=False):
            text = joined[label.end() : end]
            text = _SIGNED.sub("", text).strip(" \t\u3000:：")
            value = tidy_text(text.split("\t")[0])[0]
            if value and label.lastgroup:
                facts[label.lastgroup] = value
    return facts
