"""Pages as they print, held against pictures that somebody approved by eye (N8).

A new picture: ``ZHICHENG_APPROVE=1 pytest tests/documents/test_approved_pages.py``, then look at
``tests/documents/approved/``. The comparison forgives another rasteriser's greys; it finds a field
that moved by three tenths of a millimetre.
"""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.documents.reading import opened
from zhicheng.documents import certificate_sheet, layout_preview, ruler_sheet
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.layout import GRADES, Layout, load_layout

APPROVED = Path(__file__).parent / "approved"
DPI = 120
SAME = 0.3  # of a place's ink may differ; a stroke that moved aside differs by more than its all
Box = tuple[float, float, float, float]


def picture(pdf: bytes) -> Image.Image:
    with opened(pdf) as document:
        return document.pages[0].to_image(resolution=DPI, antialias=True).original.convert("L")


def page(layout: Layout, calibration: Calibration | None = None) -> Image.Image:
    person = layout_preview.sample(layout.grade, "plain")
    return picture(
        certificate_sheet.render(
            [person],
            layout,
            created=date(2026, 1, 5),
            calibration=calibration or Calibration(),
        )
    )


def places(layout: Layout) -> dict[str, Box]:
    found: dict[str, Box] = {f.name: (f.x, f.y, f.width, f.height) for f in layout.fields}
    found["qr"] = (*layout.qr, layout.qr[2])
    return found


def differences(shown: Image.Image, approved: Image.Image, layout: Layout) -> dict[str, float]:
    """For each place the share of its ink that isn't where it was approved."""
    assert shown.size == approved.size
    one, other = (
        255.0 - np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), dtype=float)
        for image in (shown, approved)
    )
    scale = DPI / 25.4
    found = {}
    for place, (x, y, width, height) in places(layout).items():
        rows = slice(int((y - 1) * scale), int((y + height + 1) * scale))
        columns = slice(int((x - 1) * scale), int((x + width + 1) * scale))
        ink = max(1.0, float(other[rows, columns].sum()))
        found[place] = float(np.abs(one[rows, columns] - other[rows, columns]).sum()) / ink
        one[rows, columns] = other[rows, columns] = 0.0
    # And nothing anywhere else.
    found["elsewhere"] = float(np.abs(one - other).sum()) / (one.size * 255) * 1000
    return found


def approve(name: str, shown: Image.Image) -> Image.Image:
    file = APPROVED / f"{name}.png"
    if os.environ.get("ZHICHENG_APPROVE"):
        APPROVED.mkdir(exist_ok=True)
        shown.quantize(16).save(file, optimize=True)
    return Image.open(file).convert("L")


@pytest.mark.parametrize("grade", GRADES)
def test_n8_the_page_is_the_approved_one(grade: str) -> None:
    layout = load_layout(grade)
    shown = page(layout)
    assert max(differences(shown, approve(grade, shown), layout).values()) < SAME


def test_n8_the_calibrated_page_is_the_approved_one() -> None:
    layout = load_layout("senior")
    shown = page(layout, Calibration(2.5, -1.5, 0.99, 1.01))
    found = differences(shown, approve("senior-calibrated", shown), layout)
    assert max(found.values()) < SAME
    assert differences(page(layout), approve("senior-calibrated", shown), layout)["name"] > 1


@pytest.mark.parametrize("by", [(0.3, 0.0), (-0.3, 0.0), (0.0, 0.3), (0.0, -0.3)])
@pytest.mark.parametrize("moved", ["name", "id_number", "issuing_unit", "blank_serial"])
def test_a_field_that_moves_three_tenths_of_a_millimetre_is_found(
    moved: str, by: tuple[float, float]
) -> None:
    layout = load_layout("senior")
    fields = tuple(
        replace(f, x=f.x + by[0], y=f.y + by[1]) if f.name == moved else f for f in layout.fields
    )
    approved = Image.open(APPROVED / "senior.png").convert("L")
    found = differences(page(replace(layout, fields=fields)), approved, layout)
    assert found.pop(moved) > SAME
    assert max(found.values()) < SAME, "and nothing else"


def test_a_code_that_moves_is_found() -> None:
    layout = load_layout("senior")
    x, y, side = layout.qr
    approved = Image.open(APPROVED / "senior.png").convert("L")
    found = differences(page(replace(layout, qr=(x + 0.3, y, side))), approved, layout)
    assert found["qr"] > SAME


def test_the_ruler_sheet_is_the_approved_one() -> None:
    shown = picture(ruler_sheet.render("打印机", 260, 185, created=date(2026, 1, 5)))
    approved = approve("ruler", shown)
    one, other = (np.asarray(image, dtype=float) for image in (shown, approved))
    assert np.abs(one - other).sum() / (255 - other).sum() < SAME
