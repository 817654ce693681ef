"""附件1 as Excel: a register's own copy (A1, N4); the form to fill in is in ``template_book``.

Every cell is text, so that Excel neither shortens an ID number nor evaluates what somebody typed.
"""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from zhicheng.registers.columns import COLUMNS

NOTES = (
    "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，须经主管部门签章后报送。"
    "3.此表须同时报送纸质件、excel格式电子件。"
)
_WIDTHS = {
    "certificate_number": 20,
    "work_unit": 26,
    "supervising_department": 20,
    "name": 12,
    "sex": 6,
    "id_number": 22,
    "specialty": 18,
    "qualification": 16,
    "approval_date": 13,
    "document_number": 24,
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula, also after saving it as CSV."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def filled(
    rows: Sequence[Sequence[str | float]],
    *,
    unit: str,
    department: str,
    year: int,
    filler: str,
    telephone: str,
) -> bytes:
    """The form with ``rows`` of ten texts in the form's order, as .xlsx.

    A number among them stays one: what Excel destroyed has to be seen as destroyed again.
    """
    return _form(
        unit=unit,
        department=department,
        year=year,
        filler=filler,
        telephone=telephone,
        rows=([str(place), *cells] for place, cells in enumerate(rows, start=1)),
        count=len(rows),
    )


def _form(
    *,
    unit: str,
    department: str,
    year: int,
    filler: str,
    telephone: str,
    rows: Iterable[Sequence[str | float]],
    count: int,
) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "constant_memory": False, "strings_to_formulas": False}
    ) as book:
        base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        title = book.add_format({**base, "font_size": 16, "bold": True, "align": "center"})
        plain = book.add_format(base)
        head = book.add_format(
            {**base, "bold": True, "border": 1, "align": "center", "bg_color": "#F2F2F2"}
        )
        text = book.add_format({**base, "num_format": "@", "border": 1, "text_wrap": True})
        whole = book.add_format({**base, "num_format": "0", "border": 1})
        middle = book.add_format({**base, "num_format": "@", "border": 1, "align": "center"})
        notes = book.add_format({**base, "font_size": 10, "text_wrap": True})
        sheet = book.add_worksheet("登记表")
        last = len(COLUMNS)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.freeze_panes(3, 0)
        sheet.set_column(0, 0, 6, middle)
        for place, column in enumerate(COLUMNS, start=1):
            sheet.set_column(place, place, _WIDTHS[column.key], text)
        sheet.set_row(0, 32)
        sheet.merge_range(0, 0, 0, last, f"（{unit}）{year}年度职称证书领取、办理登记表", title)
        sheet.set_row(1, 22)
        line = (
            f"填报单位（签章）：{unit}　　　　区县、主管部门（签章）：{department}　　　　"
            f"填报人：{filler}　　　　联系电话：{telephone}"
        )
        sheet.merge_range(1, 0, 1, last, line, plain)
        sheet.write_string(2, 0, "序号", head)
        for place, column in enumerate(COLUMNS, start=1):
            sheet.write_string(2, place, column.title, head)
        for place, cells in enumerate(rows, start=3):
            sheet.write_string(place, 0, str(cells[0]), middle)
            for offset in range(1, last + 1):
                value = cells[offset] if offset < len(cells) else ""
                if isinstance(value, float):
                    sheet.write_number(place, offset, value, whole)
                elif value:
                    sheet.write_string(place, offset, neutral(value), text)
                else:
                    sheet.write_blank(place, offset, None, text)
        sex = 1 + [column.key for column in COLUMNS].index("sex")
        sheet.data_validation(3, sex, count + 2, sex, {"validate": "list", "source": ["男", "女"]})
        end = count + 3
        sheet.set_row(end, 32)
        sheet.merge_range(end, 0, end, last, NOTES, notes)
    return target.getvalue()
