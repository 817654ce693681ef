"""职称证书核验报告: what the public query says of a certificate, with a code that checks it."""

from dataclasses import dataclass
from datetime import date, datetime

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import POINT, wrap
from zhicheng.documents.fonts import require_printable

_SIZE = 11.0  # points, as the template sets values
_NARROW, _WIDE = 52.0, 136.0  # mm of room in a cell of one and of three columns
TITLE = "职称证书核验报告"


@dataclass(frozen=True)
class VerificationReport:
    """The paper; texts that aren't known are empty. ``id_number_masked`` is all of the number.

    ``code`` comes in groups; ``link`` is the text of the QR code, ``address`` the page that asks
    for the code. ``renewals`` counts how often the term was moved.
    """

    office: str
    code: str
    link: str
    address: str
    made_at: datetime
    begins_on: date
    ends_on: date
    renewals: int
    name: str
    sex: str
    id_number_masked: str
    qualification: str
    grade: str
    specialty: str
    number: str
    approval_date: date
    document_number: str
    approving_department: str
    issuing_unit: str
    issued_on: date | None
    source: str
    standing: str


def render(report: VerificationReport, *, created: date, engine: Engine | None = None) -> bytes:
    """The report as PDF/A, A4 portrait, tagged for screen readers; the same for the same data.

    Raises Refusal for a character that no font has.
    """
    engine = engine or default_engine()
    rows = _rows(report)
    require_printable(
        [(label, text) for row in rows for label, text in zip(row[::2], row[1::2], strict=True)],
        engine.fonts,
    )
    data = {
        "office": report.office,
        "rows": [
            [
                [row[at], wrap(row[at + 1], _room(row) / (_SIZE * POINT), engine.fonts)]
                for at in range(0, len(row), 2)
            ]
            for row in rows
        ],
        "code": report.code,
        "qr": qr.encode(report.link).for_typst(),
        "address": report.address,
        "made": f"{_day(report.made_at)} {report.made_at:%H:%M}",
        "day": _day(report.made_at),
        "begins": _day(report.begins_on),
        "ends": _day(report.ends_on),
        "renewals": report.renewals,
    }
    return engine.render("verification_report", data, title=TITLE, created=created, tagged=True)


def _rows(report: VerificationReport) -> list[tuple[str, ...]]:
    """Label and value, one or two of each in a line."""
    issued = _day(report.issued_on) if report.issued_on else ""
    rows: list[tuple[str, ...]] = [
        ("姓名", report.name, "性别", report.sex),
        ("身份证号码", report.id_number_masked),
        ("资格名称", report.qualification, "级别", report.grade),
        ("专业名称", report.specialty),
        ("证书编号", report.number),
        ("批准时间", _day(report.approval_date), "发证时间", issued),
        ("批准文号", report.document_number),
        ("资格核准部门", report.approving_department),
        ("发放单位", report.issuing_unit),
        ("数据来源", report.source, "证书状态", report.standing),
    ]
    # What an old ledger doesn't tell leaves no empty box.
    return [row for row in (_known(row) for row in rows) if row]


def _known(row: tuple[str, ...]) -> tuple[str, ...]:
    pairs = [pair for pair in zip(row[::2], row[1::2], strict=True) if pair[1]]
    return tuple(text for pair in pairs for text in pair)


def _room(row: tuple[str, ...]) -> float:
    return _NARROW if len(row) == 4 else _WIDE


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
