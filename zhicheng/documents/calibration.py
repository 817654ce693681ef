"""What a printer does to a page, and the correction that takes it back; pure.

A printer puts what should stand at ``x`` at ``a + b·x``: it begins a little to the side and its
millimetre isn't quite one. Three crosses of the ruler sheet, measured on paper, say ``a`` and
``b`` in both directions, and by how much the sheet lay askew. Offset and scale are corrected;
a sheet that lies askew isn't (text would stand on a slant), it is a matter of the tray.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from zhicheng.values.refusal import Refusal

LARGEST_OFFSET = 10.0  # mm
LARGEST_SCALE = 0.02
WARN_SKEW = 0.3  # mm across the sheet: what an eye sees beside a printed line
WARN_DISAGREEMENT = 0.6  # mm between two measurements of the same thing
INSET = 30.0  # mm: so far from the edges the crosses stand
Point = tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """Right and down by so many mm, and so much larger, from the page's top left corner."""

    dx: float = 0.0
    dy: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0

    def place(self, x: float, y: float) -> Point:
        """Where to print what shall stand at (x, y) on paper, in mm."""
        return self.dx + self.scale_x * x, self.dy + self.scale_y * y

    @property
    def neutral(self) -> bool:
        """Whether it changes nothing."""
        return self == Calibration()


@dataclass(frozen=True)
class Measured:
    """The correction that the measurements ask for, and what they tell besides.

    ``skew`` in degrees (clockwise), None when the third cross wasn't measured; ``warnings`` are
    Chinese sentences. The sheet's size is in mm.
    """

    calibration: Calibration
    skew: float | None
    warnings: tuple[str, ...]


def crosses(width: float, height: float) -> dict[str, Point]:
    """Where the ruler sheet of this size has its crosses: A top left, B top right, C below B."""
    right, low = width - INSET, height - INSET
    return {"A": (INSET, INSET), "B": (right, INSET), "C": (right, low)}


def measure(found: Mapping[str, Point], width: float, height: float) -> Measured:
    """The correction for a printer whose crosses stand at ``found`` instead of ``crosses()``.

    A and C are needed, B tells the skew. Raises Refusal beyond ten millimetres or two per cent:
    then the paper lies wrongly, or the driver fits the page.
    """
    meant = crosses(width, height)
    (ax, ay), (cx, cy) = meant["A"], meant["C"]
    across, down = cx - ax, cy - ay
    slope = 0.0
    if "B" in found:
        slope = (found["B"][1] - found["A"][1]) / across
    shown_x = (found["C"][0] - found["A"][0] + slope * down) / across
    shown_y = (found["C"][1] - found["A"][1] - slope * across) / down
    _require_sane_scale(shown_x, shown_y)
    # The printer's own map: paper = start + shown * meant.
    start_x = found["A"][0] - shown_x * ax + slope * ay
    start_y = found["A"][1] - shown_y * ay - slope * ax
    calibration = Calibration(
        round(-start_x / shown_x, 2),
        round(-start_y / shown_y, 2),
        round(1 / shown_x, 5),
        round(1 / shown_y, 5),
    )
    _require_sane_offset(calibration)
    warnings = []
    skew = None
    if "B" in found:
        skew = math.degrees(math.atan(slope))
        leans = abs(slope) * math.hypot(width, height)
        if leans > WARN_SKEW:
            side = "右端偏低" if slope > 0 else "右端偏高"
            warnings.append(
                f"纸张进得歪斜 {abs(skew):.2f} 度（{side}），证书上最多差 {leans:.1f} 毫米。"
                "歪斜不能由校准消除：请把纸盒挡板靠紧、一次少放几张，再重新测量。"
            )
        apart = found["B"][0] - found["A"][0] - shown_x * across
        if abs(apart) > WARN_DISAGREEMENT:
            warnings.append(
                f"三个十字的测量值互相差 {abs(apart):.1f} 毫米，可能有一个量错，请复量。"
            )
    return Measured(calibration, skew, tuple(warnings))


def _require_sane_scale(shown_x: float, shown_y: float) -> None:
    for name, shown in (("横向", shown_x), ("纵向", shown_y)):
        if abs(shown - 1) > LARGEST_SCALE:
            raise Refusal(
                "calibration.scale",
                f"{name}缩放超过 2 %，不像是打印机的误差，没有保存。",
                found=f"{shown:.2%}",
                expected="98 % 至 102 %",
                mend="请在打印对话框中选“实际大小”（不要“适合纸张”），重新打印标尺页后再量。",
            )


def _require_sane_offset(calibration: Calibration) -> None:
    for name, offset in (("横向", calibration.dx), ("纵向", calibration.dy)):
        if abs(offset) > LARGEST_OFFSET:
            raise Refusal(
                "calibration.offset",
                f"{name}偏移超过 10 毫米，不像是打印机的误差，没有保存。",
                found=f"{offset:.1f} 毫米",
                expected="-10 至 10 毫米",
                mend="请检查纸张大小、进纸方向和纸盒挡板，重新打印标尺页后再量。",
            )
