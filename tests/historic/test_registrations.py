"""A holder registers an old certificate; unit and office check it; an electronic one is made."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.historic.conftest import OLD_15, Imported, line, said
from tests.support.city import City
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import Certificate, Medium, Origin
from zhicheng.certificates.reconcile import reconcile
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import verify as judge
from zhicheng.electronic import queries as files
from zhicheng.electronic.checking import check as check_pdf
from zhicheng.electronic.handing_out import fetch_as_holder, fetch_one
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.historic import certifying, deciding, registering, taking_back
from zhicheng.historic.models import Registration
from zhicheng.historic.registering import Holder
from zhicheng.transparency.growing import grow_all
from zhicheng.transparency.models import LogEntry
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.models import LegacyRecord
from zhicheng.verification.queries import find_by_number, find_by_person, standing
from zhicheng.verification.rules import Source, Standing

Begun = Callable[..., Registration]


def test_n7_from_the_holders_draft_to_an_electronic_certificate_with_the_old_number(
    city: City, begun: Begun
) -> None:
    registration = begun("accepted")
    assert registration.state == "accepted" and not registration.from_ledger
    record = LegacyRecord.objects.get()
    assert (record.certificate_number, record.registration) == ("渝卫98-0417", registration.pk)
    assert (record.approval_date, record.issued_on) == (date(1998, 12, 5), date(1999, 1, 20))
    certificate = certifying.certify(
        actor=city.who("office", "officer2"), registration_id=registration.pk
    )
    assert (certificate.number, certificate.origin, certificate.medium) == (
        "渝卫98-0417", Origin.HISTORIC, Medium.ELECTRONIC,
    )  # fmt: skip
    assert certificate.legacy == record.pk and certificate.embosser_id == city.health.pk
    # The query answers from it, once, by either ID number.
    for found in (find_by_number("渝卫98-0417", "秦望舒"), find_by_person("秦望舒", OLD_15)):
        (answer,) = found
        assert answer.source is Source.LEGACY and answer.standing is Standing.VALID
        assert answer.issuing_unit == "市卫生健康委"
    # Signed, with a credential that verifies, by unit and holder alike.
    _file, content = fetch_as_holder(certificate)
    verdict = files.on_record(check_pdf(content, trusted_roots()))
    assert verdict.holds and verdict.data["证照编号"] == "渝卫98-0417"
    credential = judge(str(verdict.data["核验码"]), published_keys())
    assert credential.valid and credential.claims is not None
    assert standing(credential.claims) is Standing.VALID
    assert fetch_one(actor=city.who("health", "clerk"), certificate=certificate)[1] == content
    assert files.holders_certificate("秦望舒", OLD_15, "渝卫98-0417") == certificate
    grow_all()
    assert LogEntry.objects.filter(certificate=certificate).count() == 1
    assert reconcile().faults == [] and verify().passed
    assert AuditEvent.objects.filter(tag="office:historic:certify").count() == 1


def test_n7_a_record_of_a_ledger_is_certified_on_its_holders_application(
    city: City, loaded: Imported, begun: Begun
) -> None:
    ledger = loaded([line("A-1", 性别="", 工作单位="")])
    registration = begun(
        "accepted",
        certificate_number="A-1",
        name="龙若谷",
        specialty="別的专业",
        work_unit="江河勘测院",
    )
    # What the ledger says counts, not what was typed; what it left out is filled in.
    assert registration.from_ledger and registration.specialty == "水利水电工程"
    record = LegacyRecord.objects.get()
    assert (record.sex, record.work_unit) == ("男", "江河勘测院")
    certificate = certifying.certify(
        actor=city.who("office", "officer"), registration_id=registration.pk
    )
    assert certificate.specialty == "水利水电工程"
    with pytest.raises(Refusal) as refused:
        taking_back.take_back(
            actor=city.who("office", "officer"), ledger_id=ledger.pk, reason="不要了"
        )
    assert refused.value.rule == "ledger.in_use" and "A-1" in refused.value.found


def test_a_registration_is_returned_with_the_reason_corrected_and_handed_in_again(
    city: City, begun: Begun
) -> None:
    registration = begun("submitted")
    holder = Holder(registration.pk)
    with pytest.raises(Refusal):
        registering.amend(
            actor=holder, registration_id=registration.pk, said=said(city, specialty="临床")
        )
    deciding.send_back(
        actor=city.who("health", "clerk"), registration_id=registration.pk, reason="专业与证书不符"
    )
    registering.amend(
        actor=holder, registration_id=registration.pk, said=said(city, specialty="桥梁工程")
    )
    again = registering.submit(actor=holder, registration_id=registration.pk)
    assert (again.state, again.specialty) == ("submitted", "桥梁工程")
    with pytest.raises(Refusal) as refused:
        deciding.send_back(
            actor=city.who("office", "officer"), registration_id=registration.pk, reason=" "
        )
    assert refused.value.rule == "historic.reason_missing"


def test_nothing_is_handed_in_without_scan_and_photo_nor_by_somebody_else(
    city: City, begun: Begun
) -> None:
    registration = begun()
    with pytest.raises(Refusal) as refused:
        registering.submit(actor=Holder(registration.pk), registration_id=registration.pk)
    assert "照片" in refused.value.found
    with pytest.raises(NotPermitted):
        registering.withdraw(actor=Holder(registration.pk + 1), registration_id=registration.pk)
    with pytest.raises(Refusal) as second:
        registering.begin(said=said(city))
    assert second.value.rule == "historic.second_registration"


def test_n18_check_and_acceptance_are_two_peoples_and_of_unit_and_office(
    city: City, begun: Begun
) -> None:
    registration = begun("submitted")
    for organization, role in (("industry", "clerk"), ("hospital", "clerk"), ("office", "clerk")):
        with pytest.raises(NotPermitted):
            deciding.check(
                actor=city.who(organization, role), registration_id=registration.pk, note=""
            )
    deciding.check(actor=city.who("health", "officer"), registration_id=registration.pk)
    with pytest.raises(NotPermitted):
        deciding.accept(
            actor=city.who("health", "officer"),
            registration_id=registration.pk,
            department_id=city.health.pk,
        )


def test_n16_a_self_managed_certificate_gets_no_unified_one(city: City, loaded: Imported) -> None:
    loaded([line("A-1", 评审方式="自主评审")], headings=(*line("x"), "评审方式"))
    with pytest.raises(Refusal) as refused:
        registering.begin(said=said(city, certificate_number="A-1", name="龙若谷"))
    assert (refused.value.rule, refused.value.clause) == ("historic.self_managed", "N16")


def test_n7_an_undecided_conflict_stops_the_electronic_certificate(
    city: City, loaded: Imported, begun: Begun
) -> None:
    loaded([line("渝卫98-0417", **{"姓 名": "别的人"})])
    registration = begun("accepted")
    assert LegacyRecord.objects.count() == 2
    with pytest.raises(Refusal) as refused:
        certifying.certify(actor=city.who("office", "officer"), registration_id=registration.pk)
    assert refused.value.rule == "historic.disputed"
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE historic_registration SET specialty = 'x'",
            "settled_registration_stays",
        ),
        ("DELETE FROM historic_registration", "settled_registration_stays"),
        (
            (
                "INSERT INTO certificates_certificate (number, medium, origin, legacy, position,"
                " state, name, sex, id_kind, id_number_cipher, id_number_index, id_number_masked,"
                " work_unit, specialty, qualification, grade, level, approval_date,"
                " document_number, issuing_unit_id, approving_department_id, embosser_id,"
                " issued_at, recipient, recipient_relation) SELECT r.certificate_number,"
                " 'electronic', 'historic', r.id, 1, 'issued', '另一人', r.sex, r.id_kind,"
                " r.id_number_cipher, r.id_number_index,"
                " r.id_number_masked, r.work_unit, r.specialty, r.qualification, r.grade,"
                " r.level, r.approval_date, r.document_number, g.unit_id,"
                " g.approving_department_id,"
                " g.approving_department_id, now(), '', '' FROM verification_legacyrecord r"
                " JOIN historic_registration g ON g.record_id = r.id"
            ),
            "historic_certificate_equals_legacy_record",
        ),
        (
            "UPDATE verification_legacyrecord SET registration = NULL",
            "legacy_record_never_changes",
        ),
    ],
)
def test_around_the_code(begun: Begun, statement: str, constraint: str) -> None:
    begun("accepted")
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_certificate(city: City, begun: Begun) -> None:
    registration = begun("accepted")
    outcomes: list[object] = []

    def run(name: str) -> None:
        try:
            outcomes.append(
                certifying.certify(actor=city.who("office", name), registration_id=registration.pk)
            )
        except Refusal as refusal:
            outcomes.append(refusal.rule)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("officer", "officer2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(item, Certificate) for item in outcomes) == [False, True]
    assert "lifecycle.wrong_state" in outcomes
    assert Certificate.objects.count() == 1
