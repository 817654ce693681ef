"""A made-up electronic certificate, and its signed file."""

from datetime import date

from zhicheng.documents.electronic_certificate import ElectronicCertificate, render, seal_box
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.electronic.signing.pades import PadesSeal
from zhicheng.electronic.signing.revision import Proof
from zhicheng.electronic.signing.timestamps import LocalClock

NUMBER = "500101198001010005"
PLAIN = ElectronicCertificate(
    number="DZ2026000001",
    name="欧阳娜娜",
    sex="女",
    id_kind="居民身份证",
    id_number=NUMBER,
    id_number_masked="500***********0005",
    work_unit="重庆市綦江区人民医院",
    specialty="水利水电工程",
    qualification="高级工程师",
    level="副高级",
    grade="senior",
    approval_date=date(2026, 3, 18),
    document_number="渝职改办〔2026〕150号",
    issued_on=date(2026, 4, 1),
    signed_on=date(2026, 11, 26),
    approving_department="重庆市职称改革办公室",
    issuing_unit="重庆市职称改革办公室",
    issuing_code="11500000009275684X",
    verification="https://zs.example.gov.cn/v/#" + "5925519689470131" * 22,
    demo=True,
)


def seal_of(ca: TestAuthority) -> PadesSeal:
    """Signs as the demo does."""
    proof = Proof((ca.root, ca.signer.certificate, ca.clock.certificate), (ca.crl,))
    return PadesSeal(ca.signer, LocalClock(ca.clock), lambda: proof)


def signed(ca: TestAuthority, certificate: ElectronicCertificate = PLAIN) -> bytes:
    """The signed file of a certificate."""
    return seal_of(ca).sign(render(certificate), box=seal_box(), issuer=certificate.issuing_unit)
