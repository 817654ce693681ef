"""The workbook in which a unit reports its own certificates: drop-downs and checks in the cells."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from zhicheng.reference.catalog import LEVEL_LABELS, load_catalog
from zhicheng.registers.template_book import ID_NUMBER_CHECK
from zhicheng.registers.workbooks import neutral
from zhicheng.selfissued.reading import COLUMNS, KEYS

EMPTY_ROWS = 200
SHEET, LISTS = "自主发放证书", "选项"
TITLE = "自主评审单位自行发放证书报送表"
HEAD_ROW, FIRST_ROW = 1, 2
_WIDTHS = {
    "number": 20,
    "name": 10,
    "sex": 6,
    "id_number": 21,
    "work_unit": 24,
    "series": 16,
    "level": 9,
    "qualification": 14,
    "specialty": 18,
    "approval_date": 12,
    "document_number": 22,
    "issued_on": 12,
    "correction_reason": 24,
}
_OPTIONAL_COLOUR = "#F2F2F2"


def template_book(
    *, unit: str, series: Sequence[str] = (), rows: Sequence[Sequence[str]] = ()
) -> bytes:
    """The empty form, or one with known ``rows`` (texts in the order of the columns).

    ``series`` limits what the drop-downs offer to the unit's records.
    """
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, lists = book.add_worksheet(SHEET), book.add_worksheet(LISTS)
        lists.hide()
        text = book.add_format({"num_format": "@", "border": 1, "text_wrap": True})
        needed = book.add_format(
            {"bold": True, "border": 1, "bg_color": "#DCE6F1", "align": "center"}
        )
        optional = book.add_format(
            {"bold": True, "border": 1, "bg_color": _OPTIONAL_COLOUR, "align": "center"}
        )
        title = book.add_format({"bold": True, "font_size": 14})
        sheet.write_string(0, 0, f"{TITLE}（{unit}）", title)
        sheet.freeze_panes(FIRST_ROW, 2)
        last = FIRST_ROW + max(EMPTY_ROWS, len(rows)) - 1
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTHS[column.key], text)
            style = needed if column.required else optional
            sheet.write_string(HEAD_ROW, place, column.title, style)
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write_string(FIRST_ROW + line, place, neutral(value), text)
        sheet.ignore_errors(
            {"number_stored_as_text": f"A{FIRST_ROW + 1}:{xl_rowcol_to_cell(last, len(COLUMNS))}"}
        )
        _help(sheet, lists, last, series)
        book.set_properties({"title": TITLE, "company": unit})
    return target.getvalue()


def _help(sheet: Any, lists: Any, last: int, series: Sequence[str]) -> None:
    catalog = load_catalog()
    offered = list(series) or list(catalog.series)
    titles = dict.fromkeys(title.name for title in catalog.titles if title.series in offered)
    chosen = {
        "sex": ["男", "女"],
        "series": offered,
        "level": list(LEVEL_LABELS.values()),
        "qualification": list(titles),
    }
    for column, (key, values) in enumerate(chosen.items()):
        for row, value in enumerate(values):
            lists.write_string(row, column, value)
        source = xl_range_abs(0, column, len(values) - 1, column)
        place = KEYS.index(key)
        sheet.data_validation(
            FIRST_ROW,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": f"={LISTS}!{source}",
                "error_type": "stop" if key in ("sex", "level") else "warning",
                "error_title": COLUMNS[place].title,
                "error_message": "请从下拉选项中选择。",
            },
        )
    place = KEYS.index("id_number")
    cell = xl_rowcol_to_cell(FIRST_ROW, place)
    sheet.data_validation(
        FIRST_ROW,
        place,
        last,
        place,
        {
            "validate": "custom",
            "value": ID_NUMBER_CHECK.format(cell=cell, rows=f"{LISTS}!$A$1:$A$17"),
            "input_title": "身份证号码",
            "input_message": "18位，本列为文本格式，直接输入即可。",
            "error_title": "身份证号码有误",
            "error_message": "请对照身份证逐位核对后重新输入。",
        },
    )
    for key, message in {
        "approval_date": "评委会评审通过的日期，例如 2026-03-18。",
        "correction_reason": "只在更正已收录的证书时填写，沿用原证书编号。",
    }.items():
        place = KEYS.index(key)
        sheet.data_validation(
            FIRST_ROW,
            place,
            last,
            place,
            {
                "validate": "any",
                "input_title": COLUMNS[place].title,
                "input_message": message,
            },
        )
