"""The reader of large workbooks gives the very cells of the ordinary one, or leaves the file."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from zhicheng.registers.columns import COLUMNS, NUMBER
from zhicheng.spreadsheets import large_xlsx, sheets
from zhicheng.spreadsheets.limits import REGISTER_LIMITS
from zhicheng.spreadsheets.tables import read_table

FILES = Path(__file__).parent.parent / "registers" / "corpus" / "files"
WORKBOOKS = sorted(
    path.name
    for path in FILES.iterdir()
    if path.suffix in (".xlsx", ".xlsm") and not path.name.startswith(("refused", "list"))
)
# Formulas, texts of several fonts, and a header with carriage returns go the ordinary way.
LEFT = {"clean-formulas.xlsx", "clean-libreoffice.xlsx", "header-spaces-and-breaks.xlsx"}


def table(content: bytes, monkeypatch: pytest.MonkeyPatch, threshold: int) -> tuple[object, ...]:
    monkeypatch.setattr(sheets, "LARGE", threshold)
    found = read_table(io.BytesIO(content), COLUMNS, REGISTER_LIMITS, what="登记表", number=NUMBER)
    rows = [(number, list(values)) for number, values in found.rows]
    return (
        found.sheet, found.header_row, found.lines_above, found.letters, rows, found.date_1904,
        found.merged, set(found.hidden_rows), found.others,
    )  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
def test_both_readers_give_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (FILES / name).read_bytes()
    assert table(content, monkeypatch, 0) == table(content, monkeypatch, 1 << 40)


def test_nearly_every_workbook_is_plain_enough() -> None:
    left = set()
    for name in WORKBOOKS:
        try:
            large_xlsx.read(io.BytesIO((FILES / name).read_bytes()), REGISTER_LIMITS)
        except large_xlsx.Irregular:
            left.add(name)
    assert left == LEFT


def strange(**how: object) -> bytes:
    """A workbook with one thing that the plain form doesn't have."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("登记表")
    sheet.write_row(0, 0, [column.title for column in COLUMNS])
    for row in range(1, 4):
        sheet.write_row(
            row, 0, [f"N{row}", "医院", "", "王伟", "男", "5", "内科", "医师", "x", "y"]
        )
    bold = book.add_format({"bold": True})
    if "rich" in how:
        sheet.write_rich_string(1, 3, "王", bold, "伟")
    if "format" in how:
        sheet.write_number(1, 8, 46099.5, book.add_format({"num_format": how["format"]}))
    if "error" in how:
        sheet.write_formula(1, 8, "=1/0", None, "#DIV/0!")
    if "logical" in how:
        sheet.write_boolean(1, 8, True)
    if "entities" in how:
        sheet.write_string(1, 3, "a<b>&\"'\u00a0_x000D_" if how["entities"] == "odd" else "a<b>&")
    if "wide" in how:
        sheet.write_string(1, 150, "far")
    book.close()
    return target.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {"rich": 1}, {"format": "yyyy-mm-dd"}, {"format": "yyyy-mm-dd hh:mm"}, {"format": "h:mm"},
        {"format": '0.00"元"'}, {"format": "[$-F800]dddd"}, {"format": "m/d/yy"}, {"error": 1},
        {"logical": 1}, {"entities": "plain"}, {"entities": "odd"}, {"wide": 1}, {},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_plain_is_read_all_the_same(
    how: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = strange(**how)
    assert table(content, monkeypatch, 0) == table(content, monkeypatch, 1 << 40)


@pytest.mark.parametrize("form", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "General", "0", "@"])
def test_numbers_and_dates_keep_their_kind(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([column.title for column in COLUMNS])
    sheet.append(["N", "医院", None, "王伟", "男", 500103198502141000, "内科", "医师",
                  date(2026, 3, 18), "y"])  # fmt: skip
    sheet["I2"].number_format = form
    target = io.BytesIO()
    book.save(target)
    content = target.getvalue()
    assert table(content, monkeypatch, 0) == table(content, monkeypatch, 1 << 40)
