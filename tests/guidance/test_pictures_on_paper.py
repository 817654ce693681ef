"""On paper a picture ends where its page has nothing more."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

from zhicheng.guidance.printed import _for_paper


def on_paper(path: Path, *, height: int, content: int) -> Image.Image:
    """A page with a menu at its left, whose content ends at ``content``, as it is printed."""
    page = Image.new("RGB", (400, height), "#f4f6f9")
    drawing = ImageDraw.Draw(page)
    drawing.rectangle((0, 0, 80, height), fill="white")
    for row in range(content, 20, -7):
        drawing.line((120, row, 380, row), fill="#1d3f63")
    page.save(path, "WEBP", lossless=True)
    return Image.open(io.BytesIO(_for_paper(path)))


def test_the_empty_ground_below_is_left_out(tmp_path: Path) -> None:
    assert on_paper(tmp_path / "short.webp", height=600, content=200).height == 225


def test_a_long_page_is_cut_and_a_full_one_stays_whole(tmp_path: Path) -> None:
    assert on_paper(tmp_path / "long.webp", height=2000, content=1897).height == 640
    assert on_paper(tmp_path / "full.webp", height=500, content=499).height == 500
