"""The office revokes a certificate: by a decision, for good, and everybody is told (N12, N18)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.historic.conftest import OLD_15
from tests.support.city import City
from tests.support.reissues import PDF, Way, about, issued, paper
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.electronic import queries as files
from zhicheng.electronic.checking import check as check_pdf
from zhicheng.electronic.handing_out import fetch_as_holder
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.files.store import store
from zhicheng.historic import certifying
from zhicheng.historic.models import Registration
from zhicheng.reissues import actions as applying
from zhicheng.reissues import actions_opinions
from zhicheng.reissues.content import Correction
from zhicheng.reissues.models import Revocation, Source
from zhicheng.reissues.revoking import Decision, revoke
from zhicheng.transparency.growing import grow_all
from zhicheng.transparency.models import LogEntry
from zhicheng.values.id_number import person_form
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.electronic import standing_of
from zhicheng.verification.queries import find_by_number, find_by_person
from zhicheng.verification.rules import Standing

Begun = Callable[..., Registration]


def decision(ground: str = "qualification", **changed: object) -> Decision:
    """A decision of the office with its scan."""
    made = Decision(
        ground=ground,
        reason="业绩材料系伪造，已查实",
        document_number="渝职改办〔2026〕31号",
        decided_on=timezone.localdate(),
        file=paper("撤销决定.pdf"),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.fixture
def historic(city: City, begun: Begun) -> Certificate:
    registration = begun("accepted")
    return certifying.certify(actor=city.who("office", "officer"), registration_id=registration.pk)


def test_n12_a_revoked_paper_certificate_is_void_for_everybody(city: City) -> None:
    (certificate,) = issued(city)
    revocation = revoke(
        actor=city.who("office", "officer"), certificate_id=certificate.pk, decision=decision()
    )
    (answer,) = find_by_number(certificate.number, certificate.name)
    assert answer.standing is Standing.VOID
    certificate.refresh_from_db()
    assert certificate.void_reason == "revoked" and certificate.voided_at == revocation.revoked_at
    grow_all()
    assert [item.kind for item in LogEntry.objects.filter(certificate=certificate)][-1] == "voided"
    event = AuditEvent.objects.filter(tag="office:certificate:revoke").get()
    assert (event.subject_id, event.row_ids) == (certificate.pk, [certificate.pk])
    assert event.data["document"] == "渝职改办〔2026〕31号" and event.data["sha256"]
    assert verify().passed and not reconcile().faults
    # It is over: neither a replacement nor a second revocation.
    with pytest.raises(Refusal) as refused:
        applying.apply(actor=city.who("health", "clerk"), application=about(certificate))
    assert refused.value.rule == "reissue.old_is_void"
    with pytest.raises(Refusal) as again:
        revoke(
            actor=city.who("office", "officer2"), certificate_id=certificate.pk, decision=decision()
        )
    assert again.value.rule == "revocation.not_in_force"


def test_n12_of_a_revoked_title_the_old_record_answers_no_more(
    city: City, historic: Certificate
) -> None:
    _file, content = fetch_as_holder(historic)
    revoke(actor=city.who("office", "officer"), certificate_id=historic.pk, decision=decision())
    for found in (find_by_number(historic.number, "秦望舒"), find_by_person("秦望舒", OLD_15)):
        assert [item.standing for item in found] == [Standing.VOID]
    verdict = files.on_record(check_pdf(content, trusted_roots()))
    assert standing_of(verdict) is Standing.VOID
    assert not reconcile().faults and verify().passed
    # Its holder's page says so, and offers no file.
    registration = Registration.objects.get()
    mine = f"/historic/register/{registration.receipt_number}/"
    client = Client()
    client.post("/historic/progress/", {"number": registration.receipt_number, "id_number": OLD_15})
    client.post(f"{mine}telephone/", {"telephone": "13800001234"})
    page = client.get(f"{mine}progress/").content.decode()
    assert "电子证书已作废" in page and "certificate.pdf" not in page
    assert client.post(f"{mine}certificate.pdf").status_code == 404


def test_n7_a_wrongly_made_electronic_certificate_goes_and_the_old_paper_counts(
    city: City, historic: Certificate
) -> None:
    _file, content = fetch_as_holder(historic)
    revoke(
        actor=city.who("office", "officer"),
        certificate_id=historic.pk,
        decision=decision("mistaken", reason="照片是另一人的"),
    )
    for found in (find_by_number(historic.number, "秦望舒"), find_by_person("秦望舒", OLD_15)):
        assert [item.standing for item in found] == [Standing.VALID]
    verdict = files.on_record(check_pdf(content, trusted_roots()))
    assert standing_of(verdict) is Standing.VOID
    # What was wrong on it is put right as with any other old paper certificate (N14).
    way = Way(
        city,
        about(
            historic,
            "renewal",
            id_number=person_form(OLD_15),
            sex="男",
            work_unit="山城第一人民医院",
            level="intermediate",
            specialty=historic.specialty,
            qualification=historic.qualification,
            approval_date=historic.approval_date,
            document_number=historic.document_number,
            corrections=(Correction("specialty", "桥梁工程"),),
        ),
    )
    assert (way.now.source, way.now.certificate_id) == (Source.LEGACY, None)
    assert not reconcile().faults and verify().passed


def test_a_certificate_that_is_being_replaced_is_not_revoked(city: City) -> None:
    (certificate,) = issued(city)
    way = Way(city, about(certificate))
    way.submit()
    officer = city.who("office", "officer")
    with pytest.raises(Refusal) as refused:
        revoke(actor=officer, certificate_id=certificate.pk, decision=decision())
    assert refused.value.rule == "revocation.applied_for"
    actions_opinions.refuse(actor=officer, reissue_id=way.reissue.pk, reason="资格待查")
    revoke(actor=officer, certificate_id=certificate.pk, decision=decision())
    assert Revocation.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"ground": "because"},
        {"reason": " "},
        {"document_number": ""},
        {"decided_on": date(1998, 1, 1)},
        {"decided_on": timezone.localdate() + timedelta(days=1)},
    ],
)
def test_n18_a_revocation_without_a_whole_decision_is_refused(
    city: City, changed: dict[str, object]
) -> None:
    (certificate,) = issued(city)
    with pytest.raises(Refusal) as refused:
        revoke(
            actor=city.who("office", "officer"),
            certificate_id=certificate.pk,
            decision=decision(**changed),  # type: ignore[arg-type]
        )
    assert refused.value.rule in ("revocation.incomplete", "revocation.decided_on")
    assert not Revocation.objects.exists()


def test_the_page_of_a_certificate_leads_to_its_revocation_and_shows_it(city: City) -> None:
    (certificate,) = issued(city)
    clients = {}
    for who in (("office", "officer"), ("office", "clerk"), ("health", "officer"),
                ("office", "auditor")):  # fmt: skip
        clients[who] = Client()
        clients[who].force_login(
            city.who(*who), backend="django.contrib.auth.backends.ModelBackend"
        )
    page, address = f"/certificates/{certificate.pk}/", f"/reissues/revoke/{certificate.pk}/"
    for who, client in clients.items():
        offered = address in client.get(page).content.decode()
        assert offered == (who == ("office", "officer")), who
        assert client.get(address).status_code == (200 if offered else 403)
    with pytest.raises(NotPermitted):
        revoke(
            actor=city.who("health", "officer"), certificate_id=certificate.pk, decision=decision()
        )
    sent = {
        "ground": "qualification",
        "reason": f"身份冒用 {OLD_15}",
        "document_number": "渝职改办〔2026〕31号",
        "decided_on": timezone.localdate().isoformat(),
        "file": SimpleUploadedFile("决定.pdf", PDF),
    }
    officer = clients["office", "officer"]
    assert officer.post(address, sent).status_code == 422  # an ID number in the text
    sent |= {"reason": "身份冒用", "file": SimpleUploadedFile("决定.pdf", PDF)}
    shown = officer.post(address, sent, follow=True).content.decode()
    assert "撤销资格" in shown and "渝职改办〔2026〕31号" in shown and address + '"' not in shown
    for who, status in ((("office", "auditor"), 200), (("health", "officer"), 403)):
        assert clients[who].get(f"{address}decision/").status_code == status


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE reissues_revocation SET reason = 'x'", "revocation_stays"),
        ("DELETE FROM reissues_revocation", "revocation_stays"),
        (
            (
                "INSERT INTO reissues_revocation (certificate_id, ground, reason, document_number,"
                " decided_on, revoked_at, file_id, revoked_by_id)"
                " SELECT c.id, 'mistaken', 'x', 'x', now(), now(),"
                " (SELECT max(id) FROM files_storedfile), v.revoked_by_id"
                " FROM certificates_certificate c, reissues_revocation v WHERE c.voided_at IS NULL"
            ),
            "revocation_ends_its_certificate",
        ),
    ],
)
def test_around_the_code(city: City, statement: str, constraint: str) -> None:
    first, _second = issued(city, 2)
    revoke(actor=city.who("office", "officer"), certificate_id=first.pk, decision=decision())
    store(paper("另一份.pdf"), account_id=None)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
