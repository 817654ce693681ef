"""What a photo for a certificate has to be: one inch, upright, neither dark nor empty; pure.

One inch is 25 x 35 mm: 295 x 413 pixels at 300 dpi. Larger pictures are scaled down, smaller ones
refused. The background isn't judged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

WIDTH, HEIGHT = 295, 413
WIDTH_MM, HEIGHT_MM = 25, 35
DPI = 300
RATIO = WIDTH_MM / HEIGHT_MM
# Whole pictures of this shape are cut to one inch by themselves: from 33 x 48 to 35 x 45 mm.
NARROWEST, WIDEST = 0.64, 0.80
# Such a strip of a picture that is too high goes at the top, the rest at the bottom: heads are up.
TOP_SHARE = 0.25
DARKEST = 40.0
LEAST_CONTRAST = 12.0
LONGEST_REASON = 200
_ORDER = re.compile(r"0*(\d{1,6})(?:[\s\-_.、—]*(.*))", re.DOTALL)


@dataclass(frozen=True)
class Crop:
    """A part of the upright picture, as shares of its width and height (0 to 1)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Seen:
    """What was measured of the cut picture: mean brightness and its spread (0 to 255)."""

    brightness: float
    contrast: float


def box_of(width: int, height: int, crop: Crop | None) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels of the one-inch part; the chosen one, or the middle.

    Raises Refusal for a part that isn't in the picture, has too few pixels, or, where nothing
    was chosen, a picture that is no portrait.
    """
    box = _chosen(width, height, crop) if crop else _middle(width, height)
    found = (box[2] - box[0], box[3] - box[1])
    if found[0] < WIDTH or found[1] < HEIGHT:
        raise Refusal(
            "photo.too_small",
            "照片像素不足，印在证书上会模糊，没有保存。"
            if not crop
            else "裁剪的范围太小，印在证书上会模糊，没有保存。",
            found=f"{found[0]} × {found[1]} 像素",
            expected=f"不少于 {WIDTH} × {HEIGHT} 像素（一寸，{DPI} dpi）",
            mend="请使用更清晰的照片，或把裁剪框放大。",
        )
    return box


def _chosen(width: int, height: int, crop: Crop) -> tuple[int, int, int, int]:
    within = (
        0 <= crop.x < 1
        and 0 <= crop.y < 1
        and 0 < crop.width <= 1.0001 - crop.x
        and 0 < crop.height <= 1.0001 - crop.y
    )
    if not within:
        raise Refusal(
            "photo.crop_outside",
            "裁剪的范围超出了照片，没有保存。",
            mend="请重新裁剪。",
        )
    wide, high = crop.width * width, crop.height * height
    # What the page sends may be a pixel off the ratio; more is another picture than was seen.
    if not RATIO * 0.97 <= wide / high <= RATIO * 1.03:
        raise Refusal(
            "photo.crop_ratio",
            "裁剪的范围不是一寸照的比例，没有保存。",
            found=f"{wide:.0f} × {high:.0f}",
            expected=f"{WIDTH_MM}:{HEIGHT_MM}",
            mend="请重新裁剪。",
        )
    left, top = round(crop.x * width), round(crop.y * height)
    high = min(high, wide / RATIO, height - top)
    return left, top, min(width, left + round(high * RATIO)), top + round(high)


def _middle(width: int, height: int) -> tuple[int, int, int, int]:
    ratio = width / height
    if not NARROWEST <= ratio <= WIDEST:
        raise Refusal(
            "photo.not_portrait",
            "照片不是竖幅证件照的比例，没有保存。",
            found=f"{width} × {height} 像素",
            expected=f"宽与高约为 {WIDTH_MM}:{HEIGHT_MM}（一寸照）",
            mend="请在该人员的照片页面上传并裁剪。",
        )
    if ratio > RATIO:
        wide = round(height * RATIO)
        left = (width - wide) // 2
        return left, 0, left + wide, height
    high = round(width / RATIO)
    top = round((height - high) * TOP_SHARE)
    return 0, top, width, top + high


def require_seen(seen: Seen) -> None:
    """Raises Refusal for a picture that is all but black or on which there is nothing."""
    if seen.contrast < LEAST_CONTRAST:
        raise Refusal(
            "photo.blank",
            "照片上几乎没有内容，没有保存。",
            found=f"明暗差异 {seen.contrast:.0f}",
            expected=f"不小于 {LEAST_CONTRAST:.0f}",
            mend="请检查是否选错了文件。",
        )
    if seen.brightness < DARKEST:
        raise Refusal(
            "photo.too_dark",
            "照片太暗，印出后看不清面容，没有保存。",
            found=f"平均亮度 {seen.brightness:.0f}",
            expected=f"不小于 {DARKEST:.0f}（全黑为 0，全白为 255）",
            mend="请调亮后重新上传。",
        )


def require_reason(reason: str) -> str:
    """The reason of a removal, tidied; raises Refusal where there is none."""
    text = " ".join(reason.split())
    if not text or len(text) > LONGEST_REASON:
        raise Refusal(
            "photo.reason_missing",
            "移除照片须写明原因。",
            found=f"{len(text)} 个字",
            expected=f"1 至 {LONGEST_REASON} 个字",
            mend="请填写原因。",
        )
    return text


@dataclass(frozen=True)
class Person:
    """A row of a register, as far as a file's name can name it."""

    row_id: int
    position: int
    number: str
    name: str


def owners(names: Iterable[str], people: Iterable[Person]) -> list[Person | Refusal]:
    """Whose photo each file is, by its name: 证书编号, 序号, or 序号 and 姓名.

    A name that names nobody, or somebody whom an earlier file names, is a refusal in its place.
    """
    listed = list(people)
    by_number = {person.number: person for person in listed if person.number}
    by_position = {person.position: person for person in listed}
    taken: dict[int, str] = {}
    found: list[Person | Refusal] = []
    for name in names:
        stem = stem_of(name)
        person = by_number.get(stem) or _by_order(stem, by_position)
        if isinstance(person, Refusal):
            found.append(person)
        elif person is None:
            found.append(
                Refusal(
                    "photo.nobody",
                    "文件名不是本登记表中的证书编号或序号。",
                    found=hide_id_numbers(stem)[:60],
                    expected="证书编号（2026500000123.jpg）、序号（12.jpg）或序号加姓名（12-张伟.jpg）",
                    mend="请改文件名后重新上传。",
                )
            )
        elif person.row_id in taken:
            found.append(
                Refusal(
                    "photo.twice",
                    "同一个人有两个文件，只取了前一个。",
                    found=taken[person.row_id],
                    mend="请核对后单独上传。",
                )
            )
        else:
            taken[person.row_id] = hide_id_numbers(name.rpartition("/")[2])
            found.append(person)
    return found


def _by_order(stem: str, people: dict[int, Person]) -> Person | Refusal | None:
    match = _ORDER.fullmatch(stem)
    person = people.get(int(match[1])) if match else None
    if match is None or person is None:
        return None
    if match[2] and match[2] != person.name:
        return Refusal(
            "photo.name_differs",
            f"文件名中的姓名与序号 {person.position} 的人员不符。",
            found=hide_id_numbers(match[2])[:60],
            expected=person.name,
            mend="请核对照片是谁的，改文件名后重新上传。",
        )
    return person


def stem_of(name: str) -> str:
    """A file's name without folder and ending."""
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    return last.rpartition(".")[0].strip() or last
