"""Files that nobody should send."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
SHEET = (
    '{prolog}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def workbook(rows: str = "", *, prolog: str = '<?xml version="1.0"?>', **extra: bytes) -> bytes:
    """A small .xlsx by hand, with ``rows`` as the sheet's XML."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels", RELATIONS.format(kind="officeDocument", target="xl/workbook.xml")
        )
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        )
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format(prolog=prolog, rows=rows))
        for name, content in extra.items():
            archive.writestr(name, content)
    return target.getvalue()


def honest_bomb() -> bytes:
    """A small file that says itself that it becomes a gigabyte."""
    target = io.BytesIO(workbook())
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/a.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(1024):
            part.write(bytes(1024 * 1024))
    return target.getvalue()


def lying_bomb(megabytes: int = 600) -> bytes:
    """A shared string table that says it is small and becomes hundreds of megabytes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = b'<?xml version="1.0"?><sst><si><t>'
    packed = deflate.compress(head)
    for _ in range(megabytes):
        packed += deflate.compress(b"A" * (1024 * 1024))
    packed += deflate.compress(b"</t></si></sst>") + deflate.flush()
    name = b"xl/sharedStrings.xml"
    base = workbook()
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        start = archive.start_dir
        count = len(archive.infolist())
    local = struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, 0, len(packed), 1000, len(name), 0
    )
    entry = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, 0, len(packed), 1000, len(name),
        0, 0, 0, 0, 0, start,
    )  # fmt: skip
    body = base[:start] + local + name + packed
    end_at = base.rindex(b"PK\x05\x06")
    directory = base[start:end_at] + entry + name
    end = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, count + 1, count + 1, len(directory), len(body), 0
    )
    return body + directory + end


def entity_bomb() -> bytes:
    """A sheet whose entities would expand to billions of letters."""
    entities = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(9)
    )
    return workbook(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>',
        prolog=f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]>',
    )


def far_cell() -> bytes:
    """Two cells, at the opposite corners of the largest sheet."""
    cell = '<c r="{0}" t="inlineStr"><is><t>x</t></is></c>'
    return workbook(
        f'<row r="1">{cell.format("A1")}</row><row r="1048576">{cell.format("XFD1048576")}</row>'
    )


def encrypted() -> bytes:
    """The outside of an .xlsx with a password: an OLE file with the stream EncryptedPackage."""
    sector = bytearray(512)
    sector[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    directory = bytearray(512)
    name = "EncryptedPackage".encode("utf-16-le")
    directory[128 : 128 + len(name)] = name
    return bytes(sector + directory)


def sparse(path: Path, size: int) -> Path:
    """A file of that size that takes no room on disk, beginning like a spreadsheet."""
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(size)
    return path
