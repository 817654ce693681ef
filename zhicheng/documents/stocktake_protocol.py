"""盘点表: what the books said, what was counted, the differences, for two people to sign (N18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number


@dataclass(frozen=True)
class ProtocolLine:
    """One grade and state: in the books, counted of these, missing, moved meanwhile."""

    grade: str
    state: str
    expected: int
    ranges: Sequence[str]
    counted: int
    moved: int
    missing: int


@dataclass(frozen=True)
class Protocol:
    """A count; who hasn't signed in the product yet has an empty name."""

    number: str
    custodian: str
    scope: str
    started: str
    finished: str
    expected: int
    counted: int
    lines: Sequence[ProtocolLine]
    missing: Sequence[str]
    missing_count: int
    surplus: Sequence[str]
    surplus_count: int
    moved: Sequence[str]
    seen: Sequence[str]
    cases: Sequence[str]
    counters: Sequence[str]
    finished_by: str
    confirmed_by: str


def render(protocol: Protocol, *, created: date, engine: Engine | None = None) -> bytes:
    """The protocol as PDF/A, A4 portrait. Raises Refusal for a character that no font has."""
    engine = engine or default_engine()
    require_printable(
        [
            ("盘点编号", protocol.number),
            ("保管单位", protocol.custodian),
            ("盘点人", f"{''.join(protocol.counters)}{protocol.finished_by}"),
            ("监盘人", protocol.confirmed_by),
        ]
    )
    data = {
        "number": protocol.number,
        "custodian": protocol.custodian,
        "scope": protocol.scope,
        "started": protocol.started,
        "finished": protocol.finished,
        "day": chinese_date(created),
        "expected": protocol.expected,
        "expected_words": formal_number(protocol.expected),
        "counted": protocol.counted,
        "counted_words": formal_number(protocol.counted),
        "missing": list(protocol.missing),
        "missing_count": protocol.missing_count,
        "missing_words": formal_number(protocol.missing_count),
        "surplus": list(protocol.surplus),
        "surplus_count": protocol.surplus_count,
        "surplus_words": formal_number(protocol.surplus_count),
        "moved": list(protocol.moved),
        "seen": list(protocol.seen),
        "cases": list(protocol.cases),
        "counters": list(protocol.counters),
        "finished_by": protocol.finished_by,
        "confirmed_by": protocol.confirmed_by,
        "lines": [
            {
                "grade": line.grade,
                "state": line.state,
                "expected": line.expected,
                "ranges": list(line.ranges),
                "counted": line.counted,
                "moved": line.moved,
                "missing": line.missing,
            }
            for line in protocol.lines
        ],
    }
    return engine.render(
        "stocktake_protocol", data, title=f"空白证书盘点表 {protocol.number}", created=created
    )
