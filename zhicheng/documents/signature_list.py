"""领取签收表: who is to sign for which certificate; after the issue, when and by whom (N8, N18)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import stack_height, wrap
from zhicheng.documents.fonts import FontChain, require_printable

# Column, heading, width in mm: 277 mm together, A4 landscape less 10 mm on either side.
COLUMNS: tuple[tuple[str, str, float], ...] = (
    ("position", "序号", 11),
    ("number", "证书编号", 36),
    ("name", "姓名", 42),
    ("id_number", "身份证号码", 40),
    ("qualification", "资格名称", 34),
    ("signature", "领取人签名", 46),
    ("agent", "代领人", 42),
    ("day", "日期", 26),
)
TEXT_SIZE = 9.5  # points
CELL_INSET = 1.2  # mm
ROW_HEIGHT = 10.5  # mm: room to sign
MAX_ROWS = 20_000


@dataclass(frozen=True)
class SignatureRow:
    """One line: ``agent`` and ``day`` are empty before the issue, ``id_number`` is masked."""

    position: str
    number: str
    name: str
    id_number: str
    qualification: str
    agent: str = ""
    day: str = ""


@dataclass(frozen=True)
class SignatureList:
    """The list of one register."""

    unit: str
    register: str
    reporting_unit: str
    rows: Sequence[SignatureRow]

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits over everything that is printed in the lines."""
        text = json.dumps(
            [self.register, [astuple(row) for row in self.rows]],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def code(self) -> str:
        """The text of the QR code: the register and the digest."""
        return f"ZC-LQ/{self.register}/{self.digest}"


def render(signatures: SignatureList, *, created: date, engine: Engine | None = None) -> bytes:
    """The list as PDF/A, A4 landscape, its code and digest on every page.

    ``created`` is the day (or moment) of printing. Raises Refusal for a character that no font
    has; ValueError for an empty list or one that is too long.
    """
    engine = engine or default_engine()
    if not 0 < len(signatures.rows) <= MAX_ROWS:
        raise ValueError(f"a list has 1 to {MAX_ROWS} lines")
    fonts = engine.fonts
    labels = {key: label for key, label, _ in COLUMNS}
    require_printable(
        [
            ("发放单位", signatures.unit),
            ("填报单位", signatures.reporting_unit),
            ("登记表编号", signatures.register),
            *(
                (f"序号 {row.position} 的“{labels[key]}”", getattr(row, key))
                for row in signatures.rows
                for key in ("number", "name", "id_number", "qualification", "agent")
            ),
        ],
        fonts,
    )
    issued = sum(1 for row in signatures.rows if row.day)
    data = {
        "unit": signatures.unit,
        "register": signatures.register,
        "reporting_unit": signatures.reporting_unit,
        "digest": signatures.digest,
        "code": qr.encode(signatures.code).for_typst(),
        "columns": [{"label": label, "width": width} for _, label, width in COLUMNS],
        "text_size": TEXT_SIZE,
        "rows": [_row(row, fonts) for row in signatures.rows],
        "people": len(signatures.rows),
        "issued": issued,
    }
    return engine.render(
        "signature_list", data, title=f"职称证书领取签收表 {signatures.register}", created=created
    )


def _row(row: SignatureRow, fonts: FontChain) -> dict[str, object]:
    cells = [
        wrap(getattr(row, key, ""), (width - 2 * CELL_INSET) / TEXT_SIZE * 72 / 25.4, fonts)
        for key, _, width in COLUMNS
    ]
    most = max(len(lines) for lines in cells)
    height = max(ROW_HEIGHT, stack_height(most, TEXT_SIZE) + 2 * CELL_INSET)
    return {"height": height, "cells": cells}
