"""Where a photo is wanted, the certificate waits for it and for nothing else."""

import hashlib
from typing import Any

import pytest

from tests.electronic.batches import make, pdf_of
from tests.electronic.conftest import LogIn, Online
from tests.support.city import City
from zhicheng.audit.verify import verify as verify_audit
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.electronic import photo, queries
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing.verifying import verify


def test_where_a_photo_is_wanted_it_is_waited_for(
    city: City, online: Online, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.electronic.test_page import photo as picture

    settings.ZHICHENG_ELECTRONIC_PHOTOS = "senior"
    photos: dict[bytes, bytes] = {}
    monkeypatch.setattr(
        photo,
        "photos_of",
        lambda wanted: {each: photos[each] for each in map(bytes, wanted) if each in photos},
    )
    document = online(3, grades=("senior", "intermediate", "senior"))
    made = make(city, document)
    assert (made.issued, made.waiting) == (1, 2)
    waiting = Certificate.objects.filter(state="awaiting_photo").order_by("position")
    assert not ElectronicFile.objects.filter(certificate__in=waiting).exists()
    assert reconcile().passed
    first = waiting[0]
    photos[bytes(first.id_number_index)] = picture()
    assert make(city, document).issued == 1
    first.refresh_from_db()
    assert first.state == "issued"
    data = verify(pdf_of(first), trusted_roots()).data
    assert data["照片摘要"] == hashlib.sha256(picture()).hexdigest()
    assert waiting.count() == 1 and reconcile().passed and verify_audit().passed
    document.refresh_from_db()
    assert document.issued_count == 2, "one at once, one when its photo came"


def test_a_photo_is_added_on_the_certificates_page(
    city: City, online: Online, settings: Any, log_in: LogIn
) -> None:
    """Real pictures, through the photos' own judgement; the unit that waits needs nobody else."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.photos.pictures import portrait

    settings.ZHICHENG_ELECTRONIC_PHOTOS = "intermediate"
    document = online(1)
    assert make(city, document).waiting == 1
    certificate = Certificate.objects.get()
    path = f"/electronic/certificates/{certificate.pk}/photo/"

    def send(organization: str, role: str, content: bytes) -> int:
        file = SimpleUploadedFile("照片.jpg", content, content_type="image/jpeg")
        return log_in(organization, role).post(path, {"photo": file}).status_code

    assert send("hospital", "clerk", portrait()) == 403
    assert send("industry", "officer", portrait()) == 404
    assert send("health", "officer", b"\xff\xd8\xffnothing") == 422
    assert send("health", "officer", portrait()) == 302
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    data = verify(pdf_of(certificate), trusted_roots()).data
    kept = queries.stored_data(ElectronicFile.objects.get()).photo
    assert data["照片摘要"] == hashlib.sha256(kept).hexdigest() and kept
    assert send("health", "officer", portrait()) == 422, "it waits for none any more"
    assert ElectronicFile.objects.count() == 1
    assert reconcile().passed and verify_audit().passed
