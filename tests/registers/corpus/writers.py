"""Writers of the corpus: the programs that units use, and the formats that systems export."""

import csv
import html
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

Grid = Sequence[Sequence[object]]
SOFFICE = shutil.which("soffice")


def by_openpyxl(grid: Grid, dress: Callable[[Worksheet], None] | None = None) -> bytes:
    """An .xlsx; ``dress`` merges, hides or formats."""
    return save(workbook(("登记表", grid), dress=dress))


def workbook(
    *sheets: tuple[str, Grid], dress: Callable[[Worksheet], None] | None = None
) -> openpyxl.Workbook:
    """An openpyxl workbook of several sheets; ``dress`` gets the last."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, grid in sheets:
        sheet = book.create_sheet(title)
        for row, cells in enumerate(grid, start=1):
            for column, value in enumerate(cells, start=1):
                if value is not None and value != "":
                    cell = sheet.cell(row, column, value)
                    if isinstance(value, str):
                        cell.data_type = "s"
                    elif isinstance(value, date):
                        cell.number_format = 'yyyy"年"m"月"d"日"'
    if dress is not None:
        dress(book.worksheets[-1])
    return book


def save(book: openpyxl.Workbook) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def by_xlsxwriter(grid: Grid, *, macros: bool = False) -> bytes:
    """An .xlsx, or an .xlsm with a (dead) macro part."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("登记表")
    day = book.add_format({"num_format": "yyyy/m/d"})
    for row, cells in enumerate(grid):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, value, day)  # type: ignore[arg-type]
            elif value is not None:
                sheet.write(row, column, value)
    if not macros:
        book.close()
        return target.getvalue()
    with tempfile.NamedTemporaryFile(suffix=".bin") as project:
        project.write(b"\xd0\xcf\x11\xe0 no macro is ever run")
        project.flush()
        book.add_vba_project(project.name)
        book.close()
    return target.getvalue()


def by_xlwt(grid: Grid, dress: Callable[[xlwt.Worksheet], None] | None = None) -> bytes:
    """An .xls of Excel 97-2003, as WPS saves its .et."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("登记表", cell_overwrite_ok=True)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, cells in enumerate(grid):
        for column, value in enumerate(cells):
            if isinstance(value, date):
                sheet.write(row, column, value, day)
            elif value is not None and value != "":
                sheet.write(row, column, value)
    if dress is not None:
        dress(sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def as_text(grid: Grid, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A .csv or tab text."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    for cells in grid:
        writer.writerow(["" if value is None else value for value in cells])
    return target.getvalue().encode(encoding)


def as_html(grid: Grid, encoding: str = "utf-8") -> bytes:
    """A web table as systems save it under .xls."""
    lines = []
    for cells in grid:
        spread = f' colspan="{11}"' if len(cells) == 1 else ""
        made = "".join(
            f"<td{spread} x:str>{html.escape(str('' if c is None else c))}</td>" for c in cells
        )
        lines.append(f"<tr>{made}</tr>")
    return html_page("<table border=1>\n" + "\n".join(lines) + "\n</table>", encoding)


def html_page(body: str, encoding: str = "utf-8") -> bytes:
    """A page as Excel 2000 began it."""
    shown = "gb2312" if encoding == "gb18030" else encoding
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
        f'<meta http-equiv="Content-Type" content="text/html; charset={shown}">'
        "<style>td {mso-number-format:'\\@'; white-space:nowrap}</style>"
        "<!--[if gte mso 9]><xml><x:ExcelWorkbook></x:ExcelWorkbook></xml><![endif]--></head>"
        f"<body>\n{body}\n</body></html>"
    ).encode(encoding)


def as_xml_2003(grid: Grid, encoding: str = "UTF-8") -> bytes:
    """Excel 2003 XML."""
    lines = []
    for cells in grid:
        made = []
        for index, value in enumerate(cells, start=1):
            if value is None or value == "":
                continue
            kind = "Number" if isinstance(value, int | float) else "String"
            if isinstance(value, date):
                kind, value = "DateTime", f"{value.isoformat()}T00:00:00.000"
            data = f'<Data ss:Type="{kind}">{escape(str(value))}</Data>'
            made.append(f'<Cell ss:Index="{index}">{data}</Cell>')
        lines.append(f"<Row>{''.join(made)}</Row>")
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="登记表"><Table>' + "".join(lines) + "</Table></Worksheet></Workbook>"
    ).encode(encoding)


def by_libreoffice(content: bytes, ending: str, how: str) -> bytes:
    """The .xlsx saved once more by LibreOffice in the format ``how`` (its filter)."""
    assert SOFFICE is not None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "register.xlsx")
        source.write_bytes(content)
        subprocess.run(
            [
                SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless",
                "--convert-to", how, "--outdir", f"{folder}/out", str(source),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )  # fmt: skip
        return next(Path(folder, "out").glob(f"*.{ending}")).read_bytes()
