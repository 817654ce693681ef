"""From certificates on file to signed files: data, credential, page, signature (no writing)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version

from django.utils import timezone, translation

from zhicheng.certificates.models import Certificate
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.signing import Signed, sign_batch
from zhicheng.documents import electronic_certificate as page
from zhicheng.documents.electronic_certificate import ElectronicCertificate
from zhicheng.documents.engine import default_engine
from zhicheng.electronic.signing.pades import Box, SealService
from zhicheng.protection import reveal
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class Composed:
    """A certificate's signed file, and what it was made from."""

    certificate: Certificate
    data: ElectronicCertificate
    unsigned: bytes
    signed: bytes


def compose(
    certificates: Sequence[Certificate],
    *,
    issued_on: date | None,
    photos: Mapping[int, bytes],
    seal: SealService,
    address: str,
) -> tuple[list[Composed], str]:
    """The files of certificates of one document, and the key that signed their credentials.

    ``certificates`` come with ``issuing_unit`` and ``approving_department``; ``issued_on`` is the
    document's day, today where it bears none; ``photos`` by certificate id. Raises Refusal.
    """
    with translation.override("zh-hans"):  # papers are Chinese, whoever asked for them
        return _compose(certificates, issued_on, photos, seal, address)


def _compose(
    certificates: Sequence[Certificate],
    issued_on: date | None,
    photos: Mapping[int, bytes],
    seal: SealService,
    address: str,
) -> tuple[list[Composed], str]:
    today = timezone.localdate()
    credentials: Signed = sign_batch(
        [_claims(each, today) for each in certificates], address=address
    )
    box = page.seal_box()
    made = []
    for each, text in zip(certificates, credentials.texts, strict=True):
        data = data_of(
            each,
            issued_on=issued_on or today,
            signed_on=today,
            verification=text,
            photo=photos.get(each.pk, b""),
            demo=seal.identity.is_test,
        )
        unsigned = page.render(data)
        signed = _sealed(seal, unsigned, box, data.issuing_unit)
        if len(signed) <= len(unsigned) or not signed.startswith(unsigned):
            raise Refusal(
                "seal.not_added",
                "签章服务改动了待签文件，电子证书没有签发。",
                clause="N17",
                expected="签名附加在原文件之后（增量更新），原文件逐字节不变",
                mend="请系统管理员检查签章服务的设置。",
            )
        made.append(Composed(each, data, unsigned, signed))
    return made, credentials.key_id


def _sealed(seal: SealService, unsigned: bytes, box: Box, issuer: str) -> bytes:
    try:
        return seal.sign(unsigned, box=box, issuer=issuer)
    except Refusal:
        raise
    except Exception as error:  # a service is another maker's code: it fails in ways of its own
        raise Refusal(
            "seal.failed",
            "签章没有完成，电子证书没有签发。",
            clause="N17",
            found=type(error).__name__,
            mend="请系统管理员检查签章服务后重新制作；已签发的不受影响。",
        ) from error


def data_of(
    certificate: Certificate,
    *,
    issued_on: date,
    signed_on: date,
    verification: str,
    photo: bytes,
    demo: bool,
) -> ElectronicCertificate:
    """What stands on the certificate."""
    return ElectronicCertificate(
        number=certificate.number,
        name=certificate.name,
        sex=certificate.sex,
        id_kind=str(certificate.get_id_kind_display()),
        id_number=reveal(bytes(certificate.id_number_cipher)),
        id_number_masked=certificate.id_number_masked,
        work_unit=certificate.work_unit,
        specialty=certificate.specialty,
        qualification=certificate.qualification,
        level=str(certificate.get_level_display()),
        grade=certificate.grade,
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
        issued_on=issued_on,
        signed_on=signed_on,
        approving_department=certificate.approving_department.name,
        issuing_unit=certificate.issuing_unit.name,
        issuing_code=certificate.issuing_unit.uscc,
        verification=verification,
        demo=demo,
        photo=photo,
    )


def _claims(certificate: Certificate, today: date) -> Claims:
    return Claims(
        number=certificate.number,
        name=certificate.name,
        id_number_masked=certificate.id_number_masked,
        qualification=certificate.qualification,
        specialty=certificate.specialty,
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
        issuer=certificate.issuing_unit.name,
        issued_on=today,
    )


@cache
def maker() -> str:
    """Which typesetter and fonts make the files of this process."""
    fonts = default_engine().fonts
    digest = hashlib.sha256(fonts.covered).hexdigest()[:16]
    return f"typst {version('typst')}; {' + '.join(fonts.serif)}; {digest}"[:120]
