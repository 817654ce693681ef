"""What an .xlsx tells beside its cells: the date system and hidden rows."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import BinaryIO

from zhicheng.spreadsheets.container import UNZIPPING
from zhicheng.spreadsheets.plain import Merge

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Extras:
    """By the sheets' names; ``merges`` only where the reader of cells can't tell them."""

    date_1904: bool = False
    hidden_rows: Mapping[str, frozenset[int]] = field(default_factory=dict)
    merges: Mapping[str, Sequence[Merge]] = field(default_factory=dict)


NONE = Extras()


def extras(file: BinaryIO, *, rows: bool) -> Extras | None:
    """What the workbook tells; None for what is no .xlsx. Never raises for odd files.

    ``rows``: also looks for hidden rows, which means going through every sheet.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return None
            book = archive.read("xl/workbook.xml")
            hidden = {}
            names = set(archive.namelist())
            for name, part in sheet_parts(archive, book).items() if rows else ():
                if part in names:
                    hidden[name] = _hidden_rows(archive, part)
            return Extras(re.search(rb"""date1904=["'](1|true)["']""", book) is not None, hidden)
    except UNZIPPING:
        return None


def sheet_parts(archive: zipfile.ZipFile, book: bytes) -> dict[str, str]:
    """The path of every sheet's part by the sheet's name."""
    parts = targets(archive)
    told = map(attributes, sheet_tags(book))
    return {each.get("name", ""): parts.get(relation(each), "") for each in told}


def sheet_tags(book: bytes) -> list[bytes]:
    """The tags that name the sheets, in order."""
    return _SHEET.findall(book)


def targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The paths of the workbook's parts by the ids of its relations."""
    parts = {}
    for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        told = attributes(tag)
        target = told.get("Target", "")
        parts[told.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
    return parts


def relation(told: Mapping[str, str]) -> str:
    """The id of the part that a sheet's tag names."""
    return next((value for name, value in told.items() if name.endswith(":id")), "")


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a tag."""
    return {
        name.decode("utf-8", "replace"): unescape((one or other).decode("utf-8", "replace"))
        for name, one, other in _ATTRIBUTE.findall(tag)
    }


def _hidden_rows(archive: zipfile.ZipFile, part: str) -> frozenset[int]:
    found = set()
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            text = rest + block
            if b"hidden=" in text:
                for row in _ROW.findall(text):
                    number = _NUMBER.search(row)
                    if number is not None and _HIDDEN.search(row):
                        found.add(int(number[1]))
            cut = text.rfind(b"<")
            # A tag that the block cuts is looked at with the next; none is that long.
            rest = text[cut:] if cut >= 0 and len(text) - cut < 4096 else b""
    return frozenset(found)
