"""An empty list workbook: the columns in their order, with the words to choose from."""

import io

import xlsxwriter

from zhicheng.approvals import reading
from zhicheng.approvals.vocabulary import CHANNEL_LABELS, MODE_LABELS
from zhicheng.reference.catalog import LEVEL_LABELS

LAST_ROW = 5000
_CHOICES = {
    "review_mode": list(MODE_LABELS.values()),
    "channel": list(CHANNEL_LABELS.values()),
    "sex": ["男", "女"],
    "level": list(LEVEL_LABELS.values()),
}


def list_template() -> bytes:
    """The workbook; every column is text, so that Excel destroys no ID number."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("评审通过人员名单")
        text = book.add_format({"num_format": "@"})
        must = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1})
        may = book.add_format({"italic": True, "bg_color": "#F5F6F8", "border": 1})
        for place, column in enumerate(reading.COLUMNS):
            sheet.set_column(place, place, 22 if "number" in column.key else 16, text)
            sheet.write_string(0, place, column.title, must if column.required else may)
            if column.key in _CHOICES:
                sheet.data_validation(
                    1, place, LAST_ROW, place, {"validate": "list", "source": _CHOICES[column.key]}
                )
        sheet.freeze_panes(1, 0)
    return written.getvalue()
