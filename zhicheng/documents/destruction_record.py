"""销毁记录: which spoiled blanks two people destroyed, and why they were spoiled (N9, N18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number
from zhicheng.values.serials import SerialRange, count

COPIES = ("市职称改革办公室存档",)


@dataclass(frozen=True)
class DestructionRecord:
    """A destruction; ``reasons`` are pairs of a reason and how many blanks were spoiled for it.

    Times are texts as they stand on the record; ``confirmed_at`` is empty before the destruction.
    """

    number: str
    day: date
    office: str
    grade: str
    serials: Sequence[SerialRange]
    reasons: Sequence[tuple[str, int]]
    units: str
    proposed_by: str
    proposed_at: str
    confirmed_by: str = ""
    confirmed_at: str = ""


def render(
    record: DestructionRecord,
    *,
    created: date,
    copies: Sequence[str] = COPIES,
    engine: Engine | None = None,
) -> bytes:
    """The record as PDF/A, A4 portrait.

    Raises Refusal for a character that no font has; ValueError when the reasons don't add up to
    the serials.
    """
    engine = engine or default_engine()
    number = count(record.serials)
    if not number or sum(item for _reason, item in record.reasons) != number:
        raise ValueError("every destroyed blank has one reason")
    require_printable(
        [
            ("记录编号", record.number),
            ("销毁单位", record.office),
            ("交回单位", record.units),
            ("提请人", record.proposed_by),
            ("监督销毁人", record.confirmed_by),
            *(("废旧原因", reason) for reason, _number in record.reasons),
        ],
        engine.fonts,
    )
    data = {
        "number": record.number,
        "day": chinese_date(record.day),
        "office": record.office,
        "grade": record.grade,
        "serials": [str(item) for item in record.serials],
        "count": number,
        "words": formal_number(number),
        "reasons": [
            {"reason": reason, "count": item, "words": formal_number(item)}
            for reason, item in record.reasons
        ],
        "units": record.units,
        "proposed_by": record.proposed_by,
        "proposed_at": record.proposed_at,
        "confirmed_by": record.confirmed_by,
        "confirmed_at": record.confirmed_at,
        "copies": list(copies),
        "foot": "记录编号",
    }
    return engine.render(
        "destruction_record", data, title=f"废旧职称证书销毁记录 {record.number}", created=created
    )
