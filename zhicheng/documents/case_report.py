"""案卷报告: what happened, what was looked into, how it ended, for signatures (N18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number


@dataclass(frozen=True)
class ReportStep:
    """A line of the investigation; ``at`` as people write a moment."""

    at: str
    label: str
    who: str
    text: str


@dataclass(frozen=True)
class CaseReport:
    """A case as it stands; ``outcome`` and ``conclusion`` are empty while it is open."""

    number: str
    kind: str
    office: str
    holder: str
    grade: str
    serials: Sequence[str]
    count: int
    register: str
    note: str
    opened: str
    opened_by: str
    outcome: str
    conclusion: str
    closed: str
    closed_by: str
    steps: Sequence[ReportStep]


def render(report: CaseReport, *, created: date, engine: Engine | None = None) -> bytes:
    """The report as PDF/A, A4 portrait. Raises Refusal for a character that no font has."""
    engine = engine or default_engine()
    texts = [
        ("案卷编号", report.number),
        ("责任单位", report.holder),
        ("情况说明", report.note),
        ("结论", report.conclusion),
        ("立案人", report.opened_by),
        ("结案人", report.closed_by),
    ]
    texts += [("调查经过", f"{step.who}{step.text}{step.label}") for step in report.steps]
    require_printable(texts)
    data = {
        "number": report.number,
        "kind": report.kind,
        "office": report.office,
        "holder": report.holder,
        "grade": report.grade or "不明",
        "serials": list(report.serials),
        "count": report.count,
        "words": formal_number(report.count),
        "register": report.register or "—",
        "note": report.note,
        "opened": report.opened,
        "opened_by": report.opened_by or "—",
        "outcome": report.outcome or "调查中",
        "conclusion": report.conclusion or "尚未结案。",
        "closed": report.closed or "—",
        "closed_by": report.closed_by or "—",
        "day": chinese_date(created),
        "steps": [
            {"at": step.at, "label": step.label, "who": step.who, "text": step.text}
            for step in report.steps
        ],
    }
    return engine.render(
        "case_report", data, title=f"空白证书案卷报告 {report.number}", created=created
    )
