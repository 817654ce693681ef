"""Which source answers, and what counts as a conflict between sources (N7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from itertools import combinations


def _(text: str) -> str:
    """Marks a text for the translation that pages make; here there is none."""
    return text


class Standing(StrEnum):
    """How a certificate stands today: all that the check of a QR code learns online."""

    VALID = "valid"
    VOID = "void"
    REPLACED = "replaced"
    LOST = "lost"
    UNKNOWN = "unknown"


# Whoever asks for such a certificate has seen one that shouldn't be about.
GONE = frozenset({Standing.VOID, Standing.REPLACED, Standing.LOST})

STANDINGS: Mapping[Standing, str] = {
    Standing.VALID: _("现在有效"),
    Standing.VOID: _("已作废"),
    Standing.REPLACED: _("已作废：已补办或换发，以新证书为准"),
    Standing.LOST: _("已报失"),
    Standing.UNKNOWN: _("没有查到：尚未发放，或不在证书库中。"),
}


class Source(IntEnum):
    """Where a record comes from; the lowest number answers first (N7)."""

    CORRECTION = 1  # 换发: a completed correction
    REPLACEMENT = 2  # 补办: says what the certificate that it replaced said
    REGISTER = 3  # 登记表
    SYSTEM = 4  # 线上系统生成
    SELF_ISSUED = 5  # 自主评审单位自行发放: no unified certificate, so behind all of these (N16)
    LEGACY = 6  # 历史数据
    PAPER = 7  # an old certificate known only because it was reported lost or replaced


SOURCE_LABELS: Mapping[Source, str] = {
    Source.CORRECTION: _("换发更正"),
    Source.REPLACEMENT: _("补办"),
    Source.REGISTER: _("登记表"),
    Source.SYSTEM: _("评审系统生成"),
    Source.SELF_ISSUED: _("自主评审单位自行发放（单位报送，非全市统一证书）"),
    Source.LEGACY: _("历史证书数据"),
    Source.PAPER: _("补办换发申请（纸质证书）"),
}


@dataclass(frozen=True)
class Record:
    """What one source says of one certificate. ``person`` is the blind index of the ID number.

    ``standing`` is never UNKNOWN; REPLACED says that a successor exists, not which.
    ``month_only``: the day of ``approval_date`` isn't known. ``document_date`` is an old record's
    发证时间. ``disputed``: the office decided that this record, which can't be changed, is wrong.
    ``apart``: one of two certificates that bear one number, by decision.
    """

    source: Source
    number: str
    name: str
    person: bytes
    id_number_masked: str
    specialty: str
    qualification: str
    approval_date: date
    document_number: str
    issuing_unit: str = ""
    approving_department: str = ""
    work_unit: str = ""
    sex: str = ""
    grade: str = ""
    issued_on: date | None = None
    standing: Standing = Standing.VALID
    month_only: bool = False
    document_date: date | None = None
    self_managed: bool = False
    disputed: bool = False
    apart: bool = False

    @property
    def certificate(self) -> tuple[str, str]:
        """Which certificate it tells of.

        Unified certificates have one series of numbers; each self-managed unit has its own, so
        one number in two units is two certificates.
        """
        own = self.issuing_unit if self.source is Source.SELF_ISSUED else ""
        return self.number, own


COMPARED: Mapping[str, str] = {
    "name": "姓名",
    "person": "身份证号码",
    "specialty": "专业名称",
    "qualification": "资格名称",
    "approval_date": "批准时间",
    "document_number": "批准文号",
    "document_date": "发证时间",
}


@dataclass(frozen=True)
class Disagreement:
    """Two sources that disagree about one certificate: a person decides, never the product."""

    number: str
    fields: tuple[str, ...]
    first: Record
    second: Record


def differences(first: Record, second: Record) -> tuple[str, ...]:
    """Keys of ``COMPARED`` that both sources state, and differently.

    What a source doesn't say is no disagreement; where one knows the month alone, the months are
    compared. The database's ``source_differences`` is this rule for millions of records.
    """
    return tuple(key for key in COMPARED if _differ(key, first, second))


def _differ(key: str, first: Record, second: Record) -> bool:
    one, other = getattr(first, key), getattr(second, key)
    if one == other or one in ("", None) or other in ("", None):
        return False
    if key == "approval_date" and (first.month_only or second.month_only):
        return (one.year, one.month) != (other.year, other.month)
    return True


def answer(records: Sequence[Record]) -> list[Record]:
    """One record per certificate number: the best source's, whole; sources are never mixed.

    Of two old records the one that knows the day comes first. Two certificates with one number, by
    decision, are two. Those in force come first.
    """
    best: dict[tuple[str, str, bytes], Record] = {}
    ranked = sorted(records, key=lambda item: (item.source, item.number, item.month_only))
    for record in ranked:
        best.setdefault((*record.certificate, record.person if record.apart else b""), record)
    return sorted(
        best.values(),
        key=lambda record: (
            record.standing is not Standing.VALID,
            record.approval_date,
            record.number,
        ),
    )


def fitting(records: Sequence[Record], name: str, person: bytes | None = None) -> list[Record]:
    """The answer to whoever gave this name, and this person's ID number where one was given."""
    return [
        record
        for record in answer(records)
        if record.name == name and person in (None, record.person)
    ]


def conflicts(records: Sequence[Record]) -> list[Disagreement]:
    """Every two records that say different things of the same certificate number."""
    found = []
    by_number: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_number.setdefault(record.certificate, []).append(record)
    for (number, _unit), same in sorted(by_number.items()):
        same.sort(key=lambda record: record.source)
        for first, second in combinations(same, 2):
            fields = differences(first, second)
            if fields:
                found.append(Disagreement(number, fields, first, second))
    return found
