"""年度统计报告: an office's paper with title, period, tables, pictures and definitions (N19).

Red letters and a red line on top as on official papers, but no seal: the paper says where one goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date

WIDTH = 640
BAR = 20
CHARTED = 16


@dataclass(frozen=True)
class ReportTable:
    """A table: its title, its heads and rows of texts; ``bars`` are drawn above it.

    ``summed``: the last row holds the sums.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    bars: Sequence[tuple[str, int]] = ()
    note: str = ""
    summed: bool = False


@dataclass(frozen=True)
class YearlyReport:
    """Everything that the report says."""

    office: str
    area: str
    year: int
    as_of: str
    made_at: str
    made_by: str
    day: date
    period: str
    figures: Sequence[tuple[str, str, str, str]]
    tables: Sequence[ReportTable]
    definitions: Sequence[tuple[str, str]]
    notes: Sequence[str] = field(default_factory=tuple)
    # Paragraphs that begin the paper, and what is said below its figures.
    opening: Sequence[str] = field(default_factory=tuple)
    figures_note: str = ""


def render(report: YearlyReport, *, created: date, engine: Engine | None = None) -> bytes:
    """The report as PDF/A, A4 portrait. Raises Refusal for a character that no font has."""
    engine = engine or default_engine()
    texts = [report.office, report.area, report.made_by]
    for table in report.tables:
        texts += [table.title, *table.heads, *(cell for row in table.rows for cell in row)]
    require_printable([("统计报告", text) for text in texts if text], engine.fonts)
    data = {
        "office": report.office,
        "area": report.area,
        "year": report.year,
        "period": report.period,
        "opening": list(report.opening),
        "figures_note": report.figures_note,
        "as_of": report.as_of,
        "made_at": report.made_at,
        "made_by": report.made_by,
        "day": chinese_date(report.day),
        "figures": [list(item) for item in report.figures],
        "tables": [
            {
                "title": table.title,
                "heads": list(table.heads),
                "rows": [list(row) for row in table.rows],
                "labels": [label for label, _n in drawn(table.bars)],
                "numbers": [n for _label, n in drawn(table.bars)],
                "picture": bars([n for _label, n in drawn(table.bars)]),
                "undrawn": undrawn(table.bars),
                "note": table.note,
                "summed": table.summed,
            }
            for table in report.tables
        ],
        "definitions": [list(item) for item in report.definitions],
        "notes": list(report.notes),
    }
    return engine.render(
        "yearly_report", data, title=f"{report.year}年度职称证书统计报告", created=created
    )


def drawn(items: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """What has a bar: everything, or the largest in their order when there are too many."""
    if len(items) <= CHARTED:
        return items
    return sorted(items, key=lambda item: -item[1])[:CHARTED]


def undrawn(items: Sequence[tuple[str, int]]) -> str:
    """What stands under a picture that leaves something out."""
    rest = sorted(n for _label, n in items)[: max(0, len(items) - CHARTED)]
    if not rest:
        return ""
    return f"图中为最多的 {CHARTED} 项，另有 {len(rest)} 项（共 {sum(rest)}）没有画出，见下表。"


def bars(numbers: Sequence[int]) -> str:
    """Horizontal bars as SVG, the longest as wide as the picture; labels are set beside it."""
    if not numbers or max(numbers) <= 0:
        return ""
    drawn = "".join(
        f'<rect x="0" y="{place * BAR + 4}" width="{WIDTH * n / max(numbers):.1f}"'
        f' height="{BAR - 8}" fill="#34648f"/>'
        for place, n in enumerate(numbers)
    )
    height = BAR * len(numbers)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}"><rect width="{WIDTH}" height="{height}"'
        f' fill="#f3f6f9"/>{drawn}</svg>'
    )
