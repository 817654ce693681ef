"""Excel files as units send them: approval lists and registers of invented people."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import xlsxwriter

from zhicheng.demo.people import Person

LIST_COLUMNS = (
    "批准文号",
    "核准部门",
    "评审方式",
    "申报渠道",
    "批准时间",
    "发文日期",
    "姓名",
    "性别",
    "身份证号码",
    "工作单位",
    "系列",
    "级别",
    "资格名称",
    "申报资格专业方向",
    "评审单位",
)
REGISTER_COLUMNS = (
    "序号",
    "证书编号",
    "工作单位",
    "主管部门",
    "姓名",
    "性别",
    "身份证号码",
    "专业名称",
    "资格名称",
    "批准时间",
    "批准文号",
)


@dataclass(frozen=True)
class Listed:
    """A person as the approval document lists them."""

    person: Person
    document_number: str
    department: str
    mode: str
    channel: str
    approval_date: date
    issued_on: date
    work_unit: str
    series: str
    level: str
    qualification: str
    specialty: str
    review_unit: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a register: a listed person with a certificate number; cells may be overridden."""

    listed: Listed
    certificate_number: str
    supervising_department: str
    overrides: tuple[tuple[str, object], ...] = ()

    def cells(self, position: int) -> list[object]:
        """The eleven cells in the form's order."""
        person, listed = self.listed.person, self.listed
        values: dict[str, object] = dict(
            zip(
                REGISTER_COLUMNS,
                (
                    position,
                    self.certificate_number,
                    listed.work_unit,
                    self.supervising_department,
                    person.name,
                    person.sex,
                    person.id_number,
                    listed.specialty,
                    listed.qualification,
                    f"{listed.approval_date:%Y.%m.%d}",
                    listed.document_number,
                ),
                strict=True,
            )
        )
        values.update(self.overrides)
        return list(values.values())

    def but(self, **cells: object) -> "Line":
        """The same line with other cells (keys are the form's column titles)."""
        return replace(self, overrides=(*self.overrides, *cells.items()))


def approval_list(people: Sequence[Listed]) -> bytes:
    """The list workbook of design's columns."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("评审通过人员")
        sheet.write_row(0, 0, LIST_COLUMNS)
        for row, item in enumerate(people, start=1):
            values = (
                item.document_number,
                item.department,
                item.mode,
                item.channel,
                item.approval_date.isoformat(),
                item.issued_on.isoformat(),
                item.person.name,
                item.person.sex,
                item.person.id_number,
                item.work_unit,
                item.series,
                item.level,
                item.qualification,
                item.specialty,
                item.review_unit,
            )
            for column, value in enumerate(values):
                sheet.write_string(row, column, value)
    return target.getvalue()


def register(lines: Sequence[Line], *, unit: str, year: int, filler: str, telephone: str) -> bytes:
    """附件1 as a unit fills it in: title lines, header, rows, notes below."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("登记表")
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
        cell = book.add_format({"border": 1, "num_format": "@"})
        sheet.merge_range(0, 0, 0, 10, f"{unit}{year}年度职称证书领取、办理登记表", title)
        sheet.write_string(
            1,
            0,
            f"填报单位（签章）：{unit}   区县、主管部门（签章）：   "
            f"填报人：{filler}   联系电话：{telephone}",
        )
        sheet.write_row(2, 0, REGISTER_COLUMNS, head)
        for position, line in enumerate(lines, start=1):
            for column, value in enumerate(line.cells(position)):
                if isinstance(value, int | float):
                    sheet.write_number(position + 2, column, value, cell)
                else:
                    sheet.write_string(position + 2, column, str(value), cell)
        sheet.write_string(
            len(lines) + 3,
            0,
            "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，"
            "须经主管部门签章后报送。3.此表须同时报送纸质件、excel格式电子件。",
        )
        sheet.set_column(1, 10, 16)
    return target.getvalue()
