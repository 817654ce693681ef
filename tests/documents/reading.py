"""Reading printed documents back: text with positions, glyph numbers, pictures, QR codes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pdfplumber
from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from PIL import Image

from zhicheng.documents import qr

POINT = 25.4 / 72


@contextmanager
def opened(pdf: bytes) -> Iterator[Any]:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        yield document


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, as its characters follow one another in the file."""
    with opened(pdf) as document:
        return ["".join(char["text"] for char in page.chars) for page in document.pages]


def origin(char: dict[str, Any], page: Any) -> tuple[float, float]:
    """Where a character's base line begins, in mm from the page's top left corner."""
    matrix = char["matrix"]
    return matrix[4] * POINT, (float(page.height) - matrix[5]) * POINT


def runs(page: Any) -> list[dict[str, Any]]:
    """Lines of text as they were set: ``text``, ``x``, ``right``, ``baseline`` in mm, ``size``."""
    found: list[dict[str, Any]] = []
    for char in page.chars:
        x, baseline = origin(char, page)
        end = char["x1"] * POINT
        last = found[-1] if found else None
        if last and abs(last["baseline"] - baseline) < 0.05 and abs(last["right"] - x) < 0.3:
            last["text"] += char["text"]
            last["right"] = end
        else:
            found.append(
                {
                    "text": char["text"],
                    "x": x,
                    "baseline": baseline,
                    "right": end,
                    "size": char["size"],
                }
            )
    return found


def picture(pdf: bytes, page: int = 0, resolution: int = 200) -> Image.Image:
    """A page as it would lie on paper."""
    with opened(pdf) as document:
        return document.pages[page].to_image(resolution=resolution).original.convert("L")


def scanned(pdf: bytes, page: int = 0, resolution: int = 200) -> list[str]:
    """The texts of the QR codes on a page."""
    return qr.read(picture(pdf, page, resolution))


class _Glyphs(PDFTextDevice):
    def __init__(self, manager: PDFResourceManager) -> None:
        super().__init__(manager)
        self.numbers: dict[str, set[int]] = {}

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        numbers = self.numbers.setdefault(textstate.font.fontname, set())
        for item in seq:
            if isinstance(item, bytes):
                numbers.update(textstate.font.decode(item))


def glyph_numbers(pdf: bytes) -> dict[str, set[int]]:
    """For each embedded font the numbers of the glyphs that are drawn; 0 is the box (.notdef)."""
    manager = PDFResourceManager()
    device = _Glyphs(manager)
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.get_pages(io.BytesIO(pdf)):
        interpreter.process_page(page)
    return device.numbers
