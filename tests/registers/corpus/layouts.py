"""What units do to the form: titles, notes, merged and hidden cells, other headers and sheets."""

from tests.registers.corpus import writers
from tests.registers.corpus.case import case
from tests.registers.corpus.paper import (
    CERTIFICATE,
    DOCUMENT,
    FACTS,
    HEADER,
    NOTE,
    NUMBER,
    TITLE,
    WORK_UNIT,
    Paper,
    Row,
    framed,
)
from zhicheng.demo.workbooks import REGISTER_COLUMNS


def _blank(rows: list[Row], *columns: int) -> list[Row]:
    """The rows without what a merged cell above them says."""
    return [
        [None if column in columns and index else value for column, value in enumerate(row)]
        for index, row in enumerate(rows)
    ]


def _merged(paper: Paper, *columns: int) -> list[Row]:
    """Four rows of which the columns are one cell; the first carries the value."""
    rows = paper.clean(4)
    for line in range(5, 8):
        for column in columns:
            paper.found(line, REGISTER_COLUMNS[column], "tidied.merged")
    return framed(_blank(rows, *columns))


@case("merged-work-unit.xlsx")
def _(paper: Paper) -> bytes:
    grid = _merged(paper, WORK_UNIT, DOCUMENT)

    def dress(sheet: writers.Worksheet) -> None:
        sheet.merge_cells("A1:K1")
        sheet.merge_cells("A2:K2")
        sheet.merge_cells("C4:C7")
        sheet.merge_cells("K4:K7")
        sheet.merge_cells("A9:K9")

    return writers.by_openpyxl(grid, dress)


@case("merged-document-number.xls")
def _(paper: Paper) -> bytes:
    grid = _merged(paper, DOCUMENT)
    return writers.by_xlwt(grid, lambda sheet: sheet.merge(3, 6, DOCUMENT, DOCUMENT))


@case("merged-work-unit.ods", office=True)
def _(paper: Paper) -> bytes:
    grid = _merged(paper, WORK_UNIT)
    content = writers.by_openpyxl(grid, lambda sheet: sheet.merge_cells("C4:C7"))
    return writers.by_libreoffice(content, "ods", "ods")


@case("merged-web-table.xls")
def _(paper: Paper) -> bytes:
    rows = paper.clean(3)
    lines = [f"<tr><th colspan=11>{TITLE}</th></tr>"]
    lines.append("<tr>" + "".join(f"<th>{title}<br></th>" for title in HEADER) + "</tr>")
    for index, row in enumerate(rows):
        cells = [f"<td>{value}</td>" for value in row]
        cells[WORK_UNIT] = f'<td rowspan="3">{row[WORK_UNIT]}</td>' if index == 0 else ""
        lines.append(f"<tr>{''.join(cells)}</tr>")
    for line in (4, 5):
        paper.found(line, "工作单位", "tidied.merged")
    return writers.html_page(f"<table>{''.join(lines)}</table>")


@case("merged-excel-2003.xml")
def _(paper: Paper) -> bytes:
    grid = _merged(paper, WORK_UNIT)
    content = writers.as_xml_2003(grid).decode()
    first = content.find('<Cell ss:Index="3">', content.find("山城第一人民医院</Data>") - 100)
    merged = content[:first] + content[first:].replace(
        '<Cell ss:Index="3">', '<Cell ss:Index="3" ss:MergeDown="3">', 1
    )
    return merged.encode()


@case("merged-empty-lines-below.xlsx")
def _(paper: Paper) -> bytes:
    """The unit is merged over pre-numbered lines that nobody filled in: these are no rows."""
    rows = paper.clean(2)
    paper.found(5, "工作单位", "tidied.merged")
    grid = framed([*_blank(rows, WORK_UNIT), [3], [4], [5]])
    return writers.by_openpyxl(grid, lambda sheet: sheet.merge_cells("C4:C8"))


@case("hidden-rows.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(5)
    for line in (5, 7):
        paper.found(line, "姓名", "tidied.hidden_row")

    def dress(sheet: writers.Worksheet) -> None:
        sheet.row_dimensions[5].hidden = sheet.row_dimensions[7].hidden = True

    return writers.by_openpyxl(paper.sheet(), dress)


@case("hidden-rows.ods", office=True)
def _(paper: Paper) -> bytes:
    paper.clean(4)
    paper.found(6, "姓名", "tidied.hidden_row")

    def dress(sheet: writers.Worksheet) -> None:
        sheet.row_dimensions[6].hidden = True

    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet(), dress), "ods", "ods")


@case("hidden-columns.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean()

    def dress(sheet: writers.Worksheet) -> None:
        sheet.column_dimensions["C"].hidden = sheet.column_dimensions["G"].hidden = True

    return writers.by_openpyxl(paper.sheet(), dress)


@case("hidden-sheet-of-last-year.xlsx")
def _(paper: Paper) -> bytes:
    old = Paper(900)
    old.clean(8)
    paper.clean()
    book = writers.workbook(("登记表2025", old.sheet()), ("登记表2026", paper.sheet()))
    book["登记表2025"].sheet_state = "hidden"
    book.active = 1
    return writers.save(book)


@case("sheets-notes-and-lists.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.save(
        writers.workbook(
            ("说明", [["填表说明"], ["姓名", "性别", "填写要求"]]),
            ("通讯录", [["姓名", "性别", "单位", "电话"], ["杜若谷", "男", "人事科", "1"]]),
            ("职称登记", paper.sheet()),
        )
    )


@case("sheets-sample-first.xlsx")
def _(paper: Paper) -> bytes:
    sample = Paper(901)
    sample.clean(2)
    paper.clean()
    return writers.save(writers.workbook(("填写示例", sample.sheet()), ("Sheet2", paper.sheet())))


@case("sheets-empty-form-first.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean()
    empty = framed([[1], [2], [3]])
    return writers.save(writers.workbook(("登记表", empty), ("登记表 (2)", paper.sheet())))


@case("lines-between-and-below.xlsx")
def _(paper: Paper) -> bytes:
    rows = [paper.put(paper.line()), [], [2]]
    paper.rows += rows[1:]
    rows += [HEADER]
    paper.rows += [HEADER]
    rows += [paper.put(paper.line())]
    below: list[Row] = [
        ["合计", None, "2人"],
        [6],
        [NOTE],
        ["填报人：杜若谷", None, None, "审核人：", None, "联系电话：023-63000000"],
        [None, None, "单位负责人（签字）："],
        [None, None, None, None, "2026年 4月 2日"],
        ["注：本表一式两份"],
        ["以上人员均已公示"],
        ["制表：杜若谷", "复核：何景行"],
    ]
    return writers.by_openpyxl([[TITLE], [FACTS], HEADER, *rows, *below])


@case("columns-reordered-and-more.xlsx")
def _(paper: Paper) -> bytes:
    order = (4, 5, 6, 2, 3, 8, 7, 10, 9, 1)
    grid: list[Row] = [[REGISTER_COLUMNS[column] for column in order] + ["手机", "备注"]]
    for _index in range(3):
        row = paper.put(paper.line(), first=2)
        grid.append([row[column] for column in order] + ["13800000000", "已公示"])
    return writers.by_openpyxl(grid)


@case("columns-of-similar-names.xlsx")
def _(paper: Paper) -> bytes:
    """Internal number, applied specialty and unit stand before the form's own columns."""
    grid: list[Row] = [["编号", "单位", "申报专业", *HEADER[1:]]]
    for index in range(3):
        row = paper.put(paper.line(), first=2)
        grid.append([f"N{index}", "人事科", "外科", *row[1:]])
    return writers.by_xlsxwriter(grid)


@case("columns-other-names.xls")
def _(paper: Paper) -> bytes:
    header: Row = [
        "序号", "证书预编号", "单位名称", "上级主管部门", "申报人姓名", "性别", "身份证号",
        "申报资格专业方向", "任职资格", "评审通过时间", "文号",
    ]  # fmt: skip
    paper.clean()
    return writers.by_xlwt(framed(paper.rows, header))


@case("header-spaces-and-breaks.xlsx")
def _(paper: Paper) -> bytes:
    header: Row = [
        "序 号", "证书\n编号", "工 作 单 位", "主管\r\n部门", "姓　　名", "性 别",
        "身份证号码\n（18位）", "专业名称*", "资格名称：", "批准时间（评委会通过时间）",
        "批准\u00a0文号",
    ]  # fmt: skip
    paper.clean()
    return writers.by_openpyxl(framed(paper.rows, header))


@case("header-two-lines.xlsx")
def _(paper: Paper) -> bytes:
    upper: Row = [
        "序号",
        "证书编号",
        "单位",
        None,
        "个人信息",
        None,
        None,
        "资格",
        None,
        "批准",
        None,
    ]
    lower: Row = [None, None, "工作单位", "主管部门", "姓名", "性别", "身份证号码", "专业名称",
                  "资格名称", "时间", "文号"]  # fmt: skip
    for _index in range(3):
        paper.put(paper.line(), first=5)

    def dress(sheet: writers.Worksheet) -> None:
        for span in ("A3:A4", "B3:B4", "C3:D3", "E3:G3", "H3:I3", "J3:K3", "A1:K1"):
            sheet.merge_cells(span)

    return writers.by_openpyxl([[TITLE], [FACTS], upper, lower, *paper.rows], dress)


@case("table-in-the-middle.xlsx")
def _(paper: Paper) -> bytes:
    paper.city.lines.clear()
    grid: list[Row] = [[], [], [], [None, None, *HEADER]]
    grid += [[None, None, *paper.put(paper.line(), first=5)] for _index in range(3)]
    return writers.by_openpyxl(grid)


@case("no-numbers-notes-below.xlsx")
def _(paper: Paper) -> bytes:
    grid: list[Row] = [HEADER[1:]]
    grid += [paper.put(paper.line(), first=2)[1:] for _index in range(3)]
    grid += [[], [NOTE], ["以上情况属实，同意上报。"], ["合计：3人"]]

    def dress(sheet: writers.Worksheet) -> None:
        sheet.merge_cells("A6:J6")
        sheet.merge_cells("A7:J7")

    return writers.by_openpyxl(grid, dress)


@case("no-department-column.csv")
def _(paper: Paper) -> bytes:
    """主管部门 isn't filled in: said as a warning, because nothing hangs on it."""
    rows = paper.clean(2)
    for line in (4, 5):
        paper.found(line, "主管部门", "required")
    grid = framed([[c for i, c in enumerate(r) if i != 3] for r in rows], HEADER[:3] + HEADER[4:])
    return writers.as_text(grid, encoding="gbk")


@case("numbers-as-numbers.xlsx")
def _(paper: Paper) -> bytes:
    """Certificate numbers typed as numbers are read as they are shown."""
    for row in paper.clean():
        row[NUMBER] = float(str(row[NUMBER]))
        row[CERTIFICATE] = int(str(row[CERTIFICATE]).replace("K", "0"))
    return writers.by_openpyxl(paper.sheet())


@case("title-lines-many.xls")
def _(paper: Paper) -> bytes:
    for _index in range(3):
        paper.put(paper.line(), first=8)
    above: list[Row] = [
        ["附件1"], [], [TITLE], [],
        ["填报单位（签章）", "山城第一人民医院", None, "区县、主管部门（签章）", None, "填报人",
         "杜若谷", "联系电话", "023-63000000"],
        [], HEADER,
    ]  # fmt: skip
    return writers.by_xlwt([*above, *paper.rows])
