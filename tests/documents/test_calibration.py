"""A printer's fault, measured at three crosses, is taken back; what is no printer's fault isn't."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.reading import POINT, opened, page_texts
from zhicheng.documents import ruler_sheet, samples
from zhicheng.documents.calibration import Calibration, Point, crosses, measure
from zhicheng.values.refusal import Refusal

SIZES = [(260.0, 185.0), (260.0, 165.0), (297.0, 210.0)]


class FakePrinter:
    """Puts (x, y) somewhere else: late, stretched, askew."""

    def __init__(
        self, dx: float = 0, dy: float = 0, sx: float = 1, sy: float = 1, askew: float = 0
    ) -> None:
        self.dx, self.dy, self.sx, self.sy, self.askew = dx, dy, sx, sy, math.radians(askew)

    def lands(self, x: float, y: float) -> Point:
        return (
            self.dx + self.sx * x - math.sin(self.askew) * y,
            self.dy + self.sy * y + math.sin(self.askew) * x,
        )

    def measured(self, width: float, height: float, *, b: bool = True) -> dict[str, Point]:
        found = {name: self.lands(*at) for name, at in crosses(width, height).items()}
        return found if b else {name: at for name, at in found.items() if name != "B"}


@given(
    dx=st.floats(-8, 8),
    dy=st.floats(-8, 8),
    sx=st.floats(0.985, 1.015),
    sy=st.floats(0.985, 1.015),
    size=st.sampled_from(SIZES),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    with_b=st.booleans(),
)
def test_what_is_printed_by_the_calibration_lands_where_it_is_meant(
    dx: float,
    dy: float,
    sx: float,
    sy: float,
    size: tuple[float, float],
    at: tuple[float, float],
    with_b: bool,
) -> None:
    printer = FakePrinter(dx, dy, sx, sy)
    told = measure(printer.measured(*size, b=with_b), *size)
    wanted = (at[0] * size[0], at[1] * size[1])
    landed = printer.lands(*told.calibration.place(*wanted))
    # Offsets are kept to a hundredth, scales to a hundred-thousandth.
    assert landed == pytest.approx(wanted, abs=0.01)
    assert not told.warnings
    assert told.skew == (pytest.approx(0, abs=1e-6) if with_b else None)


@given(askew=st.floats(-0.5, 0.5), dx=st.floats(-3, 3), sx=st.floats(0.99, 1.01))
def test_a_sheet_that_lies_askew_is_named_and_not_corrected(
    askew: float, dx: float, sx: float
) -> None:
    printer = FakePrinter(dx, 1, sx, 1, askew)
    told = measure(printer.measured(260, 185), 260, 185)
    assert told.skew == pytest.approx(askew, abs=0.01)
    assert told.calibration.scale_x == pytest.approx(1 / sx, abs=1e-4)
    leans = abs(math.sin(math.radians(askew))) * math.hypot(260, 185)
    if leans > 0.31:
        assert len(told.warnings) == 1
        # The words round what was measured: between two hundredths it may fall to either.
        said = re.search(r"歪斜 (\d\.\d\d) 度", told.warnings[0])
        assert said and float(said[1]) == pytest.approx(abs(askew), abs=0.011)
        assert ("偏低" in told.warnings[0]) == (askew > 0)
    elif leans < 0.29:
        assert not told.warnings


def test_measurements_that_contradict_each_other_are_doubted() -> None:
    found = FakePrinter().measured(260, 185)
    found["B"] = (found["B"][0] + 1, found["B"][1])
    assert "可能有一个量错" in measure(found, 260, 185).warnings[-1]


@pytest.mark.parametrize(
    ("printer", "rule"),
    [
        (FakePrinter(dx=10.2), "calibration.offset"),
        (FakePrinter(dy=-10.2), "calibration.offset"),
        (FakePrinter(sx=0.97), "calibration.scale"),
        (FakePrinter(sy=1.021), "calibration.scale"),
        (FakePrinter(dx=5, dy=5, sx=0.94, sy=0.94), "calibration.scale"),
    ],
)
def test_what_no_printers_fault_explains_is_refused(printer: FakePrinter, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        measure(printer.measured(260, 185), 260, 185)
    assert refused.value.rule == rule
    assert refused.value.mend


def _crosses(pdf: bytes) -> list[Point]:
    """The middles of the circles on a sheet, in mm."""
    with opened(pdf) as document:
        found = [
            (
                (float(curve["x0"]) + float(curve["x1"])) / 2 * POINT,
                (float(curve["top"]) + float(curve["bottom"])) / 2 * POINT,
            )
            for curve in document.pages[0].curves
        ]
    return sorted(found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("calibration", [None, Calibration(-1.5, 2.25, 0.995, 1.01)])
def test_the_sheets_crosses_stand_where_the_rule_means_them(
    size: tuple[float, float], calibration: Calibration | None
) -> None:
    pdf = ruler_sheet.render("三楼激光打印机", *size, created=samples.DAY, calibration=calibration)
    meant = [(calibration or Calibration()).place(*at) for at in crosses(*size).values()]
    for found, wanted in zip(_crosses(pdf), sorted(meant), strict=True):
        assert found == pytest.approx(wanted, abs=0.02)
    with opened(pdf) as document:
        (page,) = document.pages
        assert float(page.width) * POINT == pytest.approx(size[0], abs=0.01)
        ticks = [line for line in page.lines if abs(line["top"] - line["bottom"]) > 1]
        # Rulers along all edges on the sheet that measures, none on the one that confirms.
        assert (len(ticks) > 2 * size[0] - 10) == (calibration is None)
    assert ("标尺页" if calibration is None else "检验页") in page_texts(pdf)[0]


def test_a_printer_with_an_unprintable_name_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as refused:
        ruler_sheet.render("打印机\U000323b0", 260, 185, created=samples.DAY)
    assert "打印机名称" in refused.value.message
