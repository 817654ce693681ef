"""Faultless registers in every format and from every program; nothing may be found."""

from datetime import date

from tests.registers.corpus import writers
from tests.registers.corpus.case import case
from tests.registers.corpus.paper import DATE, HEADER, ID, NAME, NOTE, TITLE, Paper, framed
from zhicheng.demo.people import Person

DAY = date(2026, 3, 18)


def _dated(paper: Paper) -> list[list[object]]:
    for row in paper.clean(4):
        row[DATE] = DAY
    return paper.sheet()


@case("clean-openpyxl.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(6)
    return writers.by_openpyxl(paper.sheet())


@case("clean-xlsxwriter.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(6)
    return writers.by_xlsxwriter(paper.sheet())


@case("clean-with-macros.xlsm")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.by_xlsxwriter(paper.sheet(), macros=True)


@case("clean-xlwt.xls")
def _(paper: Paper) -> bytes:
    paper.clean(6)
    return writers.by_xlwt(paper.sheet())


@case("clean-wps.et", office=True)
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet()), "xls", "xls")


@case("clean-libreoffice.xls", office=True)
def _(paper: Paper) -> bytes:
    return writers.by_libreoffice(writers.by_openpyxl(_dated(paper)), "xls", "xls")


@case("clean-libreoffice.xlsx", office=True)
def _(paper: Paper) -> bytes:
    return writers.by_libreoffice(writers.by_openpyxl(_dated(paper)), "xlsx", "xlsx")


@case("clean-libreoffice.ods", office=True)
def _(paper: Paper) -> bytes:
    return writers.by_libreoffice(writers.by_openpyxl(_dated(paper)), "ods", "ods")


@case("clean-utf8.csv")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_text(paper.sheet())


@case("clean-utf8-mark.csv")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_text(paper.sheet(), encoding="utf-8-sig")


@case("clean-gbk.csv")
def _(paper: Paper) -> bytes:
    for name in ("王伟", "刘喆", "周堃"):
        paper.put(paper.line(person=_named(paper, name)))
    return writers.as_text(paper.sheet(), encoding="gbk")


@case("clean-gb18030.csv")
def _(paper: Paper) -> bytes:
    for name in ("𠮷庆华", "李㛃", "张䶮", "王𬭸", "沙马·尔古"):
        paper.put(paper.line(person=_named(paper, name)))
    return writers.as_text(paper.sheet(), encoding="gb18030")


@case("clean-unicode-text.txt")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_text(paper.sheet(), "\t", "utf-16")


@case("clean-tabs-gbk.txt")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_text([TITLE_CELLS, HEADER, *paper.rows], "\t", "gbk")


TITLE_CELLS: list[object] = [TITLE]


@case("clean-semicolons.csv")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_text(paper.sheet(), ";")


@case("clean-libreoffice-gbk.csv", office=True)
def _(paper: Paper) -> bytes:
    paper.clean()
    how = "csv:Text - txt - csv (StarCalc):44,34,GBK,1"
    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet()), "csv", how)


@case("clean-web-table.xls")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.as_html(paper.sheet())


@case("clean-web-table-gb2312.xls")
def _(paper: Paper) -> bytes:
    paper.put(paper.line(person=_named(paper, "王𬭸")))
    paper.clean(2)
    return writers.as_html(paper.sheet(), "gb18030")


@case("clean-libreoffice-page.xls", office=True)
def _(paper: Paper) -> bytes:
    paper.clean()
    content = writers.by_openpyxl(paper.sheet())
    return writers.by_libreoffice(content, "html", "html:HTML (StarCalc)")


@case("clean-excel-2003.xml")
def _(paper: Paper) -> bytes:
    return writers.as_xml_2003(_dated(paper))


@case("clean-excel-2003-gbk.xls")
def _(paper: Paper) -> bytes:
    return writers.as_xml_2003(_dated(paper), "GBK")


@case("clean-days-as-dates.xlsx")
def _(paper: Paper) -> bytes:
    return writers.by_openpyxl(_dated(paper))


@case("clean-days-as-dates-1904.xlsx")
def _(paper: Paper) -> bytes:
    book = writers.workbook(("登记表", _dated(paper)))
    book.epoch = writers.openpyxl.utils.datetime.CALENDAR_MAC_1904
    return writers.save(book)


@case("clean-days-as-dates.xls")
def _(paper: Paper) -> bytes:
    return writers.by_xlwt(_dated(paper))


@case("clean-rare-names.xlsx")
def _(paper: Paper) -> bytes:
    for name in (
        "𠮷庆华", "李㛃", "张䶮", "王𬭸", "迪力夏提·阿不都热合曼·吐尔逊尼亚孜", "吉克·阿依木",
        "欧阳修远", "Anna Schmidt", "〇一",
    ):  # fmt: skip
        paper.put(paper.line(person=_named(paper, name)))
    return writers.by_openpyxl(paper.sheet())


@case("clean-other-documents.xlsx")
def _(paper: Paper) -> bytes:
    for number in ("810000199408230021", "ABC123456789012"):
        person = Person("陈嘉欣", "女", number)
        assert paper.put(paper.line(person=person))[ID] == number
    return writers.by_xlsxwriter(paper.sheet())


@case("clean-300-rows.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(300)
    return writers.by_xlsxwriter(paper.sheet())


@case("clean-formulas.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean()
    target = writers.io.BytesIO()
    with writers.xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("登记表")
        for index, cells in enumerate(framed(paper.rows)):
            sheet.write_row(index, 0, cells)
            if len(cells) == len(HEADER) and cells[NAME] != "姓名":
                sheet.write_formula(index, NAME, "=VLOOKUP(A1,B1:C9,2)", None, cells[NAME])
    return target.getvalue()


@case("clean-wide-of-nothing.xlsx")
def _(paper: Paper) -> bytes:
    """Formats far out and an empty line far down, as years of copying leave them."""
    paper.clean()

    def dress(sheet: writers.Worksheet) -> None:
        sheet.cell(2, 60, " ")
        sheet.cell(900, 1, None).number_format = "@"
        sheet.cell(900, 3, "　")

    assert NOTE
    return writers.by_openpyxl(paper.sheet(), dress)


def _named(paper: Paper, name: str) -> Person:
    person = paper.city.plain_person()
    return Person(name, person.sex, person.id_number)
