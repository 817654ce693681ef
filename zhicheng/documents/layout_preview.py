"""A layout as it prints, for the screen: made-up people in it, and what doesn't fit named.

The same rendering as the printing's; only that a text that doesn't fit is set as small as it
takes and reported, where printing would refuse.
"""

import io
from dataclasses import dataclass, replace
from datetime import date

from zhicheng.documents import certificate_sheet, qr, samples
from zhicheng.documents.certificate_sheet import MIN_MODULE, CertificateData
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import fit
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.layout import Field, Layout
from zhicheng.documents.wording import chinese_date
from zhicheng.values.serials import format_serial

DAY = date(2026, 1, 1)
NOTICED = 0.75  # of its size: a text that shrinks below that is worth a word
SAMPLES = ("plain", "long", "rare", "longest")
_CODE = "https://zhicheng.example.cn/v/#" + "SAMPLE0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 7


@dataclass(frozen=True)
class Problem:
    """What is to be said about one place of the layout; an ``error`` would stop the printing."""

    place: str
    severity: str
    message: str


@dataclass(frozen=True)
class Preview:
    """A picture (PNG, see-through where nothing is printed unless the blank is drawn)."""

    png: bytes
    problems: tuple[Problem, ...]


def sample(grade: str, kind: str) -> CertificateData:
    """A made-up certificate of one of the ``SAMPLES``."""
    plain = replace(samples.sample_certificates(1, grade)[0], verification=_CODE)
    plain = replace(plain, name="欧阳娜娜", work_unit=samples.UNITS[0])
    if kind == "long":
        return replace(
            plain,
            name="古丽巴哈尔·阿卜杜热合曼·买买提依明",
            work_unit=samples.LONG_UNIT,
            specialty="临床医学（心血管内科、呼吸内科、消化内科）",
            approving_department="重庆市綦江区人力资源和社会保障局（职称改革领导小组办公室）",
            issuing_unit="重庆市水利电力建筑勘测设计研究院有限公司綦江分公司",
        )
    if kind == "rare":
        return replace(plain, name="䶮𬭸𠮷㛃", work_unit="重庆市綦江区石壕镇卫生院（㵲阳分院）")
    if kind == "longest":
        return replace(
            plain,
            name=samples.LONG_NAME,
            number="渝2026" + "9" * 30,
            work_unit=samples.LONG_UNIT * 2,
            specialty="建筑材料与检测技术（混凝土、钢结构、地基基础与地下工程）",
            approving_department=samples.LONG_UNIT,
            issuing_unit=samples.LONG_UNIT,
        )
    return plain


def samples_that_fit(layout: Layout, *, engine: Engine | None = None) -> list[CertificateData]:
    """The samples that the layout prints whole; the plain one whatever comes of it."""
    engine = engine or default_engine()
    every = [sample(layout.grade, kind) for kind in SAMPLES]
    return every[:1] + [
        item
        for item in every[1:]
        if all(_set(field, _text(item, field.name), engine) is not None for field in layout.fields)
    ]


def preview(
    layout: Layout,
    certificate: CertificateData,
    *,
    blank: bool,
    dpi: int = 150,
    engine: Engine | None = None,
) -> Preview:
    """The certificate on the layout; ``blank`` draws a made-up blank beneath."""
    engine = engine or default_engine()
    shown = [("标题", layout.title), *((f"“{f.label}”", f.label) for f in layout.fields)]
    require_printable([*shown, *(("标注", mark.text) for mark in layout.marks)], engine.fonts)
    problems: list[Problem] = []
    fields = []
    empty: dict[str, str] = {}
    for field in layout.fields:
        text = _text(certificate, field.name)
        fields.append(field)
        told = _fits(field, text, engine)
        if told is None:
            continue
        problems.append(told)
        if told.severity == "error":
            fields[-1] = replace(field, min_size=1.0)
            if not _set(fields[-1], text, engine):
                empty[field.name] = ""
    side = qr.encode_for_certificate(certificate.verification).modules
    if layout.qr[2] / side < MIN_MODULE:
        problems.append(Problem("qr", "error", "二维码太小，印出后难以扫描。"))
        empty["verification"] = ""
    pdf = certificate_sheet.render(
        [replace(certificate, **empty)],  # type: ignore[arg-type]
        replace(layout, fields=tuple(fields)),
        created=DAY,
        preview=blank,
        engine=engine,
    )
    return Preview(_png(pdf, dpi), tuple(problems))


def _text(certificate: CertificateData, name: str) -> str:
    if name == "approval_date":
        return chinese_date(certificate.approval_date)
    if name == "blank_serial":
        return format_serial(certificate.blank_serial)
    return str(getattr(certificate, name))


def _set(field: Field, text: str, engine: Engine) -> tuple[float, int] | None:
    fitted = fit(
        text,
        width=field.width,
        height=field.height,
        size=field.size,
        min_size=field.min_size,
        fonts=engine.fonts,
        shrink=field.fit == "shrink",
    )
    return (fitted.size, len(fitted.lines)) if fitted else None


def _fits(field: Field, text: str, engine: Engine) -> Problem | None:
    if not text:
        return None
    found = _set(field, text, engine)
    if found is None:
        return Problem(
            field.name,
            "error",
            f"{len(text)} 个字容纳不下（最小字号 {field.min_size:g} 磅），打印时会被拒绝。",
        )
    size, lines = found
    if size < field.size * NOTICED:
        return Problem(field.name, "warning", f"{len(text)} 个字缩到 {size:g} 磅、{lines} 行。")
    return None


def _png(pdf: bytes, dpi: int) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(
            scale=dpi / 72, fill_color=(255, 255, 255, 0), prefer_bgrx=True, maybe_alpha=True
        )
        made = io.BytesIO()
        picture.to_pil().save(made, "PNG", compress_level=1)
    finally:
        document.close()
    return made.getvalue()
