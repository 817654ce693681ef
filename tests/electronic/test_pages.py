"""The pages: by document, recorded downloads, the holder's own, a file checked (N17, N18)."""

import io
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.electronic.conftest import LogIn, Online
from tests.support.city import City
from tests.support.pages import text_of
from tests.support.privacy import id_numbers_in
from tests.support.working import worked
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import verify as verify_credential
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic import queries, seal_state, sealing
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.models import ElectronicFile, Hindrance
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing import authority
from zhicheng.electronic.signing.cms import Identity
from zhicheng.electronic.signing.pades import PadesSeal
from zhicheng.electronic.signing.revision import Proof
from zhicheng.electronic.signing.timestamps import LocalClock
from zhicheng.electronic.signing.verifying import verify
from zhicheng.files.store import content_of
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.verification.queries import standing
from zhicheng.verification.rules import STANDINGS
from zhicheng.web.tasks import tasks_of


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(tag=action).order_by("sequence"))


def number_of(certificate: Certificate) -> str:
    return reveal(bytes(certificate.id_number_cipher))


def document_of(certificate: Certificate) -> int:
    assert certificate.approved_person is not None
    return certificate.approved_person.document_id


def test_from_the_task_to_the_signed_file(city: City, online: Online, log_in: LogIn) -> None:
    document = online(3)
    browser = log_in("health", "officer")
    (task,) = [each for each in tasks_of(city.who("health", "officer")) if each.clause == "N17"]
    assert task.count == 1 and task.items[0][0] == document.number
    page = text_of(browser.get(task.items[0][1]))
    assert "制作电子证书" in page and "还没有签名文件" in page
    answer = browser.post(f"/electronic/documents/{document.pk}/make/")
    page = text_of(worked(browser, answer))
    assert "全部人员的电子证书都已签发" in page and "下载全部 3 个文件" in page
    assert not [each for each in tasks_of(city.who("health", "officer")) if each.clause == "N17"]
    data = text_of(browser.get("/electronic/"))
    assert document.number in data and "已全部签发" in data


def test_reasons_stand_on_the_documents_page(city: City, online: Online, log_in: LogIn) -> None:
    document = online(2)
    bad = document.people.order_by("pk")[0]
    ApprovedPerson.objects.filter(pk=bad.pk).update(name="张\ue123")
    other = online(1, department=city.industry)
    browser = log_in("office", "officer")
    worked(browser, browser.post(f"/electronic/documents/{document.pk}/make/"))
    page = text_of(browser.get(f"/electronic/documents/{document.pk}/"))
    assert "未能制作的人员" in page and "U+E123" in page
    assert Hindrance.objects.get(person=bad).mend[:12] in page
    refused = worked(browser, browser.post(f"/electronic/documents/{other.pk}/make/"))
    assert "还没有设定证书编号规则" in text_of(refused)
    page = text_of(browser.get(f"/electronic/documents/{other.pk}/"))
    assert "还没有设定证书编号规则" in page and "请先设定编号规则" in page


def test_a_unit_downloads_and_it_is_recorded(
    city: City, made: list[Certificate], log_in: LogIn
) -> None:
    """The department, the office, and the unit where the people work."""
    certificate = made[0]
    file = ElectronicFile.objects.get(certificate=certificate)
    who = [("health", "clerk"), ("hospital", "clerk"), ("office", "officer"), ("health", "officer")]
    for number, (organization, role) in enumerate(who):
        browser = log_in(organization, role)
        answer = browser.post(f"/electronic/certificates/{certificate.pk}/file.pdf")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
        assert "no-store" in answer["Cache-Control"]
        assert answer.content == content_of(file.file)
        event = events(Action.ELECTRONIC_DOWNLOAD)[number]
        assert event.subject_id == certificate.pk
        assert event.data["sha256"] == file.signed_sha256
        assert event.actor_id == city.who(organization, role).pk
    assert len(events(Action.ELECTRONIC_DOWNLOAD)) == len(who)


def test_all_files_of_a_document_in_one_archive(made: list[Certificate], log_in: LogIn) -> None:
    browser = log_in("health", "clerk")
    answer = browser.post(f"/electronic/documents/{document_of(made[0])}/files.zip")
    assert answer.streaming and answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    assert archive.namelist() == [f"{each.number}-{each.name}.pdf" for each in made]
    for name in archive.namelist():
        assert verify(archive.read(name), trusted_roots()).reason == ""
    (event,) = events(Action.ELECTRONIC_DOWNLOAD)
    assert event.row_ids == [each.pk for each in made] and event.data["count"] == 3
    Certificate.objects.filter(pk=made[0].pk).update(
        voided_at=datetime.now(UTC), void_reason="revoked"
    )
    answer = browser.post(f"/electronic/documents/{document_of(made[0])}/files.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.namelist() == [f"{each.number}-{each.name}.pdf" for each in made[1:]]


def test_an_archive_costs_the_same_statements_for_any_number(
    city: City, online: Online, log_in: LogIn
) -> None:
    """But for the files themselves, fifty at a time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for people in (2, 12):
        document = online(people)
        make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
        browser = log_in("health", "clerk")
        with CaptureQueriesContext(connection) as seen:
            answer = browser.post(f"/electronic/documents/{document.pk}/files.zip")
            content = b"".join(answer.streaming_content)
        counts.append(len(seen))
        assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == people
    assert counts[0] == counts[1], counts


def test_strangers_and_readers_get_nothing(made: list[Certificate], log_in: LogIn) -> None:
    certificate, document = made[0], document_of(made[0])
    for organization, role, status in (
        ("industry", "officer", 404),
        ("enterprise", "clerk", 404),
        ("office", "administrator", 403),
        ("office", "auditor", 403),
        ("health", "embosser", 403),
    ):
        browser = log_in(organization, role)
        for path in (
            f"/electronic/certificates/{certificate.pk}/file.pdf",
            f"/electronic/documents/{document}/files.zip",
        ):
            assert browser.post(path).status_code == status, (organization, role, path)
            assert browser.get(path).status_code == 405
    auditor = log_in("office", "auditor")
    assert auditor.get(f"/electronic/certificates/{certificate.pk}/").status_code == 200
    assert Client().post(f"/electronic/documents/{document}/files.zip").status_code == 302
    assert not events(Action.ELECTRONIC_DOWNLOAD)


def test_a_unit_sees_its_own_people_alone(city: City, online: Online, log_in: LogIn) -> None:
    document = online(2)
    other = document.people.order_by("pk")[1]
    ApprovedPerson.objects.filter(pk=other.pk).update(work_unit="别的单位")
    make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
    mine, others = Certificate.objects.order_by("position")
    browser = log_in("hospital", "clerk")
    page = text_of(browser.get(f"/electronic/documents/{document.pk}/"))
    assert mine.number in page and others.number not in page
    assert browser.get(f"/electronic/certificates/{others.pk}/").status_code == 404
    answer = browser.post(f"/electronic/documents/{document.pk}/files.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(archive.namelist()) == 1
    assert browser.post(f"/electronic/documents/{document.pk}/make/").status_code == 403


def test_the_certificates_page_of_the_path_leads_here(
    made: list[Certificate], log_in: LogIn
) -> None:
    browser = log_in("health", "clerk")
    answer = browser.get(f"/certificates/{made[0].pk}/")
    assert answer.status_code == 302
    page = text_of(browser.get(answer["Location"]))
    assert "PAdES-B-LT" in page and "演示电子签章 TEST" in page
    assert "制作电子证书 health.officer" in page, "who made it"
    assert not id_numbers_in(page) and made[0].id_number_masked in page


def ask(browser: Client, certificate: Certificate, **other: str) -> Any:
    told = {
        "name": certificate.name,
        "id_number": number_of(certificate),
        "number": certificate.number,
        **other,
    }
    return browser.post("/e/", told)


def token_in(answer: Any) -> str:
    return answer.context["token"]  # type: ignore[no-any-return]


def test_the_holder_fetches_the_own_certificate(made: list[Certificate]) -> None:
    browser = Client()
    found = ask(browser, made[1])
    assert "核对一致" in text_of(found) and not id_numbers_in(text_of(found))
    assert "no-store" in found["Cache-Control"]
    assert not events(Action.ELECTRONIC_HOLDER_DOWNLOAD), "a look is no download"
    answer = browser.post("/e/file", {"token": token_in(found)})
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert verify(answer.content, trusted_roots()).data["证照编号"] == made[1].number
    (event,) = events(Action.ELECTRONIC_HOLDER_DOWNLOAD)
    assert (event.actor_name, event.actor_id, event.subject_id) == ("holder", None, made[1].pk)
    assert not id_numbers_in(str(event.data))


def test_a_miss_looks_and_costs_like_a_hit(
    made: list[Certificate], django_assert_num_queries: Any
) -> None:
    browser = Client()
    ask(browser, made[0])
    for other in (
        {},
        {"name": "别人"},
        {"number": made[1].number},
        {"id_number": number_of(made[1])},
        {"number": "nichts"},
    ):
        # Counted, the day's key of addresses (two, kept outside a test), found, recorded.
        with django_assert_num_queries(5):
            answer = ask(browser, made[0], **other)
        assert answer.status_code == 200
        assert ("核对一致" in text_of(answer)) == (not other)
    miss = ask(browser, made[0], name="别人")
    refused = browser.post("/e/file", {"token": token_in(miss)})
    assert refused.status_code == 422 and "已经过期" in text_of(refused)


def test_an_old_or_forged_token_fetches_nothing(
    made: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core import signing

    browser = Client()
    token = token_in(ask(browser, made[0]))
    for forged in ("", str(made[0].pk), token[:-2] + "xx", signing.Signer().sign("1")):
        assert browser.post("/e/file", {"token": forged}).status_code == 422
    later = time.time() + 11 * 60
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert browser.post("/e/file", {"token": token}).status_code == 422
    assert not events(Action.ELECTRONIC_HOLDER_DOWNLOAD)


def test_a_void_certificate_is_not_handed_out(made: list[Certificate]) -> None:
    browser = Client()
    token = token_in(ask(browser, made[0]))
    Certificate.objects.filter(pk=made[0].pk).update(
        voided_at=datetime.now(UTC), void_reason="revoked"
    )
    assert "没有查到" in text_of(ask(browser, made[0]))
    assert browser.post("/e/file", {"token": token}).status_code == 422


def test_questions_are_limited_like_all_public_ones(made: list[Certificate], settings: Any) -> None:
    settings.ZHICHENG_QUESTIONS_PER_MINUTE = 3
    browser = Client()
    answers = [ask(browser, made[0], name="别人").status_code for _ in range(5)]
    assert answers[:3] == [200] * 3 and 429 in answers[3:]
    assert browser.post("/e/verify/", {"file": upload(b"%PDF-x")}).status_code == 429


def test_what_is_masked_is_not_found_by_trying(made: list[Certificate], settings: Any) -> None:
    """From however many addresses: each certificate number is asked about so often an hour."""
    settings.ZHICHENG_HOLDER_QUESTIONS_PER_HOUR = settings_limit = 20
    answers = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(
            "/e/", {"name": made[0].name, "id_number": f"x{n}", "number": f" {made[0].number}"}
        )
        for n in range(settings_limit + 1)
    ]
    assert [each.status_code for each in answers] == [200] * settings_limit + [429]
    assert ask(Client(REMOTE_ADDR="10.1.0.1"), made[0]).status_code == 429, "the right one as well"
    assert "核对一致" in text_of(ask(Client(REMOTE_ADDR="10.1.0.1"), made[1]))


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("证书.pdf", content, content_type="application/pdf")


def check(content: bytes) -> str:
    answer = Client().post("/e/verify/", {"file": upload(content)})
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return text_of(answer)


def test_anybody_has_a_file_checked(made: list[Certificate]) -> None:
    pdf = content_of(ElectronicFile.objects.get(certificate=made[0]).file)
    page = check(pdf)
    assert "签名有效" in page and "现在有效" in page and made[0].number in page
    assert "演示用测试证书" in page and not id_numbers_in(page)
    changed = bytearray(pdf)
    changed[5000] ^= 1
    page = check(bytes(changed))
    assert "验证不通过" in page and made[0].number not in page, "what it says isn't repeated"
    unsigned = pdf[: ElectronicFile.objects.get(certificate=made[0]).unsigned_size]
    assert "没有电子签名" in check(unsigned)


def test_the_check_says_how_the_certificate_stands_now(made: list[Certificate]) -> None:
    """The same answer as for the code in it: the file stays intact whatever became of it."""
    pdf = content_of(ElectronicFile.objects.get(certificate=made[0]).file)
    Certificate.objects.filter(pk=made[0].pk).update(
        voided_at=datetime.now(UTC), void_reason="revoked"
    )
    code = verify(pdf, trusted_roots()).data["核验码"]
    claims = verify_credential(code, published_keys()).claims
    assert claims is not None
    page = check(pdf)
    assert "签名有效" in page and STANDINGS[standing(claims)] in page


def test_a_certificate_of_the_same_authority_makes_no_file_ours(
    made: list[Certificate], home: Path
) -> None:
    """A forger with a real signature, a true code and other words: trusted roots don't help."""
    folder = sealing.test_folder()
    root_key, key = authority._key(folder, authority.ROOT), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    own = authority._certificate(
        authority.SIGNER, key, authority.ROOT, root_key, now, years=1
    ).public_bytes(Encoding.DER)
    held = authority.load(folder)
    forger = Identity(own, (), lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())))
    proof = Proof((held.root, own, held.clock.certificate), (held.crl,))
    true = queries.stored_data(ElectronicFile.objects.get(certificate=made[0]))
    forged = PadesSeal(forger, LocalClock(held.clock), lambda: proof).sign(
        render(replace(true, name="冒名者", qualification="正高级工程师")),
        box=seal_box(),
        issuer=true.issuing_unit,
    )
    assert verify(forged, trusted_roots()).reason == "", "the signature itself is good"
    shown = check(forged)
    assert "验证不通过" in shown and "没有签发过这份文件" in shown
    assert "冒名者" not in shown and "现在有效" not in shown


def test_padding_changed_within_the_signature_is_not_the_original(made: list[Certificate]) -> None:
    """No signature covers its own bytes; the record's digest does."""
    pdf = content_of(ElectronicFile.objects.get(certificate=made[0]).file)
    changed = bytearray(pdf)
    end = pdf.index(b">", pdf.rindex(b"/Contents<"))
    changed[end - 1] ^= 1
    shown = check(bytes(changed))
    assert "验证不通过" in shown and made[0].number not in shown


def test_a_kept_file_is_the_original_whatever_its_signature_is(
    made: list[Certificate], settings: Any
) -> None:
    """As with SM2, which the validator doesn't know: nobody is told that it was changed."""
    pdf = content_of(ElectronicFile.objects.get(certificate=made[0]).file)
    settings.ZHICHENG_SEAL_TEST_CA = ""  # no root is trusted any more
    shown = check(pdf)
    assert "原文件" in shown and "逐字节一致" in shown and "现在有效" in shown
    assert made[0].number in shown and not id_numbers_in(shown)


def test_hostile_files_are_judged_and_nothing_else(made: list[Certificate]) -> None:
    pdf = content_of(ElectronicFile.objects.get(certificate=made[0]).file)
    nested = b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\nstartxref\n9\n%%EOF"
    for content in (pdf[:1000] + b"\x00" * 5000, nested):
        page = check(content)
        assert "验证不通过" in page


def test_the_seals_page_and_its_warning(
    city: City, online: Online, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    officer = city.who("office", "officer")
    page = text_of(log_in("office", "officer").get("/electronic/seal/"))
    assert "演示电子签章 TEST" in page and "不具有任何法律效力" in page
    titles = [each.title for each in tasks_of(officer)]
    assert not any("电子签章" in title for title in titles)
    monkeypatch.setattr(seal_state, "WARNED", timedelta(days=365 * 3 + 1))
    (warning,) = [each for each in tasks_of(officer) if "电子签章" in each.title]
    assert "到期" in warning.title and warning.url == "/electronic/seal/"
    monkeypatch.undo()
    online(1)
    settings.ZHICHENG_SEAL_TEST_CA = ""
    (missing,) = [each for each in tasks_of(officer) if "电子签章" in each.title]
    assert "不能签发" in missing.title
    page = text_of(log_in("office", "officer").get("/electronic/seal/"))
    assert "还没有设置电子证书的签名证书" in page
    assert log_in("health", "clerk").get("/electronic/seal/").status_code == 403
