"""The pages of review records and self-issued certificates, as clerks and officers use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.selfissued.test_reports import person, row
from tests.support.city import City, id_number
from tests.support.filing import Filing
from tests.support.privacy import id_numbers_in
from zhicheng.approvals.models import ReviewRecord
from zhicheng.protection import reveal
from zhicheng.selfissued.models import Report, SelfIssuedCertificate
from zhicheng.selfissued.template_book import template_book

pytestmark = pytest.mark.django_db


def browser(city: City, unit: str, role: str) -> Client:
    client = Client()
    client.force_login(city.who(unit, role))
    return client


def upload(client: Client, *rows: list[str]):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile("证书.xlsx", template_book(unit="长江重工", rows=rows))
    return client.post("/selfissued/new/", {"file": file})


def test_n16_from_the_form_to_the_public_answer_and_its_correction(filing: Filing) -> None:
    city = filing.city
    clerk, officer = browser(city, "enterprise", "clerk"), browser(city, "office", "officer")
    assert clerk.get("/selfissued/template.xlsx").status_code == 200
    faulty = upload(clerk, row(1, number=""))
    assert faulty.status_code == 422 and "证书编号没有填写" in faulty.content.decode()
    page = upload(clerk, row(1), row(2)).headers["Location"]
    assert "待收录" in clerk.get(page).content.decode()
    assert browser(city, "health", "clerk").get(page).status_code == 404
    assert "ZF" in officer.get("/tasks/").content.decode()
    report = Report.objects.get()
    assert officer.post(f"/selfissued/reports/{report.pk}/accept/").status_code == 302
    shown = Client().post("/", {"name": person(1), "number": "CJ2026-0001"}).content.decode()
    assert "由单位自行发放" in shown and "不是全市统一的职称证书" in shown and "qry-own" in shown
    assert "下载公开日志证明" not in shown
    one = SelfIssuedCertificate.objects.get(number="CJ2026-0001")
    page = f"/selfissued/certificates/{one.pk}/"
    assert not id_numbers_in(clerk.get(page).content.decode())
    told = dict(clerk.get(f"{page}correct/").context["form"].initial)
    told |= {"specialty": "电气", "correction_reason": "专业写错", "id_number": ""}
    assert clerk.post(f"{page}correct/", told).status_code == 302
    correction = Report.objects.order_by("-pk")[0]
    assert officer.post(f"/selfissued/reports/{correction.pk}/accept/").status_code == 302
    new = SelfIssuedCertificate.objects.get(number="CJ2026-0001", state="accepted")
    assert (new.specialty, reveal(bytes(new.id_number_cipher))) == ("电气", id_number(1))
    assert "已更正" in clerk.get(f"/selfissued/certificates/{new.pk}/").content.decode()
    two = SelfIssuedCertificate.objects.get(number="CJ2026-0002")
    ended = {"kind": "void", "reason": "放弃聘任"}
    assert clerk.post(f"/selfissued/certificates/{two.pk}/end/", ended).status_code == 302
    shown = Client().post("/", {"name": person(2), "number": "CJ2026-0002"}).content.decode()
    assert "已作废" in shown


def test_n16_a_returned_report_is_on_the_units_first_page(filing: Filing) -> None:
    clerk = browser(filing.city, "enterprise", "clerk")
    officer = browser(filing.city, "office", "officer")
    upload(clerk, row(1))
    report = Report.objects.get()
    missing = officer.post(f"/selfissued/reports/{report.pk}/return/", {"reason": ""})
    assert missing.status_code == 422
    officer.post(f"/selfissued/reports/{report.pk}/return/", {"reason": "缺公布文件"})
    assert report.number in clerk.get("/tasks/").content.decode()
    assert "缺公布文件" in clerk.get(report.get_absolute_url()).content.decode()


def test_n15_a_record_is_put_on_file_and_revoked_on_its_page(filing: Filing) -> None:
    city = filing.city
    officer = browser(city, "office", "officer")
    given = {
        "mode": "authorized",
        "unit": city.hospital.pk,
        "department": city.health.pk,
        "number": "渝卫授〔2026〕1号",
        "valid_from": "2026-01-01",
        "valid_to": "2027-12-31",
        "levels": ["intermediate"],
        "series": ["卫生技术人员"],
        "qualifications": "主治医师、主管护师",
    }
    page = officer.post("/approvals/records/new/", given).headers["Location"]
    shown = officer.get(page).content.decode()
    assert "卫生技术人员；中级；主治医师、主管护师" in shown
    wrong = officer.post("/approvals/records/new/", {**given, "number": "x", "department": ""})
    assert wrong.status_code == 422
    ended = {"kind": "revoked", "ended_on": "2026-07-01", "reason": "抽查不合格"}
    record = ReviewRecord.objects.get(number="渝卫授〔2026〕1号")
    assert officer.post(f"/approvals/records/{record.pk}/end/", ended).status_code == 302
    assert "抽查不合格" in officer.get(page).content.decode()
    clerk = browser(city, "hospital", "clerk")
    assert clerk.post(f"/approvals/records/{record.pk}/end/", ended).status_code == 403


def test_n16_the_menu_names_these_pages_to_those_whom_they_concern(filing: Filing) -> None:
    entry = 'href="/selfissued/"'
    for unit, role, shown in (
        ("enterprise", "clerk", True),
        ("office", "officer", True),
        ("hospital", "clerk", False),
        ("health", "officer", False),
    ):
        page = browser(filing.city, unit, role).get("/tasks/").content.decode()
        assert (entry in page) == shown, (unit, role)
