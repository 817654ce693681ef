"""Register files as units send them: titles above, notes below, every writer's oddities."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from zhicheng.registers.columns import COLUMNS
from zhicheng.registers.reading import RegisterSheet, read_sheet, title_facts
from zhicheng.registers.tidying import tidy_rows
from zhicheng.spreadsheets.limits import REGISTER_LIMITS
from zhicheng.values.refusal import Refusal

HEADER = ["序号", *(column.title for column in COLUMNS)]
ROW = [
    1, "20260001", "山城医院", "市卫健委", "张三", "男", "500103198502141011", "内科学",
    "主治医师", "2026-03-18", "渝卫〔2026〕1号",
]  # fmt: skip


def sheet_of(*rows: Sequence[Any], title: str = "登记表") -> RegisterSheet:
    """The rows written by openpyxl and read again."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> RegisterSheet:
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    return read_sheet(target, REGISTER_LIMITS)


def names(sheet: RegisterSheet) -> list[Any]:
    return [row.cells[3] for row in sheet.rows]


def test_header_on_the_first_line() -> None:
    sheet = sheet_of(HEADER, ROW)
    assert [row.excel_row for row in sheet.rows] == [2]
    assert list(sheet.rows[0].cells) == ROW[1:]
    assert sheet.letters == list("BCDEFGHIJK")


def test_title_lines_tell_unit_year_filler_and_telephone() -> None:
    sheet = sheet_of(
        ["附件1"],
        ["（山城医院）  2026 年度职称证书领取、办理登记表"],
        ["填报单位（签章）：山城医院", None, "区县、主管部门（签章）：市卫健委", None, None,
         "填报人：李四", None, "联系电话：023-63000000"],
        HEADER,
        ROW,
    )  # fmt: skip
    assert sheet.reporting_unit == "山城医院"
    assert sheet.department == "市卫健委"
    assert sheet.year == 2026
    assert sheet.filler == "李四"
    assert sheet.telephone == "023-63000000"
    assert sheet.rows[0].excel_row == 5


def test_values_of_labels_stand_beside_or_below_them() -> None:
    facts = title_facts([["填报单位（盖章）", "山城 医院", "填报人", "李四"]])
    assert facts == {"reporting_unit": "山城医院", "filler": "李四"}
    assert title_facts([["填报单位（签章）：     区县、主管部门（签章）：   填报人："]]) == {}


def test_headers_with_spaces_line_breaks_and_remarks() -> None:
    odd = [
        "序 号", "证书\n编号", "工 作 单 位", "主管部门", "姓　　名", "性 别",
        "身份证号码\n（18位）", "专业名称*", "资格名称：", "批准时间（评委会通过时间）",
        "批准\u00a0文号",
    ]  # fmt: skip
    assert list(sheet_of(odd, ROW).rows[0].cells) == ROW[1:]


def test_other_names_and_order_of_columns_and_additional_ones() -> None:
    sheet = sheet_of(
        ["姓名", "备注", "身份证号", "性别", "单位名称", "职称名称", "专业", "文号", "批准日期",
         "证书编号"],
        ["张三", "x", "500103198502141011", "男", "山城医院", "主治医师", "内科学",
         "渝卫〔2026〕1号", "2026-03-18", "20260001"],
    )  # fmt: skip
    assert list(sheet.rows[0].cells) == [
        "20260001", "山城医院", None, "张三", "男", "500103198502141011", "内科学", "主治医师",
        "2026-03-18", "渝卫〔2026〕1号",
    ]  # fmt: skip


def test_prenumbered_empty_lines_notes_signatures_and_repeated_headers_are_no_rows() -> None:
    sheet = sheet_of(
        HEADER,
        ROW,
        [],
        [2],
        ["填表说明：1.领取各级职称证书均须填写此表。"],
        HEADER,
        [3, *ROW[1:4], "李四", *ROW[5:]],
        [4, "  ", "\u3000"],
        ["合计", "2人"],
        [None, "填报人：王五", None, None, "联系电话：1"],
        [None, None, "2026年 4月 2日"],
        ["注：本表一式两份"],
    )
    assert names(sheet) == ["张三", "李四"]
    assert [row.excel_row for row in sheet.rows] == [2, 7]


def test_a_row_with_a_single_missing_name_stays_a_row() -> None:
    assert len(sheet_of(HEADER, [1, *ROW[1:4], None, *ROW[5:]]).rows) == 1
    assert len(sheet_of(HEADER, [None, None, None, None, "张三"]).rows) == 1


def test_tables_that_begin_in_the_middle_of_the_sheet() -> None:
    shifted = [[], [], [None, None, *HEADER], [None, None, *ROW]]
    sheet = sheet_of(*shifted)
    assert sheet.rows[0].excel_row == 4
    assert sheet.letters[0] == "D"


def test_the_register_among_several_sheets_is_found() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["姓名", "电话", "性别", "单位"])
    register = book.create_sheet("职称登记")
    register.append(HEADER)
    register.append(ROW)
    book.create_sheet("空")
    assert saved(book).sheet == "职称登记"


def test_cells_keep_their_type_where_it_matters() -> None:
    numbers = [*ROW]
    numbers[1], numbers[6] = 20260001, 500103198502141011
    numbers[9] = date(2026, 3, 18)
    sheet = sheet_of(HEADER, numbers)
    (row,) = tidy_rows(sheet.rows)
    assert row.values[0] == "20260001"
    assert row.lost
    assert row.approval_date == date(2026, 3, 18)


def test_formulas_count_by_their_cached_value_and_are_never_evaluated() -> None:
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ROW)
        sheet.write_formula(1, 4, '=HYPERLINK("http://x","y")', None, "张三")
    target.seek(0)
    assert names(read_sheet(target, REGISTER_LIMITS)) == ["张三"]


def test_old_workbooks_are_read_by_their_content() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("登记表")
    for line, row in enumerate((["2026年度职称证书领取、办理登记表"], HEADER, ROW)):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    read = read_sheet(target, REGISTER_LIMITS)
    assert names(read) == ["张三"]
    assert (read.year, read.rows[0].excel_row) == (2026, 3)


def test_days_counted_from_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    book.active.append(HEADER)
    book.active.append([*ROW[:9], date(2026, 3, 18), ROW[10]])
    book.active.append([*ROW[:9], 44637, ROW[10]])
    sheet = saved(book)
    assert sheet.date_1904
    days = [row.approval_date for row in tidy_rows(sheet.rows, date_1904=sheet.date_1904)]
    assert days == [date(2026, 3, 18)] * 2


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([["今天天气"]], "sheet.no_header"),
        ([[title for title in HEADER if title != "身份证号码"], ROW], "sheet.column_missing"),
        ([HEADER], "sheet.no_rows"),
        ([HEADER, [1], [2]], "sheet.no_rows"),
    ],
)
def test_what_is_no_register(rows: list[list[Any]], rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        sheet_of(*rows)
    assert refused.value.rule == rule
    assert refused.value.clause == "N4"


def test_too_many_rows_are_refused() -> None:
    from dataclasses import replace

    target = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (HEADER, *[ROW] * 5):
        book.active.append(row)
    book.save(target)
    target.seek(0)
    with pytest.raises(Refusal) as refused:
        read_sheet(target, replace(REGISTER_LIMITS, rows=4))
    assert refused.value.rule == "sheet.too_many_rows"
