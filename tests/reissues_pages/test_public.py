"""The holder's pages: apply, hand in, submit, ask for progress (N10, N13, N14; invariant 10)."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City
from tests.support.pages import text_of
from tests.support.reissues import PDF, Way, about, issued, picture
from zhicheng.certificates.models import Certificate
from zhicheng.files.models import StoredFile
from zhicheng.protection import reveal
from zhicheng.reissues.models import Evidence, Reissue
from zhicheng.reissues.rules import same_telephone

pytestmark = pytest.mark.django_db


def number_of(certificate: Certificate) -> str:
    return reveal(bytes(certificate.id_number_cipher))


def start(client: Client, certificate: Certificate, kind: str = "replacement") -> Reissue:
    answer = client.post(
        "/reissues/apply/",
        {
            "kind": kind,
            "name": certificate.name,
            "id_number": number_of(certificate),
            "old_number": certificate.number,
            "telephone": "13800001234",
        },
    )
    assert answer.status_code == 302, text_of(answer)
    reissue = Reissue.objects.latest("pk")
    assert answer["Location"] == f"/reissues/apply/{reissue.receipt_number}/"
    return reissue


def upload(
    client: Client, reissue: Reissue, kind: str, *contents: bytes, **more: str
) -> HttpResponse:
    files = [
        SimpleUploadedFile(f"扫描{order}.pdf", content) for order, content in enumerate(contents)
    ]
    return client.post(
        f"/reissues/apply/{reissue.receipt_number}/papers/",
        {"kind": kind, "papers": files, **more},
    )


def test_n10_a_replacement_from_the_first_page_to_its_receipt(client: Client, city: City) -> None:
    (old,) = issued(city)
    reissue = start(client, old)
    base = f"/reissues/apply/{reissue.receipt_number}/"
    page = text_of(client.get(base))
    for shown in (reissue.receipt_number, old.number, old.specialty, old.document_number):
        assert shown in page
    assert "遗失登报报纸名称" in page
    assert "请填写报纸名称" in page
    assert client.get(f"{base}confirm/").status_code == 200
    client.post(
        f"{base}details/",
        {
            "unit": reissue.unit_id,
            "newspaper_name": "重庆日报",
            "newspaper_date": "2026-04-20",
            "newspaper_page": "8",
        },
    )
    assert upload(client, reissue, "review_form", PDF, picture()).status_code == 302
    assert upload(client, reissue, "newspaper", picture()).status_code == 302
    page = text_of(client.get(base))
    assert "材料齐全" in page
    assert "扫描1.pdf" in page
    assert StoredFile.objects.first().sha256[:16] in page  # type: ignore[union-attr]
    page = text_of(client.get(f"{base}confirm/"))
    assert "《重庆日报》 2026年4月20日 第8版" in page
    client.post(f"{base}submit/")
    reissue.refresh_from_db()
    assert reissue.state == "applied"
    page = text_of(client.get(f"{base}progress/"))
    assert reissue.receipt_number in page
    assert "待受理" in page
    for name in ("receipt.pdf", "form.pdf"):
        paper = client.get(f"{base}{name}")
        assert paper.content.startswith(b"%PDF-")
        assert number_of(old) not in paper["Content-Disposition"]


def test_n14_a_renewal_asks_for_the_proof_of_each_corrected_field(
    client: Client, city: City
) -> None:
    (old,) = issued(city)
    reissue = start(client, old, "renewal")
    base = f"/reissues/apply/{reissue.receipt_number}/"
    client.post(f"{base}corrections/", {"field": "specialty", "new": "心血管内科"})
    client.post(f"{base}corrections/", {"field": "name", "new": "阿卜杜热合曼·买买提依明"})
    page = text_of(client.get(base))
    assert "更正专业名称的佐证材料" in page
    assert "更正姓名的佐证材料" in page
    upload(client, reissue, "review_form", PDF)
    upload(client, reissue, "proof", PDF, field="specialty")
    refused = client.post(f"{base}submit/")
    assert refused.status_code == 422
    assert "更正姓名的佐证材料" in text_of(refused)
    assert "N14" in text_of(refused)
    client.post(f"{base}corrections/remove/", {"field": "name"})
    client.post(f"{base}submit/")
    reissue.refresh_from_db()
    assert reissue.state == "applied"
    assert reissue.corrections.get(removed_at=None).evidence.count() == 1


def test_n13_an_html_page_named_pdf_is_refused_and_nothing_is_half_done(
    client: Client, city: City
) -> None:
    (old,) = issued(city)
    reissue = start(client, old)
    html = b"<!DOCTYPE html><script>alert(1)</script>"
    answer = upload(client, reissue, "review_form", PDF, html)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "网页（HTML）" in page
    assert "PDF、JPEG、PNG" in page
    assert not Evidence.objects.exists()
    assert not StoredFile.objects.exists()
    upload(client, reissue, "review_form", PDF)
    kept = Evidence.objects.get()
    base = f"/reissues/apply/{reissue.receipt_number}/"
    shown = client.get(f"{base}papers/{kept.file.token}/")
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert b"".join([shown.content]) == PDF
    client.post(f"{base}papers/{kept.pk}/remove/")
    assert not Evidence.objects.filter(removed_at=None).exists()


def test_n10_an_old_certificate_that_isnt_on_file_is_typed(client: Client, city: City) -> None:
    typed = {
        "kind": "replacement",
        "name": "古丽",
        "id_number": "500103198502140022",
        "old_number": "1998-0042",
        "telephone": "023-63000000",
    }
    asked = client.post("/reissues/apply/", typed)
    assert asked.status_code == 200
    page = text_of(asked)
    assert "没有查到与以上三项都一致" in page
    assert "批准文号" in page
    assert not Reissue.objects.exists()
    from tests.support.city import id_number

    more = {
        **typed,
        "id_number": id_number(7),
        "typed": "1",
        "unit": city.health.pk,
        "sex": "女",
        "work_unit": "山城第一人民医院",
        "specialty": "内科",
        "qualification": "主治医师",
        "level": "intermediate",
        "approval_date": "1998-06-01",
        "document_number": "川职改〔1998〕3号",
    }
    answer = client.post("/reissues/apply/", more)
    assert answer.status_code == 302, text_of(answer)
    reissue = Reissue.objects.get()
    assert (reissue.source, reissue.match) == ("paper", "unmatched")
    assert "申请人填写（纸质证书）" in text_of(client.get(answer["Location"]))


def test_every_miss_of_the_certificate_looks_the_same(client: Client, city: City) -> None:
    """Neither words nor the number of statements tell which of the three was wrong."""
    first, second = issued(city, 2)
    right = {"name": first.name, "id_number": number_of(first), "old_number": first.number}
    wrong = (
        {**right, "name": "无此人"},
        {**right, "id_number": number_of(second)},
        {**right, "old_number": "20260000000000"},
        {"name": "无此人", "id_number": "500103199001010018", "old_number": "1"},
    )
    pages, statements = set(), set()
    client.get("/reissues/apply/")
    client.post("/reissues/apply/", {"kind": "renewal", "telephone": "13800001234", **wrong[0]})
    for fields in wrong:
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(
                "/reissues/apply/", {"kind": "renewal", "telephone": "13800001234", **fields}
            )
        pages.add(re.sub(r'value="[^"]*"', "", answer.content.decode()))
        statements.add(len(queries))
    assert len(pages) == 1
    assert len(statements) == 1
    assert not Reissue.objects.exists()


def test_n10_progress_needs_both_numbers_and_tells_nothing_else(client: Client, city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept()
    receipt, number = way.reissue.receipt_number, number_of(old)
    answers, statements = set(), set()
    for typed in ((receipt, "500103199001010018"), ("BH2026-999999-4", number)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/reissues/progress/", {"number": typed[0], "id_number": typed[1]})
        page = answer.content.decode()
        if "受理号有误" in page:
            continue
        answers.add(re.sub(r'value="[^"]*"', "", page))
        statements.add(len(queries))
    assert all("没有查到" in page for page in answers)
    assert len(answers) == len(statements) == 1
    spoken = f" {receipt.lower().replace('-', ' ')} "
    entered = client.post("/reissues/progress/", {"number": spoken, "id_number": number})
    assert entered.status_code == 302
    assert entered["Location"] == f"/reissues/apply/{receipt}/progress/"
    page = text_of(client.get(entered["Location"]))
    assert "工作单位意见" in page
    for hidden in (old.name, old.id_number_masked, old.specialty, "health.clerk", "hospital"):
        assert hidden not in page
    # Another browser doesn't get in by the address alone.
    stranger = Client()
    sent = stranger.get(entered["Location"])
    assert sent["Location"] == "/reissues/progress/"
    client.post(f"/reissues/apply/{receipt}/leave/")
    assert client.get(entered["Location"])["Location"] == "/reissues/progress/"


def test_n10_receipt_and_id_number_alone_change_and_show_nothing_more(
    client: Client, city: City
) -> None:
    """Receipt numbers count up, and a lost certificate bears the ID number."""
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept()
    receipt = way.reissue.receipt_number
    client.post("/reissues/progress/", {"number": receipt, "id_number": number_of(old)})
    base = f"/reissues/apply/{receipt}/"
    page = text_of(client.get(f"{base}progress/"))
    assert "申请时登记的联系电话" in page
    assert "1380" not in page
    for button in ("受理回执", "原证书找到了", "确定撤回"):
        assert button not in page
    for tail in ("", "confirm/", "form.pdf", "receipt.pdf"):
        assert client.get(f"{base}{tail}")["Location"] == f"{base}progress/"
    for step in ("found", "withdraw", "submit", "details", "corrections", "papers"):
        assert client.post(f"{base}{step}/")["Location"] == f"{base}progress/"
    wrong = client.post(f"{base}telephone/", {"telephone": "13800001235"})
    assert "与申请时登记的联系电话不一致" in text_of(wrong)
    assert client.post(f"{base}withdraw/")["Location"] == f"{base}progress/"
    assert way.now.state == "opinions"
    client.post(f"{base}telephone/", {"telephone": "+86 138-0000-1234"})
    page = text_of(client.get(f"{base}progress/"))
    assert "原证书找到了" in page
    assert client.get(f"{base}form.pdf").content.startswith(b"%PDF-")
    # Asked for again with both numbers, it stays open; left, it is closed.
    client.post("/reissues/progress/", {"number": receipt, "id_number": number_of(old)})
    assert client.get(f"{base}receipt.pdf").status_code == 200
    client.post(f"{base}leave/")
    client.post("/reissues/progress/", {"number": receipt, "id_number": number_of(old)})
    assert client.get(f"{base}receipt.pdf").status_code == 302


def test_n10_a_second_application_tells_nobody_the_receipt_number_of_the_first(
    client: Client, city: City
) -> None:
    """Whoever found the certificate knows number, name and ID number from it."""
    (old,) = issued(city)
    receipt = Way(city, about(old)).submit().reissue.receipt_number
    typed = {
        "kind": "replacement",
        "name": old.name,
        "id_number": number_of(old),
        "old_number": old.number,
        "telephone": "13900005678",
    }
    refused = client.post("/reissues/apply/", typed)
    assert refused.status_code == 409
    assert "已有一份在办的申请" in text_of(refused)
    assert "不知道受理号的，请向办理单位查询" in text_of(refused)
    assert receipt not in refused.content.decode()


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("13800001234", True),
        ("+86 138 0000 1234", True),
        ("0086-13800001234", True),
        ("１３８００００１２３４", True),
        ("1380000123", False),
        ("", False),
        ("无", False),
    ],
)
def test_a_telephone_number_is_known_however_it_is_written(given: str, same: bool) -> None:
    assert same_telephone(given, "13800001234") is same


def test_n10_a_draft_survives_and_the_holder_completes_what_was_returned(
    client: Client, city: City
) -> None:
    from zhicheng.reissues.actions_opinions import return_application

    (old,) = issued(city)
    reissue = start(client, old)
    later = Client()
    later.post(
        "/reissues/progress/", {"number": reissue.receipt_number, "id_number": number_of(old)}
    )
    later.post(
        f"/reissues/apply/{reissue.receipt_number}/telephone/", {"telephone": "138 0000 1234"}
    )
    page = later.get(f"/reissues/apply/{reissue.receipt_number}/")
    assert page.status_code == 200
    way = Way.__new__(Way)
    way.city, way.reissue, way.holder = city, reissue, None  # type: ignore[assignment]
    from tests.support.reissues import with_papers
    from zhicheng.reissues import actions, drafting
    from zhicheng.reissues.applicants import Applicant

    holder = Applicant(reissue.pk)
    with_papers(reissue, holder)
    from datetime import date

    drafting.change(holder, reissue, newspaper_name="重庆日报", newspaper_date=date(2026, 4, 1))
    actions.submit(actor=holder, reissue_id=reissue.pk)
    return_application(
        actor=way.who("clerk"), reissue_id=reissue.pk, reason="评审表复印件看不清档案章"
    )
    page_text = text_of(later.get(f"/reissues/apply/{reissue.receipt_number}/progress/"))
    assert "评审表复印件看不清档案章" in page_text
    assert upload(later, reissue, "review_form", PDF).status_code == 302
    later.post(f"/reissues/apply/{reissue.receipt_number}/submit/")
    reissue.refresh_from_db()
    assert reissue.state == "applied"


@pytest.mark.parametrize(("step", "outcome"), [("found", "found"), ("withdraw", "withdrawn")])
def test_n10_the_holder_ends_the_application(
    client: Client, city: City, step: str, outcome: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept()
    old.refresh_from_db()
    assert old.lost_at is not None
    receipt = way.reissue.receipt_number
    client.post("/reissues/progress/", {"number": receipt, "id_number": number_of(old)})
    client.post(f"/reissues/apply/{receipt}/telephone/", {"telephone": "13800001234"})
    client.post(f"/reissues/apply/{receipt}/{step}/", {"reason": "在旧书中找到"})
    assert way.now.outcome == outcome
    old.refresh_from_db()
    assert old.lost_at is None
    assert old.in_force


def test_no_id_number_stands_in_an_address_or_a_page(client: Client, city: City) -> None:
    (old,) = issued(city)
    number = number_of(old)
    reissue = start(client, old, "renewal")
    base = f"/reissues/apply/{reissue.receipt_number}/"
    other = number_of(issued(city)[0])
    client.post(f"{base}corrections/", {"field": "id_number", "new": other})
    upload(client, reissue, "review_form", PDF)
    upload(client, reissue, "proof", PDF, field="id_number")
    pages = [client.get(f"{base}{tail}") for tail in ("", "confirm/")]
    sent = client.post(f"{base}submit/", follow=True)
    for page in (*pages, sent):
        assert page.status_code == 200
        assert number not in page.content.decode()
        assert other not in page.content.decode()
    assert all(number not in address for address, _status in sent.redirect_chain)
    for path in ("/reissues/progress/", "/reissues/apply/"):
        assert client.get(path, {"number": number})["Location"] == path


def test_questions_are_limited_like_the_public_querys(client: Client, settings: object) -> None:
    settings.ZHICHENG_QUESTIONS_PER_MINUTE = 3  # type: ignore[attr-defined]
    asked = {"number": "BH2026-000001-X", "id_number": "500103199001010018"}
    assert 429 in [client.post("/reissues/progress/", asked).status_code for _ in range(8)]
    typed = {"kind": "renewal", "name": "甲", "id_number": "1", "old_number": "1"}
    assert client.post("/reissues/apply/", typed).status_code == 429


@pytest.mark.parametrize("path", ["/reissues/apply/", "/reissues/progress/"])
def test_first_load_stays_under_60_kilobytes(client: Client, db: None, path: str) -> None:
    page = client.get(path).content
    total = len(gzip.compress(page))
    for name in re.findall(rb'(?:href|src)="/static/([^"]+)"', page):
        found = finders.find(name.decode())
        assert isinstance(found, str), name
        total += len(gzip.compress(Path(found).read_bytes()))
    assert total < 60_000
