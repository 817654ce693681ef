"""Sheets that our own readers make of text files, and the refusals that all readers share."""

from dataclasses import dataclass, field

from zhicheng.spreadsheets.limits import Limits
from zhicheng.values.refusal import Refusal

# First row, first column, last row, last column; all 0-based and inclusive.
Merge = tuple[int, int, int, int]
COPY_ROWS = "请只把登记表的内容复制到一个新的工作簿后重新上传。"


@dataclass(slots=True)
class PlainSheet:
    """A sheet in memory: lines are (row number from 1, cells from column A)."""

    name: str
    lines: list[tuple[int, list[str | float | bool]]] = field(default_factory=list)
    hidden: bool = False
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()


def too_many_columns(found: int, limits: Limits) -> Refusal:
    """The refusal of a sheet that is wider than any list of people."""
    return Refusal(
        "sheet.too_many_columns",
        "工作表的列数过多。",
        clause="N4",
        found=f"{found} 列",
        expected=f"不超过 {limits.columns} 列",
        mend=COPY_ROWS,
    )


def too_many_rows(limits: Limits) -> Refusal:
    """The refusal of a sheet with more lines than a register can have."""
    return Refusal(
        "sheet.too_many_rows",
        "工作表的行数过多。",
        clause="N4",
        found=f"超过 {limits.rows} 行",
        expected=f"不超过 {limits.rows} 行",
        mend="请分成几个文件上传。",
    )
