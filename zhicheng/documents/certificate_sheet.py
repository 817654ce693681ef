"""The overprint of a batch of certificates: one page per blank, in the order of serials (N8).

The blank is pre-printed; a page holds the data alone, each at its place in the layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from zhicheng.documents import qr
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.engine import MAX_PAGES, Engine, default_engine
from zhicheng.documents.fitting import fit
from zhicheng.documents.fonts import FontChain, require_printable
from zhicheng.documents.layout import FIELDS, Field, Layout
from zhicheng.documents.wording import chinese_date
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial

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
    engine = engine or default_engine()
    require_on_the_page(layout, calibration)
    ordered = in_serial_order(certificates)
    if not 0 < len(ordered) <= MAX_PAGES:
        raise ValueError(f"a batch has 1 to {MAX_PAGES} certificates, got {len(ordered)}")
    texts = [_texts(certificate) for certificate in ordered]
    require_printable(
        (
            (_place(certificate, name), text)
            for certificate, row in zip(ordered, texts, strict=True)
            for name, text in row.items()
        ),
        engine.fonts,
    )
    pages = []
    for certificate, row in zip(ordered, texts, strict=True):
        code = certificate.verification
        pages.append(
            {
                "fields": [
                    _fitted(certificate, field, row[field.name], engine.fonts)
                    for field in layout.fields
                ],
                "code": _code(certificate, layout).for_typst() if code else None,
                "photo": _photo(certificate, layout),
            }
        )
    first, last = ordered[0].blank_serial, ordered[-1].blank_serial
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
    )


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


def _code(certificate: CertificateData, layout: Layout) -> qr.QrCode:
    code = qr.encode_for_certificate(certificate.verification)
    module = layout.qr[2] / code.modules
    if module < MIN_MODULE:
        raise Refusal(
            "documents.qr_too_fine",
            f"空白证书 {format_serial(certificate.blank_serial)} 的二维码内容过长，"
            "印出后难以扫描，已停止打印。",
            found=f"每格 {module:.2f} 毫米",
            expected=f"每格不小于 {MIN_MODULE:g} 毫米",
            mend="请在套打版式中放大二维码的位置。",
        )
    return code


def _photo(certificate: CertificateData, layout: Layout) -> dict[str, Any] | None:
    if certificate.photo is None or layout.photo is None:
        return None
    kind = "png" if certificate.photo.startswith(b"\x89PNG") else "jpg"
    return {"kind": kind, "bytes": list(certificate.photo)}


def require_on_the_page(layout: Layout, calibration: Calibration) -> None:
    """Raises Refusal when the calibration pushes one of the layout's boxes off the page."""
    if calibration.neutral:
        return
    boxes = [(LABELS[f.name], f.x, f.y, f.width, f.height) for f in layout.fields]
    boxes.append(("二维码", *layout.qr[:2], layout.qr[2], layout.qr[2]))
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
