"""Reads an employer's file: any table with names and one of the two numbers."""

from dataclasses import replace
from typing import Any, BinaryIO

from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.sandbox import Source, run_limited
from zhicheng.spreadsheets.tables import Column, Value, read_table
from zhicheng.values.refusal import Refusal
from zhicheng.verification.batch.rules import (
    ID_NUMBER,
    MOST_ROWS,
    NAME,
    NUMBER,
    CheckedRows,
    check_count,
    check_rows,
)

COLUMNS = (
    Column("name", NAME, ("名字", "员工姓名", "持证人", "持证人姓名")),
    Column(
        "id_number",
        ID_NUMBER,
        ("身份证号", "身份证", "证件号码", "公民身份号码"),
        required=False,
    ),
    Column("number", NUMBER, ("证书号", "证书号码", "职称证书编号", "职称证书号"), required=False),
)
_LINE = Column("line", "序号", required=False)
# A few more than may be asked, so that the refusal can say how many there are.
LIMITS = replace(Limits(), rows=4 * MOST_ROWS, file_bytes=20 * 1024 * 1024)


def read_batch(source: Source) -> CheckedRows:
    """The questions of a file, read in a process of its own; raises Refusal for what is none."""
    told = run_limited("zhicheng.verification.batch.reading:read_in_child", [source], LIMITS)
    if not told["numbers"]:
        raise Refusal(
            "sheet.column_missing",
            "文件中没有身份证号码栏，也没有证书编号栏。",
            clause="N7",
            expected="姓名，以及身份证号码、证书编号中的至少一栏",
            mend="请下载模板填写，或补上其中一栏的表头。",
        )
    check_count(len(told["rows"]))
    return check_rows((number, *cells) for number, cells in told["rows"])


def read_in_child(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task of the small process."""
    table = read_table(file, COLUMNS, limits, what="核验名单", number=_LINE, layout=False, least=2)
    rows: list[tuple[int, list[Value]]] = [(row, list(cells)) for row, cells in table.rows]
    return {"rows": rows, "numbers": any(table.letters[1:3])}
