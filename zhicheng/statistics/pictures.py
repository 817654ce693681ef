"""Pictures drawn by the server: the pyramid of levels and the map of districts as tiles.

No coordinates from outside: each district is a square, where it roughly lies to the others. The
table beside has the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# (column, row) of each district; those of today and those that were.
PLACES: Mapping[str, tuple[int, int]] = {
    "城口县": (9, 0),
    "开州区": (8, 1),
    "巫溪县": (10, 1),
    "梁平区": (7, 2),
    "万州区": (8, 2),
    "云阳县": (9, 2),
    "奉节县": (10, 2),
    "巫山县": (11, 2),
    "潼南区": (0, 3),
    "合川区": (2, 3),
    "北碚区": (3, 3),
    "渝北区": (4, 3),
    "两江新区": (5, 3),
    "垫江县": (6, 3),
    "忠县": (7, 3),
    "石柱土家族自治县": (8, 3),
    "大足区": (0, 4),
    "铜梁区": (1, 4),
    "璧山区": (2, 4),
    "沙坪坝区": (3, 4),
    "江北区": (4, 4),
    "长寿区": (5, 4),
    "涪陵区": (6, 4),
    "丰都县": (7, 4),
    "荣昌区": (0, 5),
    "永川区": (1, 5),
    "重庆高新区": (2, 5),
    "九龙坡区": (3, 5),
    "渝中区": (4, 5),
    "南岸区": (5, 5),
    "武隆区": (7, 5),
    "彭水苗族土家族自治县": (8, 5),
    "黔江区": (9, 5),
    "江津区": (2, 6),
    "大渡口区": (3, 6),
    "巴南区": (4, 6),
    "綦江区": (5, 6),
    "南川区": (6, 6),
    "酉阳土家族苗族自治县": (9, 6),
    "万盛经开区": (5, 7),
    "秀山土家族苗族自治县": (9, 7),
}
TILE = 62
SHADES = 5


@dataclass(frozen=True)
class Tile:
    """One district: where it stands, its short name, its number, its shade from 0 to 5.

    ``link`` leads to its people.
    """

    x: int
    y: int
    name: str
    short: str
    n: int
    shade: int
    link: str = ""


def tiles(numbers: Mapping[str, int], links: Mapping[str, str]) -> list[Tile]:
    """The districts that are drawn; the shade is the place among the others (fifths)."""
    ordered = sorted(n for name, n in numbers.items() if n and name in PLACES)
    found = []
    for name, (column, row) in PLACES.items():
        n = numbers.get(name, 0)
        shade = 0 if not n else 1 + SHADES * ordered.index(n) // len(ordered)
        link = links.get(name, "")
        found.append(Tile(column * TILE, row * TILE, name, short(name), n, shade, link))
    return found


def short(name: str) -> str:
    """石柱土家族自治县 as 石柱."""
    if name == "重庆高新区":
        return "高新"
    for ending in ("土家族苗族自治县", "苗族土家族自治县", "土家族自治县", "经开区", "新区"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name[:-1] if len(name) > 2 else name


@dataclass(frozen=True)
class Bar:
    """A level: its words, men to the left, women to the right, in units of the picture.

    Numbers are texts, so that no language's comma gets into a coordinate. A number stands beside
    its bar.
    """

    y: int
    label: str
    left: int
    right: int
    left_text: str
    right_text: str
    left_x: str
    left_at: str
    right_at: str


@dataclass(frozen=True)
class Pyramid:
    """Levels from the top; ``left`` and ``right`` are where the bars begin beside the words."""

    bars: Sequence[Bar]
    left: str
    right: str

    @property
    def height(self) -> int:
        """How high the picture is."""
        return 24 + 34 * len(self.bars)


WIDTH = 500
NUMBERS = 50  # the room for the numbers outside the bars
LETTER, SIGN = 7.2, 13.0  # how wide a Latin letter and a Chinese character are


def pyramid(levels: Sequence[tuple[str, int, int]]) -> Pyramid:
    """Of (words, men, women); between the bars there is room for the longest words."""
    most = max((max(left, right) for _label, left, right in levels), default=0) or 1
    words = max((_wide(label) for label, _left, _right in levels), default=0.0)
    gap = max(80.0, words + 16)
    left_end, right_end = (WIDTH - gap) / 2, (WIDTH + gap) / 2
    width = left_end - NUMBERS
    bars = []
    for place, (label, left, right) in enumerate(levels):
        left_width, right_width = width * left / most, width * right / most
        bars.append(
            Bar(
                place * 34,
                label,
                left,
                right,
                f"{left_width:.1f}",
                f"{right_width:.1f}",
                f"{left_end - left_width:.1f}",
                f"{left_end - left_width - 6:.1f}",
                f"{right_end + right_width + 6:.1f}",
            )
        )
    return Pyramid(bars, f"{left_end:.1f}", f"{right_end:.1f}")


def _wide(words: str) -> float:
    return sum(SIGN if ord(sign) > 0x2E7F else LETTER for sign in words)
