"""The workbook to fill in, and the one with the answers."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.values.id_number import mask
from zhicheng.verification.batch.answering import Answered
from zhicheng.verification.batch.rules import ID_NUMBER, NAME, NUMBER
from zhicheng.verification.rules import Record, Source, Standing
from zhicheng.verification.showing import display
from zhicheng.web.excel import harmless

EMPTY_ROWS = 500
HEAD_ROW = 3
_COLOURS = {"good": "#E6F4EA", "wait": "#FFF4D6", "bad": "#FBE3E4", "own": "#E8E6F7"}


def template() -> bytes:
    """Names and numbers as text, so that Excel leaves the digits alone."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("核验名单")
        text = book.add_format({"num_format": "@", "border": 1})
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#DCE6F1"})
        titles = ("序号", NAME, ID_NUMBER, NUMBER)
        for place, (title, width) in enumerate(zip(titles, (6, 14, 24, 24), strict=True)):
            sheet.set_column(place, place, width, text)
            sheet.write_string(0, place, title, head)
        for row in range(1, EMPTY_ROWS + 1):
            sheet.write_string(row, 0, str(row), text)
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:D{EMPTY_ROWS + 1}"})
        help_text = "身份证号码和证书编号填一项即可；两项都填的，须都与证书一致。"
        sheet.data_validation(
            1,
            2,
            EMPTY_ROWS,
            3,
            {"validate": "any", "input_title": "填写说明", "input_message": help_text},
        )
    return target.getvalue()


def _titles() -> Sequence[tuple[str, int]]:
    return (
        (_("行号"), 7),
        (_("姓名"), 12),
        (_("身份证号码"), 22),
        (_("填写的证书编号"), 20),
        (_("核验结果"), 24),
        (_("证书编号"), 20),
        (_("资格名称"), 16),
        (_("等级"), 8),
        (_("专业名称"), 18),
        (_("批准时间"), 12),
        (_("批准文号"), 22),
        (_("资格核准部门"), 24),
        (_("发放单位"), 24),
        (_("发证时间"), 12),
        (_("数据来源"), 24),
        (_("核验时间"), 17),
    )


def result_book(answered: Answered) -> bytes:
    """One line for every certificate found, and one for every row that found none."""
    batch = answered.batch
    at = timezone.localtime(batch.asked_at).strftime("%Y-%m-%d %H:%M:%S")
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_("核验结果"))
        formats = {tone: book.add_format({"bg_color": c}) for tone, c in _COLOURS.items()}
        head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
        bold = book.add_format({"bold": True, "font_size": 13})
        titles = _titles()
        for place, (_title, width) in enumerate(titles):
            sheet.set_column(place, place, width)
        told = _("职称证书批量核验结果 %(number)s") % {"number": batch.number}
        sheet.write_string(0, 0, told, bold)
        sheet.write_string(1, 0, _about(answered, at))
        sheet.write_string(
            2,
            0,
            _(
                "状态会变化，请以在线查询为准。“没有查到”不说明有没有这个人。"
                "每一行查询都有记录，持证人可以看到。"
            ),
        )
        for place, (title, _width) in enumerate(titles):
            sheet.write_string(HEAD_ROW, place, title, head)
        sheet.freeze_panes(HEAD_ROW + 1, 2)
        line = HEAD_ROW
        for item in answered.rows:
            asked = item.asked
            begin = (str(asked.row), asked.name, mask(asked.id_number), asked.number)
            for record in item.records or (None,):
                line += 1
                cells, tone = _cells(record)
                for place, text in enumerate((*begin, *cells, at)):
                    style = formats.get(tone) if place == len(begin) else None
                    sheet.write_string(line, place, harmless(text), style)
        book.set_properties({"title": told, "company": batch.organization.name})
    return target.getvalue()


def _about(answered: Answered, at: str) -> str:
    batch = answered.batch
    return _("%(who)s · 用途：%(purpose)s · %(rows)d 行，查到 %(found)d 行 · %(at)s") % {
        "who": batch.organization.name,
        "purpose": batch.purpose_note or batch.get_purpose_display(),
        "rows": batch.row_count,
        "found": batch.found_count,
        "at": at,
    }


def _cells(record: Record | None) -> tuple[list[str], str]:
    if record is None:
        return [_("没有查到"), *[""] * 10], ""
    shown = display(record)
    own = record.source is Source.SELF_ISSUED and record.standing is Standing.VALID
    return [
        shown.told.word,
        record.number,
        record.qualification,
        shown.grade,
        record.specialty,
        _day(record.approval_date),
        record.document_number,
        record.approving_department,
        record.issuing_unit,
        _day(record.issued_on),
        shown.source,
    ], "own" if own else shown.told.tone


def _day(day: date | None) -> Any:
    return day.isoformat() if day else ""
