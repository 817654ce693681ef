"""Reports of holders: made, checked by anybody, renewed, revoked, forgotten (N7, N20)."""

import random
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_around_the_code import refused_by
from tests.documents.reading import page_texts, picture
from tests.support.city import City, found_city
from tests.support.pages import text_of
from tests.support.privacy import assert_no_id_number_in_clear, dump
from tests.support.reissues import Way, about, issued
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import Certificate
from zhicheng.documents import qr
from zhicheng.organizations.guard import CONSOLE
from zhicheng.protection import reveal
from zhicheng.values.refusal import Refusal
from zhicheng.verification.models import ReportTerm, VerificationReport
from zhicheng.verification.queries import find_by_number
from zhicheng.verification.reports import actions, codes, rules
from zhicheng.verification.reports.queries import check, of_certificate
from zhicheng.verification.rules import Record, Standing

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture
def city(db: None) -> City:
    return found_city()


@pytest.fixture
def certificate(city: City) -> Certificate:
    return issued(city)[0]


def record_of(certificate: Certificate) -> Record:
    (record,) = find_by_number(certificate.number, certificate.name)
    return record


def number_of(certificate: Certificate) -> str:
    return reveal(bytes(certificate.id_number_cipher))


def code_of(report: VerificationReport) -> str:
    return reveal(bytes(report.code_cipher))


def come_in(client: Client, certificate: Certificate, **other: str) -> str:
    """The holder's three answers; gives the page that follows."""
    fields = {
        "name": certificate.name,
        "id_number": number_of(certificate),
        "number": certificate.number,
    }
    return text_of(client.post("/holder/", {**fields, **other}, follow=True))  # type: ignore[arg-type]


def ended_before(report: VerificationReport, days: int) -> None:
    """A report whose time is over since so many days, as if made long ago: around the code."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE verification_reportterm DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE verification_reportterm SET begins_on = begins_on - %s, ends_on = ends_on - %s"
            " WHERE report_id = %s",
            [days + 30, days + 30, report.pk],
        )
        cursor.execute("ALTER TABLE verification_reportterm ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# The code


def test_every_slip_of_the_pen_in_a_code_is_found() -> None:
    """Each wrong character, and each two that changed places."""
    for _ in range(20):
        code = codes.make()
        assert codes.is_code(code)
        for at in range(codes.LENGTH):
            for sign in codes.ALPHABET.replace(code[at], ""):
                assert not codes.is_code(code[:at] + sign + code[at + 1 :])
        for one in range(codes.LENGTH):
            for two in range(one):
                signs = list(code)
                signs[one], signs[two] = signs[two], signs[one]
                assert codes.is_code("".join(signs)) == (signs[one] == signs[two])


@given(st.integers(0), st.sampled_from([" ", "-", "　", " – ", ""]))
def test_a_code_is_read_however_it_is_typed(seed: int, gap: str) -> None:
    rng = random.Random(seed)  # noqa: S311
    code = codes.make()
    typed = "".join(
        (gap if at % 4 == 0 else "") + (sign.lower() if rng.random() < 0.5 else sign)
        for at, sign in enumerate(code)
    )
    wide = str.maketrans({chr(0x21 + n): chr(0xFF01 + n) for n in range(94)})
    assert codes.tidy(typed) == codes.tidy(typed.translate(wide)) == code
    assert codes.grouped(code).replace(" ", "") == code


@given(st.text(max_size=40))
def test_any_text_can_be_asked_for(text: str) -> None:
    assert codes.is_code(codes.tidy(text)) in (True, False)


# How long


@given(st.integers(-400, 400), st.integers(-200, 400))
def test_a_term_is_30_to_180_days_and_reaches_further(days: int, left: int) -> None:
    until = TODAY + timedelta(days=left)
    if 30 <= days <= 180 and days > left:
        term = rules.term(TODAY, days, until)
        assert (term.begins_on, term.ends_on - term.begins_on) == (TODAY, timedelta(days=days))
    else:
        with pytest.raises(Refusal):
            rules.term(TODAY, days, until)


# From the holder to whoever checks


def test_n7_the_holder_has_a_report_made_and_anybody_checks_it(
    client: Client, certificate: Certificate
) -> None:
    assert "我的证书" in come_in(client, certificate)
    assert "已出具" in text_of(client.post("/holder/reports/", {"days": "45"}, follow=True))
    report = VerificationReport.objects.get()
    code = code_of(report)
    term = report.terms.get()
    assert term.begins_on == timezone.localdate()
    assert term.ends_on - term.begins_on == timedelta(days=45)

    pdf = client.get(f"/holder/reports/{report.pk}.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    (text,) = page_texts(pdf.content)
    for word in (
        "职称证书核验报告", codes.grouped(code), certificate.name, certificate.number,
        certificate.qualification, certificate.specialty, certificate.document_number,
        certificate.id_number_masked, "有效",
    ):  # fmt: skip
        assert word.replace(" ", "") in text.replace(" ", ""), word
    assert number_of(certificate) not in text
    (link,) = qr.read(picture(pdf.content))
    assert link == f"http://testserver/r/{code}"
    assert client.get(f"/holder/reports/{report.pk}.pdf").content == pdf.content

    stranger = Client()
    for page in (
        stranger.get(link),
        stranger.post("/report/", {"code": codes.grouped(code).lower()}),
    ):
        words = text_of(page)
        assert "证书现在的状态" in words and "有效" in words
        assert certificate.number in words and certificate.id_number_masked in words
        assert number_of(certificate) not in page.content.decode()
    assert stranger.get(link)["Referrer-Policy"] == "no-referrer"


def test_one_wrong_item_of_three_lets_nobody_in(city: City, client: Client) -> None:
    first, second = issued(city, 2)
    come = {
        "id_number": number_of(second), "name": second.name, "number": second.number,
    }  # fmt: skip
    told = set()
    for item, wrong in come.items():
        told.add(come_in(client, first, **{item: wrong}).split("没有与您填写的")[1][:60])
        assert client.get("/holder/certificate/").status_code == 302
    assert len(told) == 1


def test_nobody_gets_at_reports_of_another_certificate(city: City, client: Client) -> None:
    mine, other = issued(city, 2)
    report = actions.make(record=record_of(other), days=90)
    come_in(client, mine)
    for path in ("renew", "revoke"):
        answer = client.post(f"/holder/reports/{report.pk}/{path}", {"days": "170"})
        assert answer.status_code == 422
    assert client.get(f"/holder/reports/{report.pk}.pdf").status_code == 422
    assert "还没有出具过报告" in text_of(client.get("/holder/certificate/"))
    assert ReportTerm.objects.count() == 1
    client.post("/holder/leave/")
    assert client.get("/holder/certificate/").status_code == 302


def test_the_proof_is_of_one_person_whatever_becomes_of_the_number(
    client: Client, certificate: Certificate
) -> None:
    come_in(client, certificate)
    session = client.session
    assert session["holder"]["person"] == bytes(certificate.id_number_index).hex()
    # As if the number, and the name, were somebody else's since.
    session["holder"] = {**session["holder"], "person": "00" * 32}
    session.save()
    assert client.get("/holder/certificate/").status_code == 302
    assert client.get("/holder/lookups/").status_code == 302


def test_the_proof_holds_for_a_quarter_of_an_hour(
    client: Client, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    come_in(client, certificate)
    assert client.get("/holder/certificate/").status_code == 200
    now = time.time()
    monkeypatch.setattr("zhicheng.verification.holders.time.time", lambda: now + 16 * 60)
    assert client.get("/holder/certificate/").status_code == 302


def test_trying_to_be_the_holder_ends_for_everybody(
    client: Client, certificate: Certificate, settings: object
) -> None:
    settings.ZHICHENG_HOLDER_QUESTIONS_PER_HOUR = 3  # type: ignore[attr-defined]
    answers = [
        client.post(
            "/holder/",
            {"name": certificate.name, "id_number": f"{n}", "number": certificate.number},
            REMOTE_ADDR=f"10.0.0.{n}",
        ).status_code
        for n in range(1, 6)
    ]
    assert answers[0] == 200 and answers[-1] == 429


# Today's standing


def test_a_check_says_how_the_certificate_stands_today(city: City, client: Client) -> None:
    (certificate,) = issued(city)
    code = code_of(actions.make(record=record_of(certificate), days=90))
    way = Way(city, about(certificate)).submit().accept()
    assert [one.standing for one in check(code)] == [Standing.LOST]
    words = text_of(client.get(f"/r/{code}"))
    assert "已报失" in words and "出具时状态" in words
    with pytest.raises(Refusal, match="不是有效状态"):
        actions.make(record=record_of(certificate), days=90)
    come_in(client, certificate)
    assert "不能出具报告" in text_of(client.get("/holder/certificate/"))
    del way


def test_a_check_says_when_the_record_changed_since(certificate: Certificate) -> None:
    report = actions.make(record=record_of(certificate), days=90)
    code = code_of(report)
    assert not check(code)[0].changed
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE verification_verificationreport DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE verification_verificationreport"
            ' SET said = said || \'{"specialty": "x"}\'::jsonb'
        )
    assert check(code)[0].changed


# One answer to whatever can't be checked


def test_unknown_expired_and_revoked_reports_are_one_answer(
    client: Client, certificate: Certificate
) -> None:
    record = record_of(certificate)
    revoked, expired, lived = (actions.make(record=record, days=30) for _ in range(3))
    actions.revoke(record=record, key=revoked.pk)
    ended_before(expired, 1)
    pages, statements = set(), []
    for code in (codes.make(), code_of(revoked), code_of(expired), "x"):
        with CaptureQueriesContext(connection) as queries:
            words = text_of(client.get(f"/r/{code}"))
            pages.add(re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "", words))
        statements.append(len(queries))
    assert len(pages) == 1
    assert max(statements[:3]) - min(statements[:3]) <= 1
    assert "没有可以查验的报告" in pages.pop()
    with CaptureQueriesContext(connection) as queries:
        assert "证书现在的状态" in text_of(client.get(f"/r/{code_of(lived)}"))
    assert abs(len(queries) - statements[0]) <= 1
    wrong = codes.make()[:-1] + "0"
    assert "抄写错误" in text_of(client.post("/report/", {"code": wrong}))


def test_a_report_can_be_checked_on_its_last_day_and_renewed_after_it(
    certificate: Certificate,
) -> None:
    record = record_of(certificate)
    report = actions.make(record=record, days=30)
    code = code_of(report)
    ended_before(report, 0)
    assert len(check(code)) == 1
    ended_before(report, -29)  # another day
    assert check(code) == []
    with pytest.raises(Refusal):
        actions.renew(record=record, key=report.pk, days=29)
    actions.renew(record=record, key=report.pk, days=30)
    assert len(check(code)) == 1
    with pytest.raises(Refusal, match="不晚于"):
        actions.renew(record=record, key=report.pk, days=30)
    actions.renew(record=record, key=report.pk, days=180)
    (mine,) = of_certificate(record)
    assert (mine.renewals, mine.state, mine.code) == (2, "running", code)
    actions.revoke(record=record, key=report.pk)
    for again in (
        lambda: actions.renew(record=record, key=report.pk, days=180),
        lambda: actions.revoke(record=record, key=report.pk),
    ):
        with pytest.raises(Refusal, match="已经撤销"):
            again()


def test_one_certificate_has_no_more_than_twenty_reports_in_force(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "IN_FORCE_AT_MOST", 2)
    record = record_of(certificate)
    first, _second = (actions.make(record=record, days=30) for _ in range(2))
    with pytest.raises(Refusal, match="上限"):
        actions.make(record=record, days=30)
    actions.revoke(record=record, key=first.pk)
    actions.make(record=record, days=30)


# What is kept


def test_neither_the_database_nor_the_chain_holds_a_code(certificate: Certificate) -> None:
    record = record_of(certificate)
    report = actions.make(record=record, days=90)
    code = code_of(report)
    actions.renew(record=record, key=report.pk, days=180)
    actions.revoke(record=record, key=report.pk)
    for table, text in dump():
        assert code not in text and code.encode().hex() not in text, table
    assert_no_id_number_in_clear(number_of(certificate))
    events = list(
        AuditEvent.objects.filter(tag__contains="verification_report").order_by("sequence")
    )
    assert [(event.tag.split(":")[2], event.actor_id) for event in events] == [
        ("make", None),
        ("renew", None),
        ("revoke", None),
    ]
    assert all(event.actor_name == "holder" for event in events)
    assert verify().passed


def test_reports_are_forgotten_a_year_after_their_end(certificate: Certificate) -> None:
    record = record_of(certificate)
    old, over, lives = (actions.make(record=record, days=30) for _ in range(3))
    ended_before(old, 366)
    ended_before(over, 365)
    assert actions.forget_old(actor=CONSOLE) == 1
    kept = set(VerificationReport.objects.values_list("pk", flat=True))
    assert kept == {over.pk, lives.pk}
    assert actions.forget_old(actor=CONSOLE) == 0
    assert AuditEvent.objects.filter(tag="system:verification_report:forget").count() == 1


TERM = (
    "INSERT INTO verification_reportterm (report_id, begins_on, ends_on, recorded_at)"
    " SELECT {which}, '2030-01-01', date '2030-01-01' + {days}, now()"
    " FROM verification_verificationreport"
)
REPORT = (
    "INSERT INTO verification_verificationreport"
    " (code_digest, code_cipher, certificate_number, person, said, made_at)"
    " SELECT {digest}, code_cipher, 'x', person, said, now()"
    " FROM verification_verificationreport LIMIT 1"
)
AROUND: dict[str, str] = {
    "report_is_valid_for_30_to_180_days": TERM.format(which="max(id)", days=181),
    "report_term_ends_after_it_begins": TERM.format(which="max(id)", days=-40),
    "renewal_never_shortens_a_report": TERM.format(which="max(id)", days=40).replace(
        "2030-01-01", "2026-01-01"
    ),
    "revoked_report_is_never_renewed": TERM.format(which="min(id)", days=60),
    "report_term_is_never_changed": "UPDATE verification_reportterm SET ends_on = ends_on + 1",
    "report_is_kept_for_a_year": "DELETE FROM verification_reportterm",
    "report_changes_only_by_its_revocation": (
        "UPDATE verification_verificationreport SET said = '{}', revoked_at = now()"
    ),
    "report_is_revoked_after_it_was_made": (
        "UPDATE verification_verificationreport SET revoked_at = '2000-01-01'"
        " WHERE revoked_at IS NULL"
    ),
    "report_code_is_given_once": REPORT.format(digest="code_digest"),
    "report_code_is_kept_as_digest": REPORT.format(digest="'ABCD'::bytea"),
    "report_has_a_term": REPORT.format(digest="sha256('x'::bytea)"),
}


def test_the_database_refuses_by_name(certificate: Certificate) -> None:
    record = record_of(certificate)
    first = actions.make(record=record, days=30)
    actions.make(record=record, days=30)
    actions.revoke(record=record, key=first.pk)
    # Two checks hold a term that ends before it begins; either may speak first.
    said = {name: refused_by(statement) for name, statement in AROUND.items()}
    assert said.pop("report_term_ends_after_it_begins") in {
        "report_term_ends_after_it_begins",
        "report_is_valid_for_30_to_180_days",
        "renewal_never_shortens_a_report",
    }
    assert said == {name: name for name in said}
    for back in ("revoked_at = NULL", "revoked_at = now()"):
        statement = (
            f"UPDATE verification_verificationreport SET {back} WHERE revoked_at IS NOT NULL"
        )
        assert refused_by(statement) == "report_changes_only_by_its_revocation"
    assert refused_by("DELETE FROM verification_verificationreport") == "report_is_kept_for_a_year"
