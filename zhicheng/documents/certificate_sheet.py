"""The overprint of a batch of certificates: one page per blank, in the order of serials (N8).

The blank is pre-printed; a page holds the data alone, each at its place in the layout.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from zhicheng.documents import qr
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.engine import MAX_PAGES, Engine, default_engine
from zhicheng.documents.fitting import fit
from zhicheng.documents.fonts import FontChain, require_printable
from zhicheng.documents.joining import Joined
from zhicheng.documents.layout import FIELDS, Field, Layout
from zhicheng.documents.wording import chinese_date
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial

PART = 500  # certificates that render_to compiles at a time
MIN_MODULE = 0.3  # mm: a finer code isn't read reliably from paper by phones

LABELS: Mapping[str, str] = {
    "name": "姓名",
    "sex": "性别",
    "id_number": "身份证号码",
    "work_unit": "工作单位",
    "number": "证书编号",
    "specialty": "专业名称",
    "qualification": "资格名称",
    "level": "级别",
    "approval_date": "批准时间",
    "document_number": "批准文号",
    "approving_department": "核准部门",
    "issuing_unit": "发证（办理）单位",
    "blank_serial": "空白证书编号",
}


@dataclass(frozen=True)
class CertificateData:
    """What stands on one certificate.

    ``id_number`` in clear, ``level`` as words (副高级), ``approval_date`` the day on which the
    committee passed the person, ``verification`` the text of the QR code (empty: none), ``photo``
    a PNG or JPEG for the layout's photo box.
    """

    blank_serial: int
    number: str
    name: str
    sex: str
    id_number: str
    work_unit: str
    specialty: str
    qualification: str
    level: str
    approval_date: date
    document_number: str
    approving_department: str
    issuing_unit: str
    verification: str
    photo: bytes | None = None


def in_serial_order(certificates: Sequence[CertificateData]) -> list[CertificateData]:
    """The certificates in the order of their pages; ValueError when a blank comes twice."""
    ordered = sorted(certificates, key=lambda certificate: certificate.blank_serial)
    for before, after in pairwise(ordered):
        if before.blank_serial == after.blank_serial:
            raise ValueError(f"blank {format_serial(after.blank_serial)} comes twice")
    return ordered


def render(
    certificates: Sequence[CertificateData],
    layout: Layout,
    *,
    created: date,
    preview: bool = False,
    calibration: Calibration = Calibration(),  # noqa: B008 - frozen
    engine: Engine | None = None,
) -> bytes:
    """The overprint as PDF/A, one page of the blank's size per certificate, by serial.

    ``created`` is the day (or moment) of filling in. ``preview`` draws a made-up blank beneath,
    marked 样张, for the screen. ``calibration`` moves and scales everything that is printed, as the
    printer needs it. Raises Refusal naming the blank and the field for a character that
    no font has or a text that doesn't fit its box, and for a box that the calibration pushes
    off the page; ValueError for no certificates, more than 20,000, or a blank that comes twice.
    """
    ordered = in_serial_order(certificates)
    if not 0 < len(ordered) <= MAX_PAGES:
        raise ValueError(f"a batch has 1 to {MAX_PAGES} certificates, got {len(ordered)}")
    return _render(ordered, layout, created, calibration, engine, preview=preview)


def _render(
    ordered: Sequence[CertificateData],
    layout: Layout,
    created: date,
    calibration: Calibration,
    engine: Engine | None,
    *,
    preview: bool = False,
    first: int = 0,
) -> bytes:
    """One compilation; ``first`` is the serial that the title begins with (0: its own)."""
    engine = engine or default_engine()
    require_on_the_page(layout, calibration)
    texts = [_texts(certificate) for certificate in ordered]
    require_printable(
        (
            (_place(certificate, name), text)
            for certificate, row in zip(ordered, texts, strict=True)
            for name, text in row.items()
        ),
        engine.fonts,
    )
    pictures = _Pictures()
    codes = _codes(ordered, layout)
    fitted: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}  # most values come again
    pages = [
        {
            "fields": [
                fitted.get((field.name, row[field.name]))
                or fitted.setdefault(
                    (field.name, row[field.name]),
                    _fitted(certificate, field, row[field.name], engine.fonts),
                )
                for field in layout.fields
            ],
            "code": pictures.place(code.pixels(), n=code.modules) if code else None,
            "photo": _photo(certificate, layout, pictures),
        }
        for certificate, row, code in zip(ordered, texts, codes, strict=True)
    ]
    first, last = first or ordered[0].blank_serial, ordered[-1].blank_serial
    return engine.render(
        "certificate_sheet",
        {
            "layout": _layout_data(layout),
            "preview": preview,
            "calibration": vars(calibration),
            "pages": pages,
        },
        title=f"{layout.title} {format_serial(first)}-{format_serial(last)}",
        created=created,
        pictures=bytes(pictures.content),
    )


def render_to(
    path: Path,
    certificates: Iterable[CertificateData],
    layout: Layout,
    *,
    created: date,
    calibration: Calibration = Calibration(),  # noqa: B008 - frozen
    engine: Engine | None = None,
    progress: Callable[[int], None] = lambda _pages: None,
) -> int:
    """The overprint of any number of certificates into one PDF/A at ``path``; gives its pages.

    ``certificates`` come by rising serial, as a database cursor gives them: five hundred at a
    time are in memory. ``progress`` is told the pages that are done. The same certificates give
    the same bytes; nothing is at ``path`` until all is done. Raises as ``render`` does, and
    ValueError when the serials don't rise.
    """
    first, before, part, waiting = 0, -1, 0, iter(certificates)
    with Joined(path) as joined:
        while chunk := list(islice(waiting, PART)):
            serials = [each.blank_serial for each in chunk]
            if any(one >= other for one, other in pairwise([before, *serials])):
                raise ValueError("the serials of the blanks don't rise")
            first, before = (first if part else serials[0]), serials[-1]
            # The last part's title is the whole file's, and nobody knows which is the last.
            pdf = _render(chunk, layout, created, calibration, engine, first=first)
            joined.add(pdf)
            part += 1
            progress(joined.pages)
        if not part:
            raise ValueError("a batch has at least one certificate")
    return joined.pages


class _Pictures:
    """Codes and photographs one behind the other, for the engine."""

    def __init__(self) -> None:
        self.content = bytearray()

    def place(self, content: bytes, **more: int | str) -> dict[str, Any]:
        """Adds it; says where it lies."""
        at = len(self.content)
        self.content += content
        return {"at": at, "size": len(content), **more}


def _texts(certificate: CertificateData) -> dict[str, str]:
    texts = {name: str(getattr(certificate, name)) for name in FIELDS}
    texts["approval_date"] = chinese_date(certificate.approval_date)
    texts["blank_serial"] = format_serial(certificate.blank_serial)
    return texts


def _fitted(
    certificate: CertificateData, field: Field, text: str, fonts: FontChain
) -> tuple[float, tuple[str, ...]]:
    fitted = fit(
        text,
        width=field.width,
        height=field.height,
        size=field.size,
        min_size=field.min_size,
        fonts=fonts,
        shrink=field.fit == "shrink",
    )
    if fitted is None:
        raise Refusal(
            "documents.too_long",
            f"{_place(certificate, field.name)}过长，证书上的位置容纳不下，已停止打印。",
            found=f"{len(text)} 个字",
            expected=f"宽 {field.width:g} 毫米、高 {field.height:g} 毫米，"
            f"字号不小于 {field.min_size:g} 磅",
            mend="请核对该栏内容，或在套打版式中放宽该栏。",
        )
    return fitted.size, fitted.lines


def _codes(certificates: Sequence[CertificateData], layout: Layout) -> list[qr.QrCode | None]:
    """The codes of those that have one, all made together."""
    codes: list[qr.QrCode | None] = [None] * len(certificates)
    coded = [index for index, each in enumerate(certificates) if each.verification]
    made = qr.encode_for_certificates([certificates[index].verification for index in coded])
    for index, code in zip(coded, made, strict=True):
        module = layout.qr[2] / code.modules
        if module < MIN_MODULE:
            serial = format_serial(certificates[index].blank_serial)
            raise Refusal(
                "documents.qr_too_fine",
                f"空白证书 {serial} 的二维码内容过长，印出后难以扫描，已停止打印。",
                found=f"每格 {module:.2f} 毫米",
                expected=f"每格不小于 {MIN_MODULE:g} 毫米",
                mend="请在套打版式中放大二维码的位置。",
            )
        codes[index] = code
    return codes


def _photo(
    certificate: CertificateData, layout: Layout, pictures: _Pictures
) -> dict[str, Any] | None:
    if certificate.photo is None or layout.photo is None:
        return None
    kind = "png" if certificate.photo.startswith(b"\x89PNG") else "jpg"
    return pictures.place(certificate.photo, kind=kind)


def require_on_the_page(layout: Layout, calibration: Calibration) -> None:
    """Raises Refusal when the calibration pushes one of the layout's boxes off the page."""
    if calibration.neutral:
        return
    boxes = [(LABELS[f.name], f.x, f.y, f.width, f.height) for f in layout.fields]
    boxes.append(("二维码", *layout.qr[:2], layout.qr[2], layout.qr[2]))
    if layout.photo is not None:
        boxes.append(("照片", *layout.photo))
    for label, x, y, width, height in boxes:
        left, top = calibration.place(x, y)
        right, bottom = calibration.place(x + width, y + height)
        if left < 0 or top < 0 or right > layout.width or bottom > layout.height:
            raise Refusal(
                "documents.off_the_page",
                f"按这台打印机的校准，“{label}”会印到页面以外，已停止打印。",
                found=f"左 {left:.1f}、上 {top:.1f}、右 {right:.1f}、下 {bottom:.1f} 毫米",
                expected=f"在 {layout.width:g} × {layout.height:g} 毫米以内",
                mend="请调整纸盒挡板后重新校准，或在版式中把该栏移离边缘。",
            )


def _place(certificate: CertificateData, name: str) -> str:
    return f"空白证书 {format_serial(certificate.blank_serial)} 的“{LABELS[name]}”"


def _layout_data(layout: Layout) -> dict[str, Any]:
    return {
        "grade": layout.grade,
        "title": layout.title,
        "width": layout.width,
        "height": layout.height,
        "qr": list(layout.qr),
        "fields": [vars(field) for field in layout.fields],
        "marks": [vars(mark) for mark in layout.marks],
        "photo": list(layout.photo) if layout.photo else None,
    }
