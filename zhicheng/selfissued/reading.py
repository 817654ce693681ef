"""Reads a unit's file with its own certificates."""

from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from zhicheng.approvals.reading import ListRow
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.sandbox import Source, run_limited
from zhicheng.spreadsheets.tables import Column, read_table

COLUMNS = (
    Column("number", "证书编号", ("证书号", "编号")),
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("id_number", "身份证号码", ("身份证号", "证件号码", "公民身份号码")),
    Column("work_unit", "工作单位", ("单位", "单位名称"), required=False),
    Column("series", "系列", ("职称系列",), required=False),
    Column("level", "级别", ("资格级别", "职称级别"), required=False),
    Column("qualification", "资格名称", ("职称名称", "任职资格", "任职资格名称")),
    Column("specialty", "专业名称", ("专业", "申报资格专业方向")),
    Column("approval_date", "批准时间", ("批准日期", "评审通过时间")),
    Column("document_number", "批准文号", ("文号", "批准文件文号")),
    Column("issued_on", "发证日期", ("发证时间", "发文日期"), required=False),
    Column("correction_reason", "更正原因", required=False),
)
KEYS = tuple(column.key for column in COLUMNS)
TITLES = {column.key: column.title for column in COLUMNS}
MOST_ROWS = 5_000
LIMITS = replace(Limits(), rows=MOST_ROWS)
_LINE = Column("line", "序号", required=False)


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """A file as read: rows with their cells in the order of ``COLUMNS``."""

    rows: list[ListRow]
    date_1904: bool


def read_report(source: Source) -> ReportSheet:
    """Reads a file in a process of its own; raises Refusal for what is no such file."""
    told = run_limited("zhicheng.selfissued.reading:read_in_child", [source], LIMITS)
    return ReportSheet([ListRow(number, cells) for number, cells in told["rows"]], told["1904"])


def read_in_child(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task of the small process."""
    table = read_table(file, COLUMNS, limits, what="自主发放证书", number=_LINE, layout=False)
    return {"rows": table.rows, "1904": table.date_1904}
