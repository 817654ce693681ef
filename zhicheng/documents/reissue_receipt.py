"""受理回执: what an applicant for replacement or renewal handed in and what is missing (N10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import POINT, wrap
from zhicheng.documents.fonts import FontChain, require_printable
from zhicheng.documents.wording import chinese_date

_SIZE = 10.0  # points


@dataclass(frozen=True)
class HandedIn:
    """A file that came: what it proves, its name, its size in words, the start of its digest."""

    kind: str
    name: str
    size: str
    digest: str


@dataclass(frozen=True)
class Missing:
    """A paper that is still needed, and the clause that asks for it."""

    what: str
    clause: str = ""


@dataclass(frozen=True)
class Receipt:
    """The slip; ``id_number_masked`` is all that it shows of the number.

    ``unit`` is who deals with the application, ``address`` the page of progress, ``code`` the
    text of the QR code that leads there.
    """

    number: str
    day: date
    kind: str
    name: str
    id_number_masked: str
    old_number: str
    unit: str
    handed_in: Sequence[HandedIn] = ()
    missing: Sequence[Missing] = ()
    address: str = ""
    code: str = ""


def render(receipt: Receipt, *, created: date, engine: Engine | None = None) -> bytes:
    """The slip as PDF/A, A4 portrait. Raises Refusal for a character that no font has."""
    engine = engine or default_engine()
    fonts = engine.fonts
    require_printable(
        [
            ("受理编号", receipt.number),
            ("申请人姓名", receipt.name),
            ("原证书编号", receipt.old_number),
            ("受理单位", receipt.unit),
            *(("已交材料", f"{item.kind}{item.name}") for item in receipt.handed_in),
            *(("待补材料", item.what) for item in receipt.missing),
        ],
        fonts,
    )
    data = {
        "number": receipt.number,
        "day": chinese_date(receipt.day),
        "kind": receipt.kind,
        "name": receipt.name,
        "id_number": receipt.id_number_masked,
        "old_number": receipt.old_number,
        "unit": receipt.unit,
        "handed_in": [
            _broken(
                (item.kind, 44), (item.name, 48), (item.size, 16), (item.digest, 34), fonts=fonts
            )
            for item in receipt.handed_in
        ],
        "missing": [
            _broken((item.what, 96), (item.clause, 54), fonts=fonts) for item in receipt.missing
        ],
        "address": receipt.address,
        "code": qr.encode(receipt.code).for_typst() if receipt.code else None,
        "copies": ["申请人留存"],
        "foot": "受理编号",
    }
    title = f"职称证书补办（换发）受理回执 {receipt.number}"
    return engine.render("reissue_receipt", data, title=title, created=created)


def _broken(*cells: tuple[str, float], fonts: FontChain) -> list[tuple[str, ...]]:
    """Texts of a row, broken to their columns' widths in mm: names have no place to break."""
    return [wrap(text, width / (_SIZE * POINT), fonts) for text, width in cells]
