"""附件2, the application for replacement or renewal on paper, to the letter (A2, N10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import fit
from zhicheng.documents.fonts import FontChain, require_printable
from zhicheng.values.refusal import Refusal

COPIES = ("第一份", "第二份")  # 一式两份

# The last five boxes of the form, in its order and with its own line breaks.
OPINIONS: tuple[tuple[str, ...], ...] = (
    ("工作单位", "意见"),
    ("区县人才机构或", "区县主管部门意见"),
    ("区县职改办或", "市级主管部门意见"),
    ("资格核准", "部门意见"),
)

# Field, label, width and height in mm of the place for its value.
_FIELDS: tuple[tuple[str, str, float, float], ...] = (
    ("name", "姓　名", 34, 10),
    ("sex", "性别", 14, 10),
    ("birth", "出生年月", 51, 10),
    ("id_number", "身份证号码", 51, 9),
    ("telephone", "联系电话", 51, 9),
    ("newspaper", "遗失登报报纸名称及时间", 51, 10),
    ("old_number", "原证书编号", 51, 9),
    ("new_number", "新证书编号", 51, 9),
    ("specialty", "专业名称", 51, 10),
    ("qualification", "资格名称", 51, 10),
    ("approval_date", "批准时间", 51, 9),
    ("document_number", "批准文号", 51, 10),
)
_SIZE, _SMALLEST = 11.0, 5.5
_BOX = (130.0, 19.0)  # mm for the words of an opinion, above who gave it and when


@dataclass(frozen=True)
class Opinion:
    """What stands in one of the four boxes.

    ``skipped`` says why this level doesn't exist on the holder's path; then the rest is empty.
    """

    text: str = ""
    organization: str = ""
    by: str = ""
    day: date | None = None
    skipped: str = ""


@dataclass(frozen=True)
class Correction:
    """A corrected field of a renewal (N14)."""

    field: str
    old: str
    new: str
    evidence: str = ""


@dataclass(frozen=True)
class ReissueForm:
    """The form's values as they shall stand on paper; empty ones are filled in by hand.

    ``number`` is the receipt number and ``code`` the text of the QR code, both outside the form.
    ``applied`` is the day beside the applicant's signature, ``opinions`` the four boxes in order.
    """

    name: str = ""
    sex: str = ""
    birth: str = ""
    id_number: str = ""
    telephone: str = ""
    replacement: bool = False
    renewal: bool = False
    newspaper: str = ""
    old_number: str = ""
    new_number: str = ""
    specialty: str = ""
    qualification: str = ""
    approval_date: str = ""
    document_number: str = ""
    applied: date | None = None
    opinions: Sequence[Opinion] = ()
    corrections: Sequence[Correction] = ()
    number: str = ""
    code: str = ""
    remark: str = ""


def render(
    form: ReissueForm,
    *,
    created: date,
    copies: Sequence[str] = COPIES,
    engine: Engine | None = None,
) -> bytes:
    """附件2 as PDF/A, A4 portrait, once for each of ``copies``; without values the empty form.

    A renewal's corrected fields follow each copy as an attached list. Raises Refusal for a
    character that no font has and for a value that doesn't fit its box.
    """
    engine = engine or default_engine()
    fonts = engine.fonts
    if form.opinions and len(form.opinions) != len(OPINIONS):
        raise ValueError(f"the form has {len(OPINIONS)} opinions, got {len(form.opinions)}")
    require_printable([("受理编号", form.number), ("备注", form.remark)], fonts)
    given = form.opinions or tuple(Opinion() for _ in OPINIONS)
    data = {
        "fields": {
            key: _fitted(label, getattr(form, key), width, height, _SIZE, fonts)
            for key, label, width, height in _FIELDS
        },
        "replacement": form.replacement,
        "renewal": form.renewal,
        "applied": _day(form.applied),
        "opinions": [
            _opinion(label, opinion, fonts) for label, opinion in zip(OPINIONS, given, strict=True)
        ],
        "corrections": [_correction(item, fonts) for item in form.corrections],
        "number": form.number,
        "remark": form.remark,
        "code": qr.encode(form.code).for_typst() if form.code else None,
        "copies": list(copies),
    }
    title = f"职称证书补办（换发）申请表 {form.number}".strip()
    return engine.render("reissue_form", data, title=title, created=created)


def _day(day: date | None) -> list[str] | None:
    return [str(day.year), str(day.month), str(day.day)] if day else None


def _opinion(label: tuple[str, ...], opinion: Opinion, fonts: FontChain) -> dict[str, object]:
    where = "".join(label)
    words = f"（不经此环节：{opinion.skipped}）" if opinion.skipped else opinion.text
    require_printable(
        [(f"“{where}”的意见人", opinion.by), (f"“{where}”的单位", opinion.organization)], fonts
    )
    who = "　".join(item for item in (opinion.organization, opinion.by) if item)
    return {
        "label": list(label),
        "words": _fitted(where, words, *_BOX, _SIZE, fonts),
        "who": _fitted(where, who, 90, 5, 9.5, fonts),
        "day": _day(opinion.day),
        "skipped": bool(opinion.skipped),
    }


def _correction(item: Correction, fonts: FontChain) -> list[dict[str, object]]:
    places = (
        ("更正项目", item.field, 24),
        ("原内容", item.old, 42),
        ("更正后内容", item.new, 42),
        ("佐证材料", item.evidence, 44),
    )
    return [_fitted(label, text, width - 4, 60, 10, fonts) for label, text, width in places]


def _fitted(
    label: str, text: str, width: float, height: float, size: float, fonts: FontChain
) -> dict[str, object]:
    require_printable([(f"“{label}”", text)], fonts)
    found = fit(
        text,
        width=width,
        height=height,
        size=size,
        min_size=_SMALLEST,
        fonts=fonts,
        shrink=True,
    )
    if found is None:
        raise Refusal(
            "documents.too_long",
            f"“{label}”的内容过长，申请表容纳不下。",
            clause="A2",
            found=f"{len(text)} 个字",
            mend="请改短后再打印。",
        )
    return {"size": found.size, "lines": found.lines}
