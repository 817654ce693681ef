"""How a certificate and its standing are shown, the same on every public page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhicheng.reference.models import Grade
from zhicheng.verification.rules import SOURCE_LABELS, Record, Source, Standing


@dataclass(frozen=True)
class Told:
    """A standing for people: a word, a tone, a picture, and what it means."""

    standing: Standing
    word: str
    tone: str
    icon: str
    meaning: str


_TOLD: Mapping[Standing, tuple[Promise, str, str, Promise]] = {
    Standing.VALID: (
        _("有效"), "good", "circle-check", _("证书已经发放，没有报失、作废或被替换。"),
    ),
    Standing.LOST: (
        _("已报失"), "wait", "alert-triangle",
        _("持证人已报告证书遗失。出示这本证书的，请核对本人身份。"),
    ),
    Standing.VOID: (_("已作废"), "bad", "circle-x", _("证书不再有效，请不要采信。")),
    Standing.REPLACED: (
        _("已作废：已补办或换发，以新证书为准"), "bad", "recycle",
        _("请持证人出示新证书，用新证书编号查询。"),
    ),
    Standing.UNKNOWN: (
        _("现在没有查到"), "wait", "alert-triangle",
        _("证书库中现在没有内容一致的证书，请向发放单位核实。"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A certificate on a page."""

    record: Record
    grade: str
    source: str
    told: Told

    @property
    def unified(self) -> bool:
        """Whether it is a certificate of the city's, not a unit's own (N16)."""
        return self.record.source is not Source.SELF_ISSUED

    @property
    def approved(self) -> str:
        """When the qualification was approved; an old record may know the month alone."""
        day = self.record.approval_date
        return f"{day.year}年{day.month}月" if self.record.month_only else _day(day)

    @property
    def documented(self) -> str:
        """An old record's 发证时间."""
        return _day(self.record.document_date)

    @property
    def issued(self) -> str:
        """When it was issued."""
        return _day(self.record.issued_on)


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def told(standing: Standing) -> Told:
    """The standing in the reader's language."""
    word, tone, icon, meaning = _TOLD[standing]
    return Told(standing, str(word), tone, icon, str(meaning))


def display(record: Record) -> Shown:
    """The certificate with its words in the reader's language."""
    grade = dict(Grade.choices).get(record.grade, "")
    words = told(record.standing)
    if record.source is Source.SELF_ISSUED and record.standing is Standing.VALID:
        words = _of_its_unit()
    return Shown(record, str(grade), gettext(SOURCE_LABELS[record.source]), words)


def _of_its_unit() -> Told:
    return Told(
        Standing.VALID,
        gettext("有效：由单位自行发放"),
        "own",
        "building",
        gettext("自主评审单位自行印制发放，由该单位负责；不是全市统一的职称证书。"),
    )
