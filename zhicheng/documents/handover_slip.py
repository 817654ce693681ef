"""交接单: which blanks went from the municipal office to a unit, signed by both sides (N3, N5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number
from zhicheng.values.serials import SerialRange, count

COPIES = ("第一联　市职称改革办公室存查", "第二联　领取单位存查")


@dataclass(frozen=True)
class SlipLine:
    """The blanks of one grade: for the people on the register, and the spares.

    ``missing`` and ``damaged`` are those of them that the receiving unit named on the spot.
    """

    grade: str  # 高级, 中级, 初级
    blanks: Sequence[SerialRange]
    spares: Sequence[SerialRange]
    missing: Sequence[SerialRange] = ()
    damaged: Sequence[SerialRange] = ()


@dataclass(frozen=True)
class HandoverSlip:
    """What was handed over, by whom, to whom, for which register.

    ``rate`` is the share of spares as words ("5%"); ``day`` the day of the hand-over;
    ``collected_by`` and ``handed_over_by`` may be empty, then they are written by hand;
    ``code`` the text of the QR code (empty: none); ``carried`` the blanks that lie at the unit
    already and count towards its due.
    """

    number: str
    day: date
    giving_office: str
    receiving_unit: str
    register_number: str
    register_unit: str
    people: int
    rate: str
    lines: Sequence[SlipLine]
    handed_over_by: str = ""
    collected_by: str = ""
    code: str = ""
    carried: Sequence[SerialRange] = ()


def render(
    slip: HandoverSlip,
    *,
    created: date,
    copies: Sequence[str] = COPIES,
    engine: Engine | None = None,
) -> bytes:
    """The slip as PDF/A, A4 portrait, once for each of ``copies`` (the names of the copies).

    ``created`` is the day (or moment) of printing. Raises Refusal for a character that no font
    has; ValueError for a slip without lines.
    """
    engine = engine or default_engine()
    if not slip.lines:
        raise ValueError("a slip needs at least one line")
    require_printable(
        [
            ("交接单编号", slip.number),
            ("移交单位", slip.giving_office),
            ("领取单位", slip.receiving_unit),
            ("登记表编号", slip.register_number),
            ("填报单位", slip.register_unit),
            ("超发比例", slip.rate),
            ("经办人", slip.handed_over_by),
            ("领取人", slip.collected_by),
            *(("级别", line.grade) for line in slip.lines),
            *(("联次", copy) for copy in copies),
        ],
        engine.fonts,
    )
    blanks = [count(line.blanks) for line in slip.lines]
    spares = [count(line.spares) for line in slip.lines]
    received = sum(blanks) + sum(spares)
    received -= sum(count(line.missing) + count(line.damaged) for line in slip.lines)
    data = {
        "number": slip.number,
        "day": chinese_date(slip.day),
        "giving": slip.giving_office,
        "receiving": slip.receiving_unit,
        "register": slip.register_number,
        "register_unit": slip.register_unit,
        "people": slip.people,
        "rate": slip.rate,
        "handed_over_by": slip.handed_over_by,
        "collected_by": slip.collected_by,
        "code": qr.encode(slip.code).for_typst() if slip.code else None,
        "copies": list(copies),
        "foot": "交接单编号",
        "carried": [str(item) for item in slip.carried],
        "carried_count": count(slip.carried),
        "differences": [
            {
                "grade": line.grade,
                "missing": _counted(line.missing),
                "damaged": _counted(line.damaged),
            }
            for line in slip.lines
            if line.missing or line.damaged
        ],
        "received": received,
        "received_words": formal_number(received),
        "lines": [
            {
                "grade": line.grade,
                "blanks": _counted(line.blanks),
                "spares": _counted(line.spares),
                "total": blank + spare,
                "words": formal_number(blank + spare),
            }
            for line, blank, spare in zip(slip.lines, blanks, spares, strict=True)
        ],
        "blanks": sum(blanks),
        "spares": sum(spares),
        "total": sum(blanks) + sum(spares),
        "words": formal_number(sum(blanks) + sum(spares)),
    }
    return engine.render(
        "handover_slip", data, title=f"空白职称证书交接单 {slip.number}", created=created
    )


def _counted(ranges: Sequence[SerialRange]) -> dict[str, object]:
    return {"count": count(ranges), "ranges": [str(item) for item in ranges]}
