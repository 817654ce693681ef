"""附件1, the register on paper, to the letter (A1, N4)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import MAX_PAGES, Engine, default_engine
from zhicheng.documents.fitting import Fitted, fit, stack_height, wrap
from zhicheng.documents.fonts import FontChain, default_fonts, require_printable
from zhicheng.values.refusal import Refusal

ROWS_PER_PAGE = 15
BLANK_ROWS = 10  # the notice's own form has ten

# Column, heading, width in mm: 277 mm together, A4 landscape less 10 mm on either side.
COLUMNS: tuple[tuple[str, str, float], ...] = (
    ("position", "序号", 9),
    ("certificate_number", "证书编号", 27),
    ("work_unit", "工作单位", 46),
    ("department", "主管部门", 28),
    ("name", "姓名", 21),
    ("sex", "性别", 9),
    ("id_number", "身份证号码", 32),
    ("specialty", "专业名称", 25),
    ("qualification", "资格名称", 24),
    ("approval_date", "批准时间", 19),
    ("document_number", "批准文号", 37),
)
TEXT_SIZE = 8.5  # points
CELL_INSET = 1.0  # mm
ROW_HEIGHT = 8.75  # mm, two lines
BODY_HEIGHT = 132.0  # mm for all rows of a page: fifteen, with room for some higher ones


@dataclass(frozen=True)
class RegisterRow:
    """One line of 附件1, every value as it shall stand on paper (also a faulty or empty one)."""

    position: str
    certificate_number: str
    work_unit: str
    department: str
    name: str
    sex: str
    id_number: str
    specialty: str
    qualification: str
    approval_date: str
    document_number: str


@dataclass(frozen=True)
class RegisterForm:
    """The form's head and its rows.

    ``unit`` and ``year`` fill the blanks of the title, the next four those of the line below it.
    ``reference`` is the register's own number, printed small on every page; ``remark`` stands
    beside it ("草稿", "第 3 版"). Without rows it is the empty form, to be filled in by hand.
    """

    unit: str = ""
    year: str = ""
    reporting_unit: str = ""
    endorsing_unit: str = ""
    filled_in_by: str = ""
    telephone: str = ""
    rows: Sequence[RegisterRow] = ()
    reference: str = ""
    remark: str = ""


def paginate(rows: Sequence[RegisterRow], fonts: FontChain | None = None) -> list[range]:
    """Which rows stand on which page, as index ranges, before anything is printed.

    Fifteen rows a page; fewer only where long values make rows so high that fifteen don't fit.
    An empty register is one page without rows. The result hangs on the rows' texts alone, so a
    caller can make a digest per page and print its QR code on that page. Raises Refusal for a
    character that can't be printed or a row that is higher than a page.
    """
    chain = fonts or default_fonts()
    _require_printable(rows, chain)
    pages: list[range] = []
    first, used = 0, 0.0
    for index, row in enumerate(rows):
        height = _row_height(row, chain)
        if height > BODY_HEIGHT:
            raise Refusal(
                "documents.row_too_high",
                f"序号 {row.position} 的内容过长，一页容纳不下，不能打印。",
                clause="A1",
                mend="请核对该行各栏内容，改短后再打印。",
            )
        if index > first and (index - first == ROWS_PER_PAGE or used + height > BODY_HEIGHT + 1e-6):
            pages.append(range(first, index))
            first, used = index, 0.0
        used += height
    pages.append(range(first, len(rows)))
    return pages


def render(
    form: RegisterForm,
    page_codes: Sequence[str],
    *,
    created: date,
    engine: Engine | None = None,
) -> bytes:
    """附件1 as PDF/A, A4 landscape.

    ``page_codes`` holds the QR text of each page of ``paginate(form.rows)`` in order; an empty
    text leaves that page without a code. ``created`` is the day (or moment) of printing. Raises
    Refusal as paginate does, or for a head that doesn't fit; ValueError when the number of codes
    isn't that of the pages.
    """
    engine = engine or default_engine()
    fonts = engine.fonts
    pages = paginate(form.rows, fonts)
    if len(pages) > MAX_PAGES:
        raise ValueError(f"a register has up to {MAX_PAGES} pages, got {len(pages)}")
    if len(page_codes) != len(pages):
        raise ValueError(f"{len(pages)} pages need as many QR texts, got {len(page_codes)}")
    head = {
        key: _head_text(label, text, width, size, fonts)
        for key, label, text, width, size in (
            ("unit", "区县、部门、单位", form.unit, 92.0, 15),
            ("reporting", "填报单位", form.reporting_unit, 52.0, 11),
            ("endorsing", "区县、主管部门", form.endorsing_unit, 52.0, 11),
            ("person", "填报人", form.filled_in_by, 26.0, 11),
            ("telephone", "联系电话", form.telephone, 28.0, 11),
        )
    }
    reference = "　".join(item for item in (form.reference, form.remark) if item)
    require_printable([("登记表编号", reference), ("年度", form.year)], fonts)
    data = {
        "head": head,
        "year": form.year,
        "reference": reference,
        "columns": [{"label": label, "width": width} for _, label, width in COLUMNS],
        "text_size": TEXT_SIZE,
        "row_height": ROW_HEIGHT,
        "blank_rows": BLANK_ROWS,
        "people": len(form.rows),
        "pages": [
            {
                "rows": [
                    {"height": _row_height(row, fonts), "cells": _cells(row, fonts)}
                    for row in form.rows[page.start : page.stop]
                ],
                "code": qr.encode(code).for_typst() if code else None,
                "text": code,
            }
            for page, code in zip(pages, page_codes, strict=True)
        ],
    }
    return engine.render(
        "register_form",
        data,
        title=f"{form.unit}{form.year}年度职称证书领取、办理登记表",
        created=created,
    )


def _require_printable(rows: Sequence[RegisterRow], fonts: FontChain) -> None:
    names = [(field.name, _LABELS[field.name]) for field in fields(RegisterRow)]
    require_printable(
        (
            (f"序号 {row.position} 的“{label}”", getattr(row, name))
            for row in rows
            for name, label in names
        ),
        fonts,
    )


_LABELS = {key: label for key, label, _ in COLUMNS}


def _cells(row: RegisterRow, fonts: FontChain) -> list[tuple[str, ...]]:
    return [
        wrap(getattr(row, key), (width - 2 * CELL_INSET) / TEXT_SIZE * 72 / 25.4, fonts)
        for key, _, width in COLUMNS
    ]


def _row_height(row: RegisterRow, fonts: FontChain) -> float:
    """Height of a row in mm: two lines, or what its longest cell needs."""
    most = max(len(lines) for lines in _cells(row, fonts))
    return max(ROW_HEIGHT, stack_height(most, TEXT_SIZE) + 2 * CELL_INSET)


def _head_text(
    label: str, text: str, width: float, size: float, fonts: FontChain
) -> dict[str, object]:
    require_printable([(f"“{label}”", text)], fonts)
    fitted: Fitted | None = fit(
        text, width=width, height=11.0, size=size, min_size=6, fonts=fonts, shrink=True
    )
    if fitted is None:
        raise Refusal(
            "documents.too_long",
            f"“{label}”的内容过长，表头容纳不下。",
            clause="A1",
            found=f"{len(text)} 个字",
        )
    return {"size": fitted.size, "lines": fitted.lines}
