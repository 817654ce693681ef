"""The electronic certificate: one A4 page as PDF/A-3 with its data embedded as JSON (N17).

A template version never changes once a certificate was made by it: what this module computes and
what ``templates/electronic_certificate_<version>.typ`` sets belong together and stay as they are,
so that an old certificate is made again byte by byte. A new appearance is a new version.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhicheng.documents import qr
from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fitting import fit, stack_height
from zhicheng.documents.fonts import FontChain, require_printable
from zhicheng.documents.wording import chinese_date
from zhicheng.values.refusal import Refusal

VERSION = 1
EMBEDDED_NAME = "certificate.json"
TYPE_NAME = "职称证书"
_PAGE = (210.0, 297.0)
# The place for the seal, in mm from the page's top left corner: x, y, width, height.
_SEAL = (29.0, 209.0, 62.0, 33.0)
_QR = 34.0
_MIN_MODULE = 0.3
_SIZE, _MIN_SIZE = 13.0, 6.0
_ROW = 10.6
_HEIGHT = 9.2
_LABEL_WIDTH = 34.0
_LEFT, _RIGHT, _RIGHT_OF_PHOTO = 29.0, 181.0, 148.0
_ROWS_BESIDE_PHOTO = 4
_TITLES = {"senior": "高级", "intermediate": "中级", "junior": "初级"}


@dataclass(frozen=True)
class ElectronicCertificate:
    """What stands on one electronic certificate.

    ``id_number`` in clear, ``level`` as words (副高级); ``approval_date`` the committee's day,
    ``issued_on`` the approval document's, ``signed_on`` the day of signing; ``verification`` the
    text of the QR code; ``photo`` a JPEG, or none. ``demo`` says so in the place for the seal.
    """

    number: str
    name: str
    sex: str
    id_kind: str
    id_number: str
    id_number_masked: str
    work_unit: str
    specialty: str
    qualification: str
    level: str
    grade: str
    approval_date: date
    document_number: str
    issued_on: date
    signed_on: date
    approving_department: str
    issuing_unit: str
    issuing_code: str
    verification: str
    demo: bool
    photo: bytes = b""

    def stored(self) -> bytes:
        """Everything as bytes that ``restored`` reads: the same for the same certificate."""
        fields = {**vars(self), "photo": self.photo.hex()}
        for name in _DATES:
            fields[name] = getattr(self, name).isoformat()
        return json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def restored(cls, stored: bytes) -> "ElectronicCertificate":
        """The certificate that was stored."""
        fields = json.loads(stored)
        for name in _DATES:
            fields[name] = date.fromisoformat(fields[name])
        return cls(**{**fields, "photo": bytes.fromhex(fields["photo"])})


_DATES = ("approval_date", "issued_on", "signed_on")


def embedded(certificate: ElectronicCertificate, version: int = VERSION) -> dict[str, Any]:
    """The data within the file (docs/electronic.md); the ID number masked.

    Names as the metadata of GB/T 36903 have them, where it has one.
    """
    return {
        "格式": "zhicheng-electronic-certificate/1",
        "模板版本": version,
        "证照类型名称": TYPE_NAME,
        "证照名称": f"{_TITLES[certificate.grade]}{TYPE_NAME}",
        "证照编号": certificate.number,
        "证照颁发机构": certificate.issuing_unit,
        "证照颁发机构代码": certificate.issuing_code,
        "证照颁发日期": certificate.issued_on.isoformat(),
        "持证主体": certificate.name,
        "持证主体代码": certificate.id_number_masked,
        "持证主体代码类型": certificate.id_kind,
        "性别": certificate.sex,
        "工作单位": certificate.work_unit,
        "专业名称": certificate.specialty,
        "资格名称": certificate.qualification,
        "级别": certificate.level,
        "批准时间": certificate.approval_date.isoformat(),
        "批准文号": certificate.document_number,
        "核准部门": certificate.approving_department,
        "签发日期": certificate.signed_on.isoformat(),
        "照片摘要": hashlib.sha256(certificate.photo).hexdigest() if certificate.photo else "",
        "核验码": certificate.verification,
    }


def seal_box() -> tuple[float, float, float, float]:
    """The place for the seal in points from the page's lower left: left, bottom, right, top."""
    x, y, width, height = _SEAL
    point = 72 / 25.4
    return (
        x * point,
        (_PAGE[1] - y - height) * point,
        (x + width) * point,
        (_PAGE[1] - y) * point,
    )


def render(
    certificate: ElectronicCertificate, *, version: int = VERSION, engine: Engine | None = None
) -> bytes:
    """The unsigned file, made by that version of the template.

    The same certificate gives the same bytes, with the same fonts and Typst. Raises Refusal for a
    character that no font has and a text that doesn't fit, ValueError for an unknown version.
    """
    engine = engine or default_engine()
    if version not in _BUILDERS:
        raise ValueError(f"there is no template version {version}")
    data = _BUILDERS[version](certificate, engine.fonts)
    return engine.render(
        f"electronic_certificate_{version}",
        data,
        title=f"{TYPE_NAME} {certificate.number}",
        created=certificate.signed_on,
        standard="a-3u",
    )


def check(certificate: ElectronicCertificate, engine: Engine | None = None) -> None:
    """Raises the Refusal that ``render`` would, before the certificate has a number or a code."""
    _first_rows(certificate, (engine or default_engine()).fonts)


def _first_rows(
    certificate: ElectronicCertificate, fonts: FontChain
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of version 1, and the issuer, each text fitted to its place."""
    rows = (
        ("姓名", certificate.name),
        ("性别", certificate.sex),
        (
            "身份证号码" if certificate.id_kind == "居民身份证" else "证件号码",
            certificate.id_number,
        ),
        ("工作单位", certificate.work_unit),
        ("专业名称", certificate.specialty),
        ("资格名称", certificate.qualification),
        ("级别", certificate.level),
        ("批准时间", chinese_date(certificate.approval_date)),
        ("批准文号", certificate.document_number),
        ("核准部门", certificate.approving_department),
        ("发证时间", chinese_date(certificate.issued_on)),
        ("证书编号", certificate.number),
    )
    require_printable(
        (
            (f"{_who(certificate)}的“{label}”", text)
            for label, text in (*rows, ("发证单位", certificate.issuing_unit))
        ),
        fonts,
    )
    beside = _ROWS_BESIDE_PHOTO if certificate.photo else 0
    placed = []
    for index, (label, text) in enumerate(rows):
        y = 66.0 + _ROW * index
        right = _RIGHT_OF_PHOTO if index < beside else _RIGHT
        width = right - _LEFT
        value = _fitted(certificate, label, text, width - _LABEL_WIDTH, _HEIGHT, _SIZE, fonts)
        top = y + (_HEIGHT - stack_height(len(value["lines"]), value["size"])) / 2
        placed.append({"label": label, "y": y, "top": top, "width": width, **value})
    issuer = certificate.issuing_unit
    return placed, _fitted(certificate, "发证单位", issuer, _SEAL[2], 6.6, 11.0, fonts)


def _first(certificate: ElectronicCertificate, fonts: FontChain) -> Mapping[str, Any]:
    """What template version 1 sets."""
    rows, issuer = _first_rows(certificate, fonts)
    code = qr.encode_for_certificate(certificate.verification)
    if _QR / code.modules < _MIN_MODULE:
        raise Refusal(
            "documents.qr_too_fine",
            f"证书 {certificate.number} 的二维码内容过长，难以扫描，没有制作。",
            found=f"每格 {_QR / code.modules:.2f} 毫米",
            expected=f"每格不小于 {_MIN_MODULE:g} 毫米",
        )
    return {
        "grade": certificate.grade,
        "title": TYPE_NAME,
        "subtitle": f"{_TITLES[certificate.grade]} · 电子证书",
        "rows": rows,
        "issuer": issuer,
        "signed_on": chinese_date(certificate.signed_on),
        "demo": certificate.demo,
        "photo": list(certificate.photo),
        "code": code.for_typst(),
        "embedded": json.dumps(embedded(certificate, 1), ensure_ascii=False, indent=1),
    }


def _who(certificate: ElectronicCertificate) -> str:
    return certificate.name + (f"（证书编号 {certificate.number}）" if certificate.number else "")


def _fitted(
    certificate: ElectronicCertificate,
    label: str,
    text: str,
    width: float,
    height: float,
    size: float,
    fonts: FontChain,
) -> dict[str, Any]:
    fitted = fit(
        text, width=width, height=height, size=size, min_size=_MIN_SIZE, fonts=fonts, shrink=True
    )
    if fitted is None:
        raise Refusal(
            "documents.too_long",
            f"{_who(certificate)}的“{label}”过长，电子证书上的位置容纳不下，没有制作。",
            found=f"{len(text)} 个字",
            expected=f"宽 {width:g} 毫米、高 {height:g} 毫米，字号不小于 {_MIN_SIZE:g} 磅",
            mend="请核对该栏内容。",
        )
    return {"size": fitted.size, "lines": list(fitted.lines)}


_BUILDERS: Mapping[int, Callable[[ElectronicCertificate, FontChain], Mapping[str, Any]]] = {
    1: _first
}
