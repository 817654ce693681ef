"""Online approvals become signed electronic certificates (N16, N17; invariants 4, 7, 8, 10)."""

import hashlib
import json

import pytest
from django.db import connection
from django.utils import timezone, translation

from tests.electronic.batches import make, pdf_of
from tests.electronic.conftest import LogIn, Online
from tests.support.city import City, announce
from tests.support.privacy import assert_no_id_number_in_clear, id_numbers_in
from tests.support.working import work_off
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify as verify_audit
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.reconcile import reconcile
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import verify as verify_credential
from zhicheng.electronic import queries
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing.verifying import verify
from zhicheng.files.store import content_of
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.protection import reveal
from zhicheng.registers.models import GivenNumber, NumberingRule
from zhicheng.registers.numbering.taking import gaps
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.queries import find_by_number, find_by_person, standing
from zhicheng.verification.rules import Source, Standing
from zhicheng.work.models import Work, WorkState


def test_n17_everybody_of_an_online_document_gets_one_signed_certificate(
    city: City, online: Online
) -> None:
    document = online(5, grades=("senior", "intermediate", "junior"))
    made = make(city, document, chunk=2, address="https://zs.example.gov.cn/")
    assert (made.issued, made.waiting, made.hindered) == (5, 0, 0)
    certificates = list(Certificate.objects.order_by("position"))
    assert [item.position for item in certificates] == [1, 2, 3, 4, 5]
    assert [item.number for item in certificates] == [f"DZ2026{n:06d}" for n in range(1, 6)]
    for certificate, person in zip(
        certificates, ApprovedPerson.objects.order_by("pk"), strict=True
    ):
        assert certificate.approved_person == person
        assert (certificate.medium, certificate.origin) == ("electronic", "online")
        assert certificate.state == CertificateState.ISSUED and certificate.blank_serial is None
        assert certificate.issuing_unit == city.health
        verdict = verify(pdf_of(certificate), trusted_roots())
        assert (verdict.reason, verdict.level) == ("", "PAdES-B-LT")
        assert verdict.data["证照编号"] == certificate.number
        assert verdict.data["持证主体代码"] == person.id_number_masked
        assert verdict.data["证照颁发日期"] == "2026-04-01"
        assert verdict.data["批准时间"] == "2026-03-18"
    assert reconcile().passed
    assert verify_audit().passed
    assert gaps() == []
    assert set(GivenNumber.objects.values_list("purpose", "settled")) == {("online", True)}


def test_the_code_in_the_file_proves_the_certificate(made: list[Certificate]) -> None:
    for certificate in made:
        data = verify(pdf_of(certificate), trusted_roots()).data
        verdict = verify_credential(data["核验码"], published_keys())
        assert verdict.valid and verdict.claims is not None
        assert verdict.claims.number == certificate.number
        assert verdict.claims.issued_on == timezone.localdate()
        assert standing(verdict.claims) == Standing.VALID


def test_n7_the_public_query_answers_for_it_as_made_by_the_system(made: list[Certificate]) -> None:
    certificate = made[0]
    number = reveal(bytes(certificate.id_number_cipher))
    for found in (
        find_by_person(certificate.name, number),
        find_by_number(certificate.number, certificate.name),
    ):
        (record,) = found
        assert record.source == Source.SYSTEM
        assert record.number == certificate.number


def test_again_makes_nothing_twice(city: City, online: Online) -> None:
    document = online(3)
    make(city, document)
    files = set(ElectronicFile.objects.values_list("signed_sha256", flat=True))
    assert make(city, document).issued == 0
    assert set(ElectronicFile.objects.values_list("signed_sha256", flat=True)) == files
    assert Certificate.objects.count() == 3


def test_people_added_later_get_theirs(city: City, online: Online) -> None:
    document = online(2)
    make(city, document)
    more = announce(city, 2, channel="online")
    ApprovedPerson.objects.filter(pk__in=[each.pk for each in more]).update(document=document)
    type(document).objects.filter(pk=document.pk).update(people_count=4)
    assert make(city, document).issued == 2
    assert list(Certificate.objects.order_by("position").values_list("position", flat=True)) == [
        1,
        2,
        3,
        4,
    ]


def test_a_batch_costs_the_same_statements_for_any_number(city: City, online: Online) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for people in (3, 30):
        document = online(people)
        with CaptureQueriesContext(connection) as seen:
            make(city, document)
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 2, counts


def test_papers_are_chinese_whoever_asks(city: City, online: Online) -> None:
    document = online(1)
    with translation.override("en"):
        make(city, document)
    data = queries.stored_data(ElectronicFile.objects.get())
    assert (data.level, data.id_kind) == ("中级", "居民身份证")


@pytest.mark.parametrize(
    "given", [{"channel": "paper"}, {"channel": "online", "mode": "self_managed"}]
)
def test_n16_n17_only_online_documents(city: City, given: dict[str, str]) -> None:
    document = announce(city, 1, **given)[0].document
    with pytest.raises(Refusal) as refused:
        make(city, document)
    assert refused.value.rule == "electronic.not_online"


def test_only_the_department_and_the_office_may(city: City, online: Online) -> None:
    document = online(1)
    for organization, role in (
        ("industry", "officer"),
        ("hospital", "clerk"),
        ("office", "auditor"),
        ("office", "administrator"),
        ("health", "embosser"),
    ):
        with pytest.raises(NotPermitted):
            make_electronic(actor=city.who(organization, role), document_id=document.pk)
    assert not Certificate.objects.exists()
    make_electronic(actor=city.who("office", "clerk"), document_id=document.pk)


def test_an_import_asks_for_it_at_once(city: City, log_in: LogIn) -> None:
    """From the list workbook to the signed file, with nobody pressing a button."""
    from itertools import islice

    from zhicheng.approvals.actions import import_list
    from zhicheng.demo.faults import FaultyCity
    from zhicheng.demo.people import people
    from zhicheng.demo.workbooks import approval_list
    from zhicheng.reference.loading import load_reference

    load_reference()
    source = FaultyCity(unit=city.hospital.name, department=city.health.name)
    listed = [source.list_person(person=person, channel="线上") for person in islice(people(3), 4)]
    office = city.who("office", "clerk")
    report = import_list(actor=office, content=approval_list(listed), name="线上.xlsx")
    assert report.taken, report.as_text()
    work = Work.objects.get()
    assert (work.kind, work.account, work.state) == ("electronic.make", office, "waiting")
    work_off()
    work.refresh_from_db()
    assert work.state == WorkState.DONE and "4" in work.result_message
    assert Certificate.objects.filter(state="issued").count() == 4


def test_the_unsigned_file_is_made_again_from_what_is_stored(made: list[Certificate]) -> None:
    """Also when the office, the department and the key have new names since."""
    from zhicheng.organizations.models import Organization

    Organization.objects.filter(pk=made[0].issuing_unit_id).update(name="新名字", uscc="")
    for file in ElectronicFile.objects.select_related("file"):
        again = queries.regenerated(file)
        assert hashlib.sha256(again).hexdigest() == file.unsigned_sha256
        assert content_of(file.file)[: file.unsigned_size] == again


def test_no_id_number_in_clear_anywhere(
    made: list[Certificate], caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [reveal(bytes(item.id_number_cipher)) for item in made]
    assert_no_id_number_in_clear(*numbers)
    for event in AuditEvent.objects.all():
        told = json.dumps(event.data, ensure_ascii=False)
        assert not id_numbers_in(told) and not any(number in told for number in numbers)
    assert not id_numbers_in(caplog.text)


def test_each_chunk_is_one_event_with_its_digests(city: City, online: Online) -> None:
    document = online(5)
    make(city, document, chunk=2)
    events = [
        event
        for event in AuditEvent.objects.filter(tag=Action.ELECTRONIC_MAKE).order_by("sequence")
        if event.row_ids
    ]
    assert [len(event.row_ids) for event in events] == [2, 2, 1]
    assert all(len(event.row_digests) == 32 * len(event.row_ids) for event in events)
    assert all(event.data["signer"] and event.data["signing_key"] for event in events)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE certificates_certificate DISABLE TRIGGER USER")
        cursor.execute("UPDATE certificates_certificate SET name = '李四' WHERE position = 3")
    assert not verify_audit().passed
    assert any(fault["kind"] == "electronic.differs_from_approval" for fault in reconcile().faults)


def test_a_unit_without_a_name_is_nobodys(made: list[Certificate]) -> None:
    """Organisations without a short name aren't those of people without a work unit."""
    made[0].work_unit = ""
    (holders,) = queries.holders([made[0]])
    assert not holders.parties()[Relation.REPORTING]


def test_the_numbers_year_is_the_approvals(city: City, online: Online) -> None:
    document = online(2)
    first = document.people.order_by("pk")[0]
    ApprovedPerson.objects.filter(pk=first.pk).update(approval_date="2025-12-30")
    make(city, document)
    numbers = Certificate.objects.order_by("position").values_list("number", flat=True)
    assert [number[:6] for number in numbers] == ["DZ2025", "DZ2026"]
    assert NumberingRule.objects.count() == 1
