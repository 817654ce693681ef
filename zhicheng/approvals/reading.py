"""Reads the list workbook of approval documents (columns of the design's import-approvals)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from zhicheng.spreadsheets.limits import LIST_LIMITS, Limits
from zhicheng.spreadsheets.sandbox import Source, run_limited
from zhicheng.spreadsheets.tables import Column, Value, read_table

COLUMNS = (
    Column("document_number", "批准文号", ("文号", "核准文号", "批准文件文号")),
    Column("department", "核准部门", ("资格核准部门", "核准单位")),
    Column("review_mode", "评审方式"),
    Column("channel", "申报渠道", ("申报方式", "渠道")),
    Column("approval_date", "批准时间", ("批准日期", "评审通过时间", "通过时间")),
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("id_number", "身份证号码", ("身份证号", "证件号码", "公民身份号码")),
    Column("work_unit", "工作单位", ("单位", "单位名称")),
    Column("qualification", "资格名称", ("职称名称", "任职资格", "任职资格名称")),
    Column("specialty", "申报资格专业方向", ("专业名称", "专业方向", "申报专业", "申报资格专业")),
    Column("series", "系列", ("职称系列", "专业系列"), required=False),
    Column("level", "级别", ("资格级别", "职称级别"), required=False),
    Column("issued_on", "发文日期", ("发文时间", "发证时间"), required=False),
    Column("review_unit", "评审单位", ("授权单位", "组织评审单位"), required=False),
)
_NUMBER = Column("number", "序号", required=False)

(
    DOCUMENT_NUMBER,
    DEPARTMENT,
    REVIEW_MODE,
    CHANNEL,
    APPROVAL_DATE,
    NAME,
    SEX,
    ID_NUMBER,
    WORK_UNIT,
    QUALIFICATION,
    SPECIALTY,
    SERIES,
    LEVEL,
    ISSUED_ON,
    REVIEW_UNIT,
) = range(len(COLUMNS))


class ListRow(NamedTuple):
    """A row as read: Excel row number and the cells in the order of ``COLUMNS``."""

    excel_row: int
    cells: Sequence[Value]


@dataclass(frozen=True, slots=True)
class ListSheet:
    """A list workbook as read."""

    sheet: str
    rows: list[ListRow]
    date_1904: bool = False


def read_list(source: Source, limits: Limits = LIST_LIMITS) -> ListSheet:
    """Reads a file in a process of its own; raises Refusal for what is no list."""
    told = run_limited("zhicheng.approvals.reading:read_in_child", [source], limits)
    rows = [ListRow(number, cells) for number, cells in told["rows"]]
    return ListSheet(told["sheet"], rows, told["date_1904"])


def read_in_child(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task of the small process: ``read_sheet`` as JSON values."""
    sheet = read_sheet(file, limits)
    return {
        "sheet": sheet.sheet,
        "date_1904": sheet.date_1904,
        "rows": [(row.excel_row, row.cells) for row in sheet.rows],
    }


def read_sheet(file: BinaryIO, limits: Limits) -> ListSheet:
    """Reads an opened file in this process."""
    table = read_table(
        file,
        COLUMNS,
        limits,
        what="核准文件人员名单",
        number=_NUMBER,
        layout=False,
    )
    rows = list(map(ListRow._make, table.rows))
    return ListSheet(table.sheet, rows, table.date_1904)
