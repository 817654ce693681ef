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
    figures: Sequence[tuple[str, str, str]]
    tables: Sequence[ReportTable]
    definitions: Sequence[tuple[str, str]]
    notes: Sequence[str] = field(default_factory=tuple)


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
        "period": f"{report.year}年1月1日至12月31日",
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
                "labels": [label for label, _n in table.bars[:CHARTED]],
                "numbers": [n for _label, n in table.bars[:CHARTED]],
                "picture": bars([n for _label, n in table.bars[:CHARTED]]),
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
