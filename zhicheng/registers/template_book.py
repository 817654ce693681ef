"""附件1 as a workbook to fill in: the notice's form to the letter, with help in the cells (A1).

Columns that Excel would spoil are text. Drop-downs come from a hidden sheet, and the ID number's
check is a formula, so that a wrong digit is caught where it is typed.
"""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from zhicheng.registers.columns import COLUMNS, KEYS
from zhicheng.registers.workbooks import neutral

EMPTY_ROWS = 100
MORE_ROWS = 20
HEAD_ROW = 3
FIRST_ROW = 4
SHEET, LISTS = "登记表", "选项"
# The notice's own words and spelling, as on the printed form.
NOTES = (
    "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，须经主管部门签章后报送。"
    "3.此表须同时报送纸质件、excle格式电子件。"
)
# In characters; together they fill an A4 page in landscape.
_WIDTHS = (5, 19, 22, 16, 9, 5, 20.5, 14, 13, 11.5, 23)
_LEFT = {"work_unit", "supervising_department"}
# Weights 7 9 10 5 8 … of GB 11643 are 2^17, 2^16 … modulo 11, so no table is needed: Excel allows
# no array constants in a validation. The rows come from the hidden sheet, where nobody inserts any.
# Passports and older residence cards begin with a letter and have no check digit: only their
# length is judged. IF looks at them first, because AND and OR don't stop at an error.
ID_NUMBER_CHECK = (
    "=IF(ISERR(LEFT({cell},1)*1),AND(LEN({cell})>6,LEN({cell})<16),"
    "AND(LEN({cell})=18,"
    'MID("10X98765432",MOD(SUMPRODUCT(MID({cell},ROW({rows}),1)*2^(18-ROW({rows}))),11)+1,1)'
    "=UPPER(RIGHT({cell},1)),"
    "DAY(DATE(MID({cell},7,4),MID({cell},11,2),MID({cell},13,2)))=MID({cell},13,2)*1))"
)


def template_book(
    *,
    unit: str,
    department: str,
    year: int,
    documents: Sequence[str] = (),
    qualifications: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    filler: str = "",
    telephone: str = "",
) -> bytes:
    """The form as .xlsx: ``rows`` are ten texts each in the form's order, known ones filled in.

    Without rows there are a hundred numbered lines, otherwise some lines more than rows.
    ``documents`` and ``qualifications`` are what the drop-downs offer.
    """
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(SHEET)
        lines = len(rows) + MORE_ROWS if rows else EMPTY_ROWS
        page = _Page(book, sheet, lines)
        page.frame(unit, department, year, filler, telephone)
        page.body(rows)
        lists = book.add_worksheet(LISTS)
        page.help(lists, documents, qualifications)
        book.set_properties({"title": f"{year}年度职称证书领取、办理登记表", "company": unit})
    return target.getvalue()


class _Page:
    """The visible sheet while it is written."""

    def __init__(self, book: Any, sheet: Any, lines: int) -> None:
        self.sheet, self.lines = sheet, lines
        self.last_row = FIRST_ROW + lines - 1
        song = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        cell = {**song, "num_format": "@", "border": 1, "text_wrap": True}
        self.plain = book.add_format({**song, "font_size": 10.5, "text_wrap": True})
        self.corner = book.add_format({**song, "font_name": "黑体", "font_size": 12})
        self.title = book.add_format({**song, "font_size": 17, "bold": True, "align": "center"})
        self.head = book.add_format(
            {**song, "font_name": "黑体", "border": 1, "align": "center", "text_wrap": True}
        )
        self.middle = book.add_format({**cell, "align": "center"})
        self.left = book.add_format({**cell, "align": "left"})
        self.notes = book.add_format({**song, "text_wrap": True})

    def frame(self, unit: str, department: str, year: int, filler: str, telephone: str) -> None:
        """Page, title, the line of signatures, header and notes."""
        sheet, last = self.sheet, len(COLUMNS)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.5)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD_ROW)
        sheet.freeze_panes(FIRST_ROW, 0)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.print_area(0, 0, self.last_row + 1, last)
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width, self.plain)
        sheet.write_string(0, 0, "附件1", self.corner)
        sheet.set_row(1, 32)
        sheet.merge_range(
            1, 0, 1, last, f"（{unit}）{year}年度职称证书领取、办理登记表", self.title
        )
        sheet.set_row(2, 34)
        for first, end, text in (
            (0, 3, f"填报单位（签章） {unit}"),
            (4, 6, f"区县、主管部门（签章） {department}".rstrip()),
            (7, 8, f"填报人：{filler}"),
            (9, 10, f"联系电话：{telephone}"),
        ):
            sheet.merge_range(2, first, 2, end, text, self.plain)
        sheet.set_row(HEAD_ROW, 24)
        sheet.write_string(HEAD_ROW, 0, "序号", self.head)
        for place, column in enumerate(COLUMNS, start=1):
            sheet.write_string(HEAD_ROW, place, column.title, self.head)
        sheet.set_row(self.last_row + 1, 30)
        sheet.merge_range(self.last_row + 1, 0, self.last_row + 1, last, NOTES, self.notes)

    def body(self, rows: Sequence[Sequence[str]]) -> None:
        """The numbered lines, as many as are known filled in."""
        formats = [self.left if column.key in _LEFT else self.middle for column in COLUMNS]
        for line in range(self.lines):
            row = FIRST_ROW + line
            self.sheet.set_row(row, 27)
            self.sheet.write_string(row, 0, str(line + 1), self.middle)
            known = rows[line] if line < len(rows) else ()
            for place, style in enumerate(formats):
                text = known[place] if place < len(known) else ""
                if text:
                    self.sheet.write_string(row, place + 1, neutral(text), style)
                else:
                    self.sheet.write_blank(row, place + 1, None, style)
        # Digits kept as text are meant: no green corners.
        whole = xl_range_abs(FIRST_ROW, 0, self.last_row, len(COLUMNS)).replace("$", "")
        self.sheet.ignore_errors({"number_stored_as_text": whole})

    def help(self, lists: Any, documents: Sequence[str], qualifications: Sequence[str]) -> None:
        """Drop-downs and checks of the columns; the long lists lie on a hidden sheet."""
        lists.hide()
        self._list(lists, 0, "qualification", qualifications, "资格名称")
        self._list(lists, 1, "document_number", documents, "批准文号")
        self._valid(
            "sex",
            {
                "validate": "list",
                "source": ["男", "女"],
                "error_title": "性别",
                "error_message": "请填写“男”或“女”。",
            },
        )
        cell = xl_rowcol_to_cell(FIRST_ROW, self._place("id_number"))
        formula = ID_NUMBER_CHECK.format(cell=cell, rows=f"{LISTS}!$A$1:$A$17")
        self._valid(
            "id_number",
            {
                "validate": "custom",
                "value": formula,
                "input_title": "身份证号码",
                "input_message": "18位，本列为文本格式，直接输入即可。",
                "error_title": "身份证号码有误",
                "error_message": "居民身份证号码须为18位，出生日期真实，末位校验码相符。"
                "请对照身份证逐位核对后重新输入。",
            },
        )
        self._valid(
            "approval_date",
            {
                "validate": "any",
                "input_title": "批准时间",
                "input_message": "评委会评审通过的日期，例如 2026-03-18，与核准文件一致。",
            },
        )
        self._valid(
            "certificate_number",
            {
                "validate": "any",
                "input_title": "证书编号",
                "input_message": "预编号，须与实际发放的证书一致；开头的0保留。",
            },
        )

    def _place(self, key: str) -> int:
        return 1 + KEYS.index(key)

    def _list(self, lists: Any, column: int, key: str, values: Sequence[str], title: str) -> None:
        for row, value in enumerate(values):
            lists.write_string(row, column, value)
        if not values:
            return
        source = xl_range_abs(0, column, len(values) - 1, column)
        self._valid(
            key,
            {
                "validate": "list",
                "source": f"={LISTS}!{source}",
                # A name of before the reform, a document not yet on file: a question, no refusal.
                "error_type": "warning",
                "error_title": title,
                "error_message": "不在下拉选项中，请核对是否与核准文件完全一致。",
            },
        )

    def _valid(self, key: str, options: dict[str, Any]) -> None:
        place = self._place(key)
        self.sheet.data_validation(FIRST_ROW, place, self.last_row, place, options)
