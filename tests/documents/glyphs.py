"""What a PDF really draws for each character, read from the fonts that it carries."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.ttLib import TTFont
from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import resolve1


@dataclass
class Drawn:
    """Of one embedded font: the glyph numbers drawn, each with the text that it stands for."""

    font: str
    glyphs: dict[int, str] = field(default_factory=dict)
    outlines: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    notdef: tuple[Any, ...] = ()


class _Device(PDFTextDevice):
    def __init__(self, manager: PDFResourceManager) -> None:
        super().__init__(manager)
        self.drawn: dict[int, tuple[Any, dict[int, str]]] = {}

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        font = textstate.font
        numbers = self.drawn.setdefault(id(font), (font, {}))[1]
        for item in seq:
            if isinstance(item, bytes):
                for number in font.decode(item):
                    if number not in numbers:
                        numbers[number] = font.to_unichr(number)


def drawn_in(pdf: bytes) -> list[Drawn]:
    """Every embedded font of the document with what it draws; embedded programs are opened."""
    manager = PDFResourceManager()
    device = _Device(manager)
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.get_pages(io.BytesIO(pdf)):
        interpreter.process_page(page)
    found = []
    for font, numbers in device.drawn.values():
        drawn = Drawn(font.fontname, numbers)
        outlines = dict(_outlines(font, {0, *numbers}))
        drawn.notdef = outlines[0]
        drawn.outlines = {number: outlines[number] for number in numbers}
        found.append(drawn)
    return found


def _outlines(font: Any, numbers: set[int]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The outline of each glyph number as it lies in the embedded font program."""
    descriptor = font.descriptor
    if "FontFile2" in descriptor:
        program = TTFont(io.BytesIO(resolve1(descriptor["FontFile2"]).get_data()))
        glyphs, names = program.getGlyphSet(), program.getGlyphOrder()
        for number in numbers:
            pen = DecomposingRecordingPen(glyphs)
            glyphs[names[number]].draw(pen)
            yield number, tuple(pen.value)
        return
    data = resolve1(descriptor["FontFile3"]).get_data()
    if data[:4] == b"OTTO":
        cff = TTFont(io.BytesIO(data))["CFF "].cff
    else:
        cff = CFFFontSet()
        cff.decompile(io.BytesIO(data), None)
    top = cff.topDictIndex[0]
    strings = top.CharStrings
    for number in numbers:
        pen = RecordingPen()
        strings[top.charset[number]].draw(pen)
        yield number, tuple(pen.value)
