"""送盖钢印移交单 and 退回单: which certificates went to be embossed, and came back (N8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number
from zhicheng.values.serials import SerialRange, count


@dataclass(frozen=True)
class GradeLine:
    """The certificates of one grade by the serials of their blanks."""

    grade: str
    serials: Sequence[SerialRange]


@dataclass(frozen=True)
class Transfer:
    """One way of a slip: there (``back`` False) or back.

    ``missing`` and ``surplus`` are what was found at the counting, ``unembossed`` what goes back
    without the embossed seal; ``remarks`` other things that were found in the pile. Names that
    nobody has given yet are empty and are written by hand.
    """

    number: str
    day: date
    back: bool
    giving: str
    taking: str
    registers: Sequence[str]
    lines: Sequence[GradeLine]
    giver: str = ""
    carrier: str = ""
    taker: str = ""
    missing: Sequence[SerialRange] = ()
    surplus: Sequence[SerialRange] = ()
    unembossed: Sequence[SerialRange] = ()
    remarks: Sequence[str] = ()


def render(transfer: Transfer, *, created: date, engine: Engine | None = None) -> bytes:
    """The slip as PDF/A, A4 portrait, once for either side.

    ``created`` is the day (or moment) of printing. Raises Refusal for a character that no font
    has; ValueError for a slip without lines.
    """
    engine = engine or default_engine()
    if not transfer.lines:
        raise ValueError("a slip needs at least one line")
    require_printable(
        [
            ("移交单编号", transfer.number),
            ("移交单位", transfer.giving),
            ("接收单位", transfer.taking),
            ("经办人", transfer.giver),
            ("送件人", transfer.carrier),
            ("签收人", transfer.taker),
            *(("登记表编号", item) for item in transfer.registers),
            *(("备注", item) for item in transfer.remarks),
        ],
        engine.fonts,
    )
    total = sum(count(line.serials) for line in transfer.lines)
    name = "已盖钢印证书退回单" if transfer.back else "送盖钢印移交单"
    received = total - count(transfer.missing) + count(transfer.surplus)
    data = {
        "name": name,
        "number": transfer.number,
        "day": chinese_date(transfer.day),
        "back": transfer.back,
        "giving": transfer.giving,
        "taking": transfer.taking,
        "registers": list(transfer.registers),
        "giver": transfer.giver,
        "carrier": transfer.carrier,
        "taker": transfer.taker,
        "code": qr.encode(transfer.number).for_typst(),
        "copies": [f"第一联　{transfer.giving}存查", f"第二联　{transfer.taking}存查"],
        "foot": "移交单编号",
        "lines": [
            {
                "grade": line.grade,
                "count": count(line.serials),
                "words": formal_number(count(line.serials)),
                "ranges": [str(item) for item in line.serials],
            }
            for line in transfer.lines
        ],
        "total": total,
        "words": formal_number(total),
        "received": received,
        "received_words": formal_number(received),
        "differences": [
            {"what": what, "count": count(found), "ranges": [str(item) for item in found]}
            for what, found in (
                ("缺少", transfer.missing),
                ("多出", transfer.surplus),
                ("未盖钢印", transfer.unembossed),
            )
            if found
        ],
        "remarks": list(transfer.remarks),
    }
    return engine.render("transfer_slip", data, title=f"{name} {transfer.number}", created=created)
