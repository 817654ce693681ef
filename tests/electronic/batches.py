"""Batches of electronic certificates by the real action, and the signed files that came of them."""

from typing import Any

from tests.support.city import City
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.models import Certificate
from zhicheng.electronic.making import Made, make_electronic
from zhicheng.electronic.models import ElectronicFile
from zhicheng.files.store import content_of


def pdf_of(certificate: Certificate) -> bytes:
    """The signed file that is kept of it."""
    return content_of(ElectronicFile.objects.get(certificate=certificate).file)


def make(city: City, document: ApprovalDocument, **given: Any) -> Made:
    """One batch, by the health commission's officer."""
    return make_electronic(actor=city.who("health", "officer"), document_id=document.pk, **given)
