"""Online approvals become signed electronic certificates (N17; invariants 3, 7)."""

from collections.abc import Callable

from tests.support.city import City
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.models import Certificate
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing.verifying import verify
from zhicheng.files.store import content_of

Online = Callable[..., ApprovalDocument]


def test_n17_everybody_of_an_online_document_gets_one_signed_certificate(
    city: City, online: Online
) -> None:
    document = online(5, grades=("senior", "intermediate"))
    made = make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
    assert (made.issued, made.waiting, made.hindered) == (5, 0, 0)
    for certificate in Certificate.objects.filter(document_number=document.number):
        kept = ElectronicFile.objects.select_related("file").get(certificate=certificate)
        pdf = content_of(kept.file)
        verdict = verify(pdf, trusted_roots())
        assert verdict.reason == ""
        assert verdict.data["证照编号"] == certificate.number
        open("/tmp/electronic/made.pdf", "wb").write(pdf)
