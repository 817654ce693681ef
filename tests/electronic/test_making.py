"""Online approvals become signed electronic certificates (N17; invariants 3, 4, 7, 8, 10)."""

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from tests.electronic.conftest import LogIn, Online
from tests.support.city import City, accepted_register, announce
from tests.support.privacy import assert_no_id_number_in_clear, id_numbers_in
from tests.support.working import work_off
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify as verify_audit
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.reconcile import reconcile
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import verify as verify_credential
from zhicheng.electronic import making, photo, queries
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.models import ElectronicFile, Hindrance
from zhicheng.electronic.sealing import seal, trusted_roots
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


def pdf_of(certificate: Certificate) -> bytes:
    return content_of(ElectronicFile.objects.get(certificate=certificate).file)


def make(city: City, document: ApprovalDocument, **given: Any) -> making.Made:
    return make_electronic(actor=city.who("health", "officer"), document_id=document.pk, **given)


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


def test_one_bad_name_stops_nobody_else(city: City, online: Online) -> None:
    document = online(4)
    bad = document.people.order_by("pk")[1]
    ApprovedPerson.objects.filter(pk=bad.pk).update(name="张\ue123")
    made = make(city, document)
    assert (made.issued, made.hindered) == (3, 1)
    note = Hindrance.objects.get(document=document)
    assert note.person_id == bad.pk and note.rule == "documents.missing_character"
    assert "U+E123" in note.found and "张" in note.message and note.mend
    assert gaps() == [] and GivenNumber.objects.count() == 3, "no number was spent on it"
    ApprovedPerson.objects.filter(pk=bad.pk).update(name="张三")
    assert make(city, document).issued == 1
    assert not Hindrance.objects.exists()
    assert reconcile().passed


def test_without_a_numbering_rule_the_reason_stays_on_the_page(city: City, online: Online) -> None:
    document = online(2, department=city.industry)
    with pytest.raises(Refusal) as refused:
        make_electronic(actor=city.who("industry", "clerk"), document_id=document.pk)
    assert refused.value.rule == "numbering.no_rule"
    note = Hindrance.objects.get()
    assert note.person is None and note.rule == "numbering.no_rule" and note.mend
    assert not Certificate.objects.exists()
    assert AuditEvent.objects.latest("sequence").data["refused"] == "numbering.no_rule"


def test_without_a_seal_nothing_is_made(city: City, online: Online, settings: Any) -> None:
    document = online(1)
    settings.ZHICHENG_SEAL_TEST_CA = ""
    with pytest.raises(Refusal) as refused:
        make(city, document)
    assert refused.value.rule == "seal.none"
    assert not Certificate.objects.exists() and not GivenNumber.objects.exists()


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


def test_n17_documents_are_found_by_whether_everybody_has_their_certificate(
    city: City, online: Online, log_in: LogIn
) -> None:
    done, open_ = online(2), online(2)
    make(city, done)
    for place, wanted, other in (("done", done, open_), ("open", open_, done)):
        page = log_in("office", "officer").get(f"/electronic/?place={place}").content.decode()
        assert wanted.number in page and other.number not in page, place
    assert reconcile().passed
    type(done).objects.filter(pk=done.pk).update(issued_count=1)
    (fault,) = reconcile().faults
    assert (fault["kind"], fault["document"]) == (
        "document.certificates_miscounted",
        done.number,
    )


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


def _sql(statement: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_signed_file_never_changes_around_the_code(made: list[Certificate]) -> None:
    for statement in (
        "UPDATE electronic_electronicfile SET signed_sha256 = repeat('0', 64)",
        "UPDATE electronic_electronicfile SET is_test = false",
        "DELETE FROM electronic_electronicfile",
        "UPDATE files_storedfile SET content = 'x'",
        "DELETE FROM certificates_certificate",
        "UPDATE certificates_certificate SET name = 'x' WHERE medium = 'electronic'",
        "UPDATE certificates_certificate SET state = 'awaiting_photo'",
    ):
        with pytest.raises(IntegrityError):
            _sql(statement)


def _certificate_values(city: City, online: Online, state: str) -> tuple[str, list[object]]:
    person = online(1).people.get()
    columns = (
        "medium, origin, number, position, approved_person_id, state, name, sex, id_kind,"
        " id_number_cipher, id_number_index, id_number_masked, work_unit, specialty,"
        " qualification, grade, level, approval_date, document_number, issuing_unit_id,"
        " approving_department_id, embosser_id, issued_at, recipient, recipient_relation"
    )
    statement = (
        f"INSERT INTO certificates_certificate ({columns})"
        " SELECT 'electronic', 'online', %s, 1, p.id, %s, p.name, p.sex, p.id_kind,"
        " p.id_number_cipher, p.id_number_index, p.id_number_masked, p.work_unit, p.specialty,"
        " p.qualification, p.grade, p.level, p.approval_date, d.number, d.approving_department_id,"
        " d.approving_department_id, d.approving_department_id,"
        " CASE %s WHEN 'issued' THEN now() END, '', ''"
        " FROM approvals_approvedperson p JOIN approvals_approvaldocument d"
        " ON d.id = p.document_id WHERE p.id = %s"
    )
    return statement, ["X1", state, state, person.pk]


def test_nothing_is_issued_without_its_file_around_the_code(city: City, online: Online) -> None:
    """Invariant 3, the first direction."""
    statement, values = _certificate_values(city, online, "issued")
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql(statement, *values)
    statement, values = _certificate_values(city, online, "awaiting_photo")
    _sql(statement, *values)
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql("UPDATE certificates_certificate SET state = 'issued', issued_at = now()")


def test_no_file_without_an_issued_certificate_around_the_code(
    city: City, online: Online, made: list[Certificate]
) -> None:
    """Invariant 3, the second direction; and no second file for the same certificate."""
    statement, values = _certificate_values(city, online, "awaiting_photo")
    _sql(statement, *values)
    waiting = Certificate.objects.get(state="awaiting_photo")
    copied = (
        "WITH f AS (INSERT INTO files_storedfile (token, name, content_type, size, sha256,"
        " kept_sha256, content, stored_at) SELECT gen_random_uuid(), 'x', content_type, size,"
        " repeat('a', 64), %s, content, now() FROM files_storedfile LIMIT 1 RETURNING id)"
        " INSERT INTO electronic_electronicfile (certificate_id, file_id, template_version, maker,"
        " data_cipher, unsigned_size, unsigned_sha256, signed_sha256, level, signer, signer_name,"
        " is_test, credential_key, signed_at) SELECT %s, f.id, 1, '', '', 1, repeat('a', 64),"
        " repeat('b', 64), '', repeat('c', 64), '', true, '', now() FROM f"
    )
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql(copied, "b" * 64, waiting.pk)
    with pytest.raises(IntegrityError, match="not the signed one"):
        _sql(copied, "c" * 64, waiting.pk)
    with pytest.raises(IntegrityError, match="certificate_id"):
        _sql(copied, "b" * 64, made[0].pk)


def test_n17_paper_and_electronic_exclude_each_other(city: City, online: Online) -> None:
    """A register's row takes nobody of an online document, and the other way round."""
    register = accepted_register(city, 1)
    row = register.rows.get()
    assert row.approved_person is not None
    with pytest.raises(Refusal):
        make(city, row.approved_person.document)
    person = online(1).people.get()
    with pytest.raises(IntegrityError):
        _sql("UPDATE registers_registerrow SET approved_person_id = %s", person.pk)


def test_reconcile_finds_a_missing_file(made: list[Certificate]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE electronic_electronicfile DISABLE TRIGGER USER")
        cursor.execute(
            "DELETE FROM electronic_electronicfile WHERE certificate_id = %s", [made[1].pk]
        )
        cursor.execute("ALTER TABLE electronic_electronicfile ENABLE TRIGGER USER")
    faults = reconcile().faults
    assert [(fault["kind"], fault["certificate"]) for fault in faults] == [
        ("electronic.not_one_file", made[1].number)
    ]


def test_reconcile_finds_files_that_were_exchanged(
    city: City, online: Online, made: list[Certificate]
) -> None:
    """Two good files, each signed by the seal, put under the other's number around the code."""
    make(city, online(2))
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for old, new in ((made[0].pk, -1), (made[1].pk, made[0].pk), (-1, made[1].pk)):
            cursor.execute(
                "UPDATE electronic_electronicfile SET certificate_id = %s"
                " WHERE certificate_id = %s",
                [new, old],
            )
        cursor.execute("SET LOCAL session_replication_role = origin")
    faults = reconcile().faults
    assert {fault["kind"] for fault in faults} == {"electronic.not_the_recorded_file"}
    assert {fault["certificate"] for fault in faults} == {each.number for each in made}


def test_a_unit_without_a_name_is_nobodys(made: list[Certificate]) -> None:
    """Organisations without a short name aren't those of people without a work unit."""
    made[0].work_unit = ""
    (holders,) = queries.holders([made[0]])
    assert not holders.parties()[Relation.REPORTING]


def test_a_slow_authority_makes_smaller_transactions(
    city: City, online: Online, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number's counter is held for seconds, not for minutes."""
    assert making._next_size(50, 0.9) == 50
    assert making._next_size(50, 25.0) == 10
    monkeypatch.setattr(making, "SECONDS", 0.0)
    assert make(city, online(4), chunk=2).issued == 4
    events = AuditEvent.objects.filter(tag=Action.ELECTRONIC_MAKE).order_by("sequence")
    assert [len(event.row_ids) for event in events if event.row_ids] == [2, 1, 1]


class _Broken:
    """A seal that fails in the middle of a batch, or changes what it should sign."""

    def __init__(self, after: int, with_what: Exception | None) -> None:
        self._own, self._left, self._error = seal(), after, with_what
        self.level, self.identity = self._own.level, self._own.identity

    def sign(self, pdf: bytes, *, box: Any, issuer: str) -> bytes:
        self._left -= 1
        signed = self._own.sign(pdf, box=box, issuer=issuer)
        if self._left >= 0:
            return signed
        if self._error is None:
            return signed.replace(b"%PDF-1.7", b"%PDF-1.6")
        raise self._error


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (RuntimeError("the device is gone"), "seal.failed"),
        (Refusal("seal.timestamp", "时间戳服务没有应答。"), "seal.timestamp"),
        (None, "seal.not_added"),
    ],
)
def test_a_seal_that_is_gone_within_a_batch_leaves_whole_chunks(
    city: City,
    online: Online,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
    rule: str,
) -> None:
    """What was made stays, the reason stands on the page, nothing is lost, and it goes on."""
    document = online(5)
    with monkeypatch.context() as patched:
        broken = _Broken(3, error)
        patched.setattr(making, "seal", lambda: broken)
        with pytest.raises(Refusal) as refused:
            make(city, document, chunk=2)
    assert refused.value.rule == rule
    assert Certificate.objects.count() == ElectronicFile.objects.count() == 2
    assert Hindrance.objects.get(document=document).rule == rule
    assert gaps() == [] and reconcile().passed
    assert make(city, document).issued == 3
    assert not Hindrance.objects.exists()
    assert GivenNumber.objects.count() == 5 and gaps() == [] and reconcile().passed


def test_the_numbers_year_is_the_approvals(city: City, online: Online) -> None:
    document = online(2)
    first = document.people.order_by("pk")[0]
    ApprovedPerson.objects.filter(pk=first.pk).update(approval_date="2025-12-30")
    make(city, document)
    numbers = Certificate.objects.order_by("position").values_list("number", flat=True)
    assert [number[:6] for number in numbers] == ["DZ2025", "DZ2026"]
    assert NumberingRule.objects.count() == 1
