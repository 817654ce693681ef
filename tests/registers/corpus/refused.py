"""Files that can't be used: each must end with one clear line."""

import io
import zipfile

from tests.registers.corpus import writers
from tests.registers.corpus.case import case
from tests.registers.corpus.paper import HEADER, Paper, framed
from tests.support import hostile


@case("refused-password.xlsx", refused="file.encrypted")
def _(_paper: Paper) -> bytes:
    return hostile.encrypted()


@case("refused-truncated.xlsx", refused="file.damaged")
def _(paper: Paper) -> bytes:
    paper.clean()
    content = writers.by_openpyxl(paper.sheet())
    return content[: len(content) // 2]


@case("refused-truncated.xls", refused="file.damaged")
def _(paper: Paper) -> bytes:
    paper.clean()
    return writers.by_xlwt(paper.sheet())[:700]


@case("refused-empty.xlsx", refused="file.empty")
def _(_paper: Paper) -> bytes:
    return b""


@case("refused-word.docx", refused="file.not_a_spreadsheet")
def _(_paper: Paper) -> bytes:
    return _zipped("word/document.xml")


@case("refused-archive.xlsx", refused="file.not_a_spreadsheet")
def _(_paper: Paper) -> bytes:
    return _zipped("登记表.xlsx")


@case("refused-printed.pdf", refused="file.not_a_spreadsheet")
def _(_paper: Paper) -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@case("refused-picture.xls", refused="file.not_a_spreadsheet")
def _(_paper: Paper) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(64)


@case("refused-web-archive.xls", refused="file.not_a_spreadsheet")
def _(_paper: Paper) -> bytes:
    return b"MIME-Version: 1.0\nContent-Type: multipart/related\n"


@case("refused-page-without-table.xls", refused="sheet.no_header")
def _(_paper: Paper) -> bytes:
    return writers.html_page("<p>登录超时，请重新登录</p>")


@case("refused-other-list.xlsx", refused="sheet.no_header")
def _(_paper: Paper) -> bytes:
    return writers.by_openpyxl([["姓名", "电话", "房间"], ["杜若谷", "1", "2"]])


@case("refused-columns-missing.xlsx", refused="sheet.column_missing")
def _(paper: Paper) -> bytes:
    rows = [row[:6] + row[7:] for row in paper.clean()]
    return writers.by_openpyxl(framed(rows, HEADER[:6] + HEADER[7:]))


@case("refused-no-rows.xls", refused="sheet.no_rows")
def _(_paper: Paper) -> bytes:
    return writers.by_xlwt(framed([[1], [2], [3]]))


@case("refused-open-quote.csv", refused="file.damaged")
def _(paper: Paper) -> bytes:
    rows = paper.clean(40)
    text = writers.as_text(framed(rows)).decode()
    name = str(rows[1][4])
    return text.replace(f",{name},", f',"{name},', 1).encode()


@case("refused-entities.xlsx", refused="file.bomb")
def _(_paper: Paper) -> bytes:
    return hostile.entity_bomb()


@case("refused-entities.xml", refused="file.bomb")
def _(paper: Paper) -> bytes:
    paper.clean(1)
    declared = '<!DOCTYPE Workbook [<!ENTITY a "b">]><Workbook '
    return writers.as_xml_2003(paper.sheet()).decode().replace("<Workbook ", declared, 1).encode()


@case("refused-far-cell.xlsx", refused="file.too_complex")
def _(_paper: Paper) -> bytes:
    return hostile.far_cell()


def _zipped(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "x")
    return target.getvalue()
