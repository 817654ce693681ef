"""One box for everything, and only what the account may see (invariants 9 and 10)."""

import logging

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City, found_city
from tests.support.reissues import Way, about, issued
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, reveal
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def certificate(city: City) -> Certificate:
    """Issued at the health department, for its hospital."""
    return issued(city)[0]


def ask(account: Account, text: str, **more: object) -> str:
    """The page that answers."""
    client = Client()
    client.force_login(account)
    answer = client.post("/search/", {"text": text, **more}, headers=more.pop("headers", {}))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def typed(account: Account, text: str) -> str:
    """What appears below the box while somebody types."""
    client = Client(headers={"HX-Request": "true"})
    client.force_login(account)
    answer = client.post("/search/", {"text": text})
    assert answer.status_code == 200 and b"<html" not in answer.content
    return answer.content.decode()


def named(name: str, certificate: Certificate) -> Certificate:
    """Another certificate with this name, around the code; the trigger has to notice it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE certificates_certificate DISABLE TRIGGER certificate_guard")
        cursor.execute(
            "INSERT INTO certificates_certificate (medium, origin, number, position,"
            " approved_person_id, state, name, sex, id_kind, id_number_cipher, id_number_index,"
            " id_number_masked, work_unit, specialty, qualification, grade, level, approval_date,"
            " document_number, issuing_unit_id, approving_department_id, embosser_id, recipient,"
            " recipient_relation) SELECT 'electronic', 'online', 'E' || md5(%s),"
            " 1, approved_person_id, 'withdrawn', %s, sex, id_kind, id_number_cipher,"
            " sha256(%s::bytea), id_number_masked, work_unit, specialty, qualification, grade,"
            " level, approval_date, document_number, issuing_unit_id, approving_department_id,"
            " embosser_id, '', '' FROM certificates_certificate WHERE id = %s RETURNING id",
            [name, name, name, certificate.pk],
        )
        (pk,) = cursor.fetchone()
        cursor.execute("ALTER TABLE certificates_certificate ENABLE TRIGGER certificate_guard")
    return Certificate.objects.get(pk=pk)


def test_every_kind_is_found(city: City, certificate: Certificate) -> None:
    officer = city.who("office", "officer")
    register = Register.objects.get(pk=certificate.register_id)
    serial = format_serial(certificate.blank_serial)
    assert f"/certificates/{certificate.pk}/" in ask(officer, certificate.number)
    assert f"/certificates/{certificate.pk}/" in ask(officer, certificate.number[:8])
    assert f"/certificates/{certificate.pk}/" in ask(officer, certificate.name)
    assert f"/blanks/serials/{certificate.blank_serial}/" in ask(officer, serial)
    assert f"/registers/{register.pk}/" in ask(officer, register.number)
    assert "/approvals/" in ask(officer, certificate.document_number)
    assert f"/organizations/{city.hospital.pk}/" in ask(officer, "第一人民")
    assert f"/organizations/{city.hospital.pk}/" in ask(officer, "sc")
    assert f"/organizations/{city.hospital.pk}/" in ask(officer, "shancheng")
    nothing = ask(officer, "没有这个人")
    assert "没有找到您可以查看的内容" in nothing and "可以搜索" in nothing


def test_applications_are_found_by_receipt_number_and_name(
    city: City, certificate: Certificate
) -> None:
    way = Way(city, about(certificate), actor=city.who("health", "clerk"))
    way.reissue.state = "applied"
    way.reissue.save()
    application = way.reissue
    page = ask(city.who("office", "officer"), application.receipt_number)
    assert f"/reissues/{application.pk}/" in page
    assert f"/reissues/{application.pk}/" in ask(city.who("office", "officer"), application.name)


def test_n18_a_name_is_found_by_its_letters_in_every_reading(
    city: City, certificate: Certificate
) -> None:
    officer = city.who("office", "officer")
    people = {
        name: named(name, certificate)
        for name in (
            "张三",
            "张三丰",
            "单晓曾",
            "曾乐",
            "阿卜杜热西提·买买提",
            "John Smith",
            "吕梅",
        )
    }
    for text, names in {
        "zs": ("张三", "张三丰"),
        "zhangsan": ("张三", "张三丰"),
        "zhangs": ("张三", "张三丰"),
        "zsf": ("张三丰",),
        "张三": ("张三", "张三丰"),
        "shanxiaozeng": ("单晓曾",),
        "danxiao": ("单晓曾",),
        "zengle": ("曾乐",),
        "cengyue": ("曾乐",),
        "zy": ("曾乐",),
        "abdrxt": ("阿卜杜热西提·买买提",),
        "abudu": ("阿卜杜热西提·买买提",),
        "john": ("John Smith",),
        "lvmei": ("吕梅",),
        "lümei": ("吕梅",),
    }.items():
        page = typed(officer, text)
        for name, found in people.items():
            assert (f"/certificates/{found.pk}/" in page) == (name in names), (text, name)
    page = typed(officer, "zhangsan")
    assert page.index("张三 ") < page.index("张三丰")


def test_nobody_finds_what_they_may_not_see(city: City, certificate: Certificate) -> None:
    link = f"/certificates/{certificate.pk}/"
    register = Register.objects.get(pk=certificate.register_id)
    texts = [certificate.number, certificate.name, "zy", str(certificate.blank_serial)]
    for who in (("health", "clerk"), ("hospital", "clerk"), ("office", "auditor")):
        assert link in ask(city.who(*who), certificate.number)
        assert link in ask(city.who(*who), certificate.name)
    for who in (("industry", "officer"), ("district", "clerk"), ("enterprise", "officer")):
        for text in [*texts, register.number, certificate.document_number]:
            page = ask(city.who(*who), text)
            assert link not in page and f"/registers/{register.pk}/" not in page
            assert "/blanks/serials/" not in page and "/approvals/1" not in page
            assert "没有找到" in page
    administrator = city.who("office", "administrator")
    assert link not in ask(administrator, certificate.number)
    assert f"/organizations/{city.hospital.pk}/" in ask(administrator, "第一人民")


def test_an_id_number_is_asked_on_purpose_and_written_down(
    city: City, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = reveal(bytes(certificate.id_number_cipher))
    officer = city.who("health", "officer")
    asked = AuditEvent.objects.filter(tag=Action.SEARCH_BY_ID_NUMBER)
    live = typed(officer, number)
    assert "记入审计" in live and f"/certificates/{certificate.pk}/" not in live
    assert not asked.exists()
    page = ask(officer, number)
    assert (
        f"/certificates/{certificate.pk}/" in page
        and f"/registers/{certificate.register_id}/" in page
    )
    event = asked.get()
    assert event.data["shown"]["certificate"] == 1
    assert number not in str(event.data) and number not in caplog.text
    ask(officer, number, kind="certificate")  # no page of it goes by unwritten
    assert asked.count() == 2
    assert f"/certificates/{certificate.pk}/" not in ask(city.who("industry", "officer"), number)
    client = Client()
    client.force_login(city.who("health", "embosser"))
    assert client.post("/search/", {"text": number}).status_code == 403


def test_nothing_that_was_typed_comes_from_or_goes_into_an_address(
    city: City, certificate: Certificate
) -> None:
    client = Client()
    client.force_login(city.who("office", "officer"))
    page = client.get("/search/", {"text": certificate.name, "q": certificate.name})
    assert certificate.number not in page.content.decode()
    found = ask(city.who("office", "officer"), certificate.name)
    assert "?text=" not in found and 'method="get"' not in found.lower()


def test_a_kind_has_pages_and_its_statements_do_not_grow(
    city: City, certificate: Certificate
) -> None:
    for number in range(25):
        named(f"周周{chr(0x4E00 + number)}", certificate)
    officer = city.who("office", "officer")
    first = ask(officer, "周周", kind="certificate")
    second = ask(officer, "周周", kind="certificate", page="2")
    links = [page.count("<b>周周") for page in (first, second)]
    assert links == [20, 5]
    assert "下一页" in first and "上一页" in second and "下一页" not in second
    client = Client()
    client.force_login(officer)
    with CaptureQueriesContext(connection) as few:
        client.post("/search/", {"text": "周周一"})
    with CaptureQueriesContext(connection) as many:
        client.post("/search/", {"text": "周周"})
    assert len(few) == len(many)


def test_a_renamed_unit_is_found_by_its_new_name(city: City) -> None:
    Organization.objects.filter(pk=city.hospital.pk).update(name="渝州医院", short_name="")
    officer = city.who("office", "officer")
    assert f"/organizations/{city.hospital.pk}/" in ask(officer, "yzyy")
    assert f"/organizations/{city.hospital.pk}/" not in ask(officer, "scdy")


def test_a_unit_is_found_by_a_short_form_after_those_that_are_called_so(city: City) -> None:
    Organization.objects.filter(pk=city.health.pk).update(name="渝州市卫生健康委员会")
    Organization.objects.filter(pk=city.industry.pk).update(name="市卫健委服务中心")
    page = typed(city.who("office", "officer"), "市卫健委")
    near, called_so = (f"/organizations/{unit.pk}/" for unit in (city.health, city.industry))
    assert 0 < page.index(called_so) < page.index(near)
    assert near not in typed(city.who("office", "officer"), "市卫教委")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("500103198502141015", "校验码不对"),
        ("500103198513141014", "出生日期不对"),
        ("50010319850214101", "应为 18 位，现为 17 位"),
        ("5001031985021410144", "应为 18 位，现为 19 位"),
    ],
)
def test_a_slip_in_an_id_number_is_told_and_nothing_is_asked_or_kept(
    city: City, certificate: Certificate, number: str, said: str
) -> None:
    officer = city.who("office", "officer")
    for page in (ask(officer, number), typed(officer, number)):
        assert said in page and "没有记入审计" in page
        assert number not in page and number[:14] not in page
    assert not AuditEvent.objects.filter(tag=Action.SEARCH_BY_ID_NUMBER).exists()


def test_a_certificate_whose_number_is_nearly_an_id_number_is_found_by_it(
    city: City, certificate: Certificate
) -> None:
    number = "500103202603180001"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE certificates_certificate DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE certificates_certificate SET number = %s WHERE id = %s",
            [number, certificate.pk],
        )
        cursor.execute("ALTER TABLE certificates_certificate ENABLE TRIGGER USER")
    page = typed(city.who("hospital", "clerk"), number)
    assert f"/certificates/{certificate.pk}/" in page and "校验码" not in page


def test_a_document_is_found_without_its_brackets(city: City, certificate: Certificate) -> None:
    officer = city.who("office", "officer")
    number = certificate.document_number
    for text in (
        number.replace("〔", "").replace("〕", "年"),
        number.replace("〔", "").replace("〕", ""),
        number.replace("〔", "(").replace("〕", ")"),
    ):
        assert f"<b>{number}</b>" in typed(officer, text), text


def test_the_keys_of_all_certificates_made_anew_are_the_same(
    city: City, certificate: Certificate
) -> None:
    named("单乐", certificate)
    fields = "certificate_id, initials, spelled, issuing_unit_id, reporting_unit_id, endorser_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {fields} FROM search_holderkey ORDER BY 1, 2, 3")
        written = cursor.fetchall()
        cursor.execute("SELECT search_holders_anew()")
        cursor.execute(f"SELECT {fields} FROM search_holderkey ORDER BY 1, 2, 3")
        assert cursor.fetchall() == written
    assert len({row[0] for row in written}) == Certificate.objects.count()


def test_strangers_are_sent_to_the_login() -> None:
    answer = Client().post("/search/", {"text": "张三"})
    assert answer.status_code == 302 and "/login/" in answer.headers["Location"]
    assert "张" not in answer.headers["Location"]


def of_document(certificate: Certificate, number: str) -> None:
    """The certificate's holder has this document, around the code."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE certificates_certificate DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE certificates_certificate SET id_number_index = %s WHERE id = %s",
            [blind_index(number), certificate.pk],
        )
        cursor.execute("ALTER TABLE certificates_certificate ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("E12345678", "e12345678"),
        ("USA123456789012", "USA 123456789012"),
        ("500103198502141014", "500103850214101"),
    ],
)
def test_a_passport_a_permit_and_fifteen_digits_find_their_holder(
    city: City, certificate: Certificate, document: str, text: str
) -> None:
    of_document(certificate, document)
    link, officer = f"/certificates/{certificate.pk}/", city.who("health", "officer")
    asked = AuditEvent.objects.filter(tag=Action.SEARCH_BY_ID_NUMBER)
    assert link not in typed(officer, text) and not asked.exists()
    page = ask(officer, text)
    assert link in page and f'value="{text}"' not in page
    assert asked.get().data["shown"] == {"certificate": 1}
    assert document not in str(asked.get().data)
    assert link not in ask(city.who("industry", "officer"), text)


def test_a_number_in_the_form_of_a_passport_is_found_as_one_by_everybody(
    city: City, certificate: Certificate
) -> None:
    register = Register.objects.get(pk=certificate.register_id)
    Register.objects.filter(pk=register.pk).update(number="DJ2026001")
    link = f"/registers/{register.pk}/"
    embosser, officer = city.who("health", "embosser"), city.who("health", "officer")
    assert link in typed(officer, "DJ2026001")
    page = ask(officer, "DJ2026001")
    assert link in page and 'value="DJ2026001"' in page
    assert AuditEvent.objects.filter(tag=Action.SEARCH_BY_ID_NUMBER).count() == 1
    assert link in ask(embosser, "DJ2026001")
    assert AuditEvent.objects.filter(tag=Action.SEARCH_BY_ID_NUMBER).count() == 1
