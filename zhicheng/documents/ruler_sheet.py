"""The ruler sheet that a printer is measured with, and the test page that confirms it."""

from datetime import date

from zhicheng.documents.calibration import INSET, Calibration, crosses
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable

MEASURE = (
    "把与空白证书同样大小的纸，按打印证书时的方向放进纸盒；打印时选“实际大小”，不要“适合纸张”。",
    (
        "用毫米尺从纸的左边缘量到十字 A、B、C 的竖线，从纸的上边缘量到横线，读到 0.1 毫米。"
        "沿边的标尺只供核对：第一条看得见的刻度就是打印机印得到的地方。"
    ),
    (
        "把量得的数填进“校准”页面。没有偏差的打印机，A 应在左 {left:g}、上 {top:g}，"
        "B 应在左 {right:g}、上 {top:g}，C 应在左 {right:g}、上 {low:g} 毫米。"
    ),
)
CONFIRM = (
    (
        "这一页已按校准打印。再量一次：A 应在左 {left:g}、上 {top:g}，"
        "B 应在左 {right:g}、上 {top:g}，"
        "C 应在左 {right:g}、上 {low:g} 毫米。"
    ),
    "相差不超过 0.3 毫米，就可以打印证书；否则请重新打印标尺页再校准一次。",
)


def render(
    printer: str,
    width: float,
    height: float,
    *,
    created: date,
    calibration: Calibration | None = None,
    engine: Engine | None = None,
) -> bytes:
    """The sheet as PDF/A, of the paper's size in mm.

    Without ``calibration`` the ruler sheet as the printer prints it by itself; with it the test
    page, whose crosses shall stand on paper where they are meant.
    """
    engine = engine or default_engine()
    require_printable([("打印机名称", printer)], engine.fonts)
    meant = crosses(width, height)
    places = {
        "left": INSET,
        "top": INSET,
        "right": round(meant["C"][0], 2),
        "low": round(meant["C"][1], 2),
    }
    steps = CONFIRM if calibration else MEASURE
    title = "校准检验页" if calibration else "打印机标尺页"
    return engine.render(
        "ruler_sheet",
        {
            "width": width,
            "height": height,
            "rulers": calibration is None,
            "crosses": {name: list(point) for name, point in meant.items()},
            "calibration": vars(calibration or Calibration()),
            "title": title,
            "subtitle": f"{printer}　{width:g} × {height:g} 毫米　{created.isoformat()[:10]}",
            "steps": [step.format(**places) for step in steps],
        },
        title=f"{title} {printer}",
        created=created,
    )
