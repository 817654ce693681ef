"""Fix in Excel instead: the same file with its faulty cells coloured and commented."""

import io

import openpyxl
import pytest
import python_calamine
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from tests.registers.test_corpus import FILES
from tests.support.filing import Filing, Line
from zhicheng.approvals.actions import import_list
from zhicheng.audit.models import AuditEvent
from zhicheng.registers import actions
from zhicheng.registers.columns import COLUMNS
from zhicheng.registers.marked import marked_file
from zhicheng.registers.models import Register
from zhicheng.spreadsheets.marking import AUTHOR, COLOURS, LEGEND


def clerk(filing: Filing):  # type: ignore[no-untyped-def]
    return filing.city.who("hospital", "clerk")


def own_file(filing: Filing, lines: list[Line]) -> bytes:
    """A unit's own workbook: a cover, wide columns, two columns more, a formula, a hidden list."""
    book = openpyxl.load_workbook(io.BytesIO(filing.file(lines)))
    sheet = book.active
    sheet.title = "名单"
    last = sheet.max_column
    sheet.cell(3, last + 1, "备注")
    sheet.cell(3, last + 2, "合计")
    for row in range(4, 4 + len(lines)):
        sheet.cell(row, last + 1, "-已交材料" if row == 4 else "-")
        sheet.cell(row, last + 2, "=1+1")
    sheet.column_dimensions["D"].width = 44.5
    sheet.row_dimensions[4].height = 33
    cover = book.create_sheet("封面", 0)
    cover["A1"] = "2026 年"
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "@SUM(1)"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(filing: Filing, content: bytes, name: str = "名单.xlsx") -> Register:
    return actions.upload_register(actor=clerk(filing), content=content, name=name)


def marked(filing: Filing, register: Register) -> openpyxl.Workbook:
    register.refresh_from_db()
    content = marked_file(actor=clerk(filing), register=register)
    return openpyxl.load_workbook(io.BytesIO(content))


def columns(sheet: Worksheet) -> dict[str, str]:
    """The letter of each column by its title."""
    for row in sheet.iter_rows(max_row=10):
        titles = {str(cell.value): cell.column_letter for cell in row if cell.value}
        if "身份证号码" in titles:
            return titles
    raise AssertionError("no header")


def colour(sheet: Worksheet, place: str) -> str:
    fill = sheet[place].fill
    return next(
        (
            kind
            for kind, value in COLOURS.items()
            if fill.fill_type == "solid" and fill.start_color.rgb[-6:] == value
        ),
        "",
    )


def test_n4_the_units_own_file_comes_back_with_its_faults_marked(filing: Filing) -> None:
    lines = filing.lines(3)
    made = upload(
        filing,
        own_file(filing, [lines[0], lines[1].but(姓名="无此人"), lines[2].but(专业名称="内 科学")]),
    )
    book = marked(filing, made)
    assert book.sheetnames == [LEGEND, "封面", "名单", "隐藏"]
    sheet = book["名单"]
    at = columns(sheet)
    assert sheet.column_dimensions["D"].width == 44.5
    assert sheet.row_dimensions[4].height == 33
    assert book["隐藏"].sheet_state == "hidden"
    name = f"{at['姓名']}5"
    assert colour(sheet, name) == "error"
    said = sheet[name].comment.text
    assert "[错误]" in said and f"应为：{lines[1].listed.person.name}" in said and "N6" in said
    assert sheet[name].comment.author == AUTHOR
    coloured = [
        cell.coordinate
        for row in sheet.iter_rows()
        for cell in row
        if colour(sheet, cell.coordinate) == "error"
    ]
    assert coloured == [name]
    legend = [[cell.value for cell in row if cell.value] for row in book[LEGEND].iter_rows()]
    assert any("红色" in row for row in legend)
    assert any(name in row and "无此人" in row for row in legend)


def test_no_formula_leaves_and_no_text_becomes_one(filing: Filing) -> None:
    made = upload(filing, own_file(filing, filing.lines(2)))
    book = marked(filing, made)
    sheet = book["名单"]
    at = columns(sheet)
    assert sheet[f"{at['备注']}4"].value == "'-已交材料"
    assert sheet[f"{at['备注']}5"].value == "-"
    assert book["隐藏"]["A1"].value == "'@SUM(1)"
    for each in book.worksheets:
        for row in each.iter_rows():
            assert [cell.coordinate for cell in row if cell.data_type == "f"] == []


def test_what_the_page_corrected_stands_in_the_file_so_that_it_takes_nothing_back(
    filing: Filing,
) -> None:
    lines = filing.lines(4)
    number = lines[0].listed.person.id_number
    wrong = number[:17] + ("X" if number[17] != "X" else "1")
    made = upload(filing, own_file(filing, [lines[0].but(身份证号码=wrong), *lines[1:3]]))
    row = made.rows.get(position=1)
    actions.correct_row(
        actor=clerk(filing), row_id=row.pk, changes={"id_number": number}, version=1
    )
    gone = made.rows.get(position=2)
    actions.remove_row(actor=clerk(filing), row_id=gone.pk, version=1)
    person = made.findings.filter(
        code="approval.person_missing",
        suggested_person__name=lines[3].listed.person.name,
    ).get()
    actions.add_people(
        actor=clerk(filing), register_id=made.pk, person_ids=[person.suggested_person_id or 0]
    )
    sheet = marked(filing, made)["名单"]
    at = columns(sheet)
    cell = sheet[f"{at['身份证号码']}4"]
    assert cell.value == number
    assert colour(sheet, cell.coordinate) == "corrected"
    assert number not in cell.comment.text and wrong not in cell.comment.text
    assert sheet[f"{at['姓名']}5"].value is None
    assert colour(sheet, f"{at['姓名']}5") == "removed"
    added = sheet[f"{at['姓名']}{sheet.max_row}"]
    assert added.value == lines[3].listed.person.name
    event = AuditEvent.objects.filter(tag="any:person:unmask").latest("sequence")
    assert event.data["purpose"] == "file"

    ids = set(made.rows.values_list("pk", flat=True))
    content = marked_file(actor=clerk(filing), register=made)
    actions.replace_file(actor=clerk(filing), register_id=made.pk, content=content, name="改.xlsx")
    made.refresh_from_db()
    assert made.uploads.order_by("-version")[0].overwritten == []
    assert set(made.rows.values_list("pk", flat=True)) == ids

    # Marked once more: the marks of the first time are gone, where nothing is to be said.
    sheet = marked(filing, made)["名单"]
    assert colour(sheet, f"{at['身份证号码']}4") == ""
    assert sheet[f"{at['身份证号码']}4"].comment is None
    assert colour(sheet, f"{at['姓名']}5") == ""


def test_an_old_excel_file_comes_back_as_xlsx_with_every_cell_at_its_place(
    filing: Filing,
) -> None:
    lines = filing.lines(2)
    source = openpyxl.load_workbook(
        io.BytesIO(filing.file([lines[0].but(姓名="无此人"), lines[1]]))
    ).active
    book = xlwt.Workbook()
    sheet = book.add_sheet("表一")
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                sheet.write(cell.row + 1, cell.column + 1, str(cell.value))
    sheet.write(5, 20, "=另记")
    other = book.add_sheet("表二")
    other.write(2, 3, "附注")
    target = io.BytesIO()
    book.save(target)
    made = upload(filing, target.getvalue(), "名单.xls")
    content = marked_file(actor=clerk(filing), register=made)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [LEGEND, "表一", "表二"]
    sheet = book["表一"]
    at = columns(sheet)
    name = f"{at['姓名']}6"
    assert sheet[name].value == "无此人"
    assert colour(sheet, name) == "error"
    assert "应为" in sheet[name].comment.text
    assert sheet.cell(6, 21).value == "'=另记"
    assert book["表二"]["D3"].value == "附注"
    again = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert again.sheet_names == [LEGEND, "表一", "表二"]
    actions.replace_file(actor=clerk(filing), register_id=made.pk, content=content, name="改.xlsx")
    assert made.rows.count() == 2


def test_merged_cells_are_parted_where_one_of_them_was_corrected(filing: Filing) -> None:
    lines = filing.lines(2)
    book = openpyxl.load_workbook(io.BytesIO(filing.file(lines)))
    sheet = book.active
    letter = columns(sheet)["工作单位"]
    sheet.merge_cells(f"{letter}4:{letter}5")
    target = io.BytesIO()
    book.save(target)
    made = upload(filing, target.getvalue())
    row = made.rows.get(position=1)
    actions.correct_row(
        actor=clerk(filing), row_id=row.pk, changes={"work_unit": "另一单位"}, version=1
    )
    sheet = marked(filing, made).worksheets[1]
    assert sheet[f"{letter}4"].value == "另一单位"
    assert not [area.coord for area in sheet.merged_cells.ranges if f"{letter}4" in area]


@pytest.mark.parametrize(
    "name",
    [
        "merged-work-unit.xlsx",
        "fault-mixed-merged-hidden.xlsx",
        "merged-web-table.xls",
        "merged-work-unit.ods",
        "merged-document-number.xls",
        "merged-excel-2003.xml",
        "fault-precision-lost.xls",
        "fault-precision-lost.ods",
        "fault-precision-lost-excel-2003.xml",
    ],
)
def test_a_marked_file_sent_back_untouched_changes_nothing(
    filing: Filing, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    office = filing.city.who("office", "clerk")
    import_list(actor=office, content=(FILES / "list.xlsx").read_bytes(), name="list.xlsx")
    register = upload(filing, (FILES / name).read_bytes(), name)
    content = marked_file(actor=clerk(filing), register=register)
    actions.replace_file(
        actor=clerk(filing), register_id=register.pk, content=content, name="标注.xlsx"
    )
    last = register.uploads.order_by("-version")[0]
    assert (last.overwritten, last.findings["fresh"], last.findings["mended"]) == ([], [], [])
    assert caplog.records == []  # a cell that can't be marked in place would be logged


def test_text_files_and_web_pages_come_back_as_xlsx_too(filing: Filing) -> None:
    line = filing.lines(1)[0].but(姓名="无此人")
    cells = [str(cell) for cell in line.cells(1)]
    head = ["序号", *(column.title for column in COLUMNS)]
    text = "\r\n".join(",".join(row) for row in (head, cells)).encode("gb18030")
    rows = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in (head, cells))
    page = f"<html><body><table>{rows}</table></body></html>".encode()
    for content, name in ((text, "名单.csv"), (page, "名单.xls")):
        made = upload(filing, content, name)
        book = marked(filing, made)
        assert book.sheetnames[0] == LEGEND and len(book.sheetnames) == 2
        sheet = book.worksheets[1]
        at = columns(sheet)
        assert sheet[f"{at['姓名']}2"].value == "无此人"
        assert colour(sheet, f"{at['姓名']}2") == "error"
