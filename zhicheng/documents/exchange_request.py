"""换取申请单: the spoiled blanks that a unit brings for as many new ones (N9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date, formal_number
from zhicheng.values.serials import SerialRange

COPIES = ("第一联　市职称改革办公室存查", "第二联　申请单位存查")


@dataclass(frozen=True)
class SpoiledItem:
    """One spoiled blank: its serial, the certificate that was to lie on it, and why."""

    serial: str
    certificate: str
    reason: str
    note: str = ""


@dataclass(frozen=True)
class ExchangeRequest:
    """What a unit asks for; ``given`` are the new serials once they are handed out."""

    number: str
    day: date
    unit: str
    office: str
    register: str
    grade: str
    items: Sequence[SpoiledItem]
    requested_by: str = ""
    exchanged_by: str = ""
    given: Sequence[SerialRange] = ()
    code: str = ""


def render(
    request: ExchangeRequest,
    *,
    created: date,
    copies: Sequence[str] = COPIES,
    engine: Engine | None = None,
) -> bytes:
    """The request as PDF/A, A4 portrait, once for each of ``copies``.

    Raises Refusal for a character that no font has; ValueError for a request of nothing.
    """
    engine = engine or default_engine()
    if not request.items:
        raise ValueError("a request needs at least one spoiled blank")
    require_printable(
        [
            ("申请单编号", request.number),
            ("申请单位", request.unit),
            ("受理单位", request.office),
            ("登记表编号", request.register),
            ("经办人", request.requested_by),
            ("经办人", request.exchanged_by),
            *(("证书编号", item.certificate) for item in request.items),
            *(("废旧原因", item.reason) for item in request.items),
            *(("说明", item.note) for item in request.items),
        ],
        engine.fonts,
    )
    data = {
        "number": request.number,
        "day": chinese_date(request.day),
        "unit": request.unit,
        "office": request.office,
        "register": request.register,
        "grade": request.grade,
        "count": len(request.items),
        "words": formal_number(len(request.items)),
        "items": [
            {
                "serial": item.serial,
                "certificate": item.certificate,
                "reason": item.reason,
                "note": item.note,
            }
            for item in request.items
        ],
        "given": [str(item) for item in request.given],
        "requested_by": request.requested_by,
        "exchanged_by": request.exchanged_by,
        "code": qr.encode(request.code).for_typst() if request.code else None,
        "copies": list(copies),
        "foot": "申请单编号",
    }
    return engine.render(
        "exchange_request", data, title=f"废旧职称证书换取申请单 {request.number}", created=created
    )
