"""Batch verification: the public answer for many at once, to employers, with a trace of each."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import (
    City,
    accepted_register,
    carry,
    deliver,
    found_city,
    id_number,
)
from tests.support.employers import employer, names_file
from tests.support.privacy import id_numbers_in
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import EMPLOYER_ACTIONS, Action, Role
from zhicheng.protection import reveal
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.batch.answering import answer_rows, verify_batch
from zhicheng.verification.batch.books import template
from zhicheng.verification.batch.reading import read_batch
from zhicheng.verification.batch.rules import AskedRow, check_rows
from zhicheng.verification.lookups import lookups_of
from zhicheng.verification.models import BatchVerification, Lookup
from zhicheng.verification.queries import find
from zhicheng.work.models import Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    city = found_city()
    register = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, register, "issued")
    return city


def issued() -> list[tuple[str, str, str]]:
    """(name, ID number, certificate number) of everybody."""
    return [
        (each.name, reveal(bytes(each.id_number_cipher)), each.number)
        for each in Certificate.objects.order_by("pk")
    ]


def verify(account: Account, rows: list[AskedRow], **given: object):  # type: ignore[no-untyped-def]
    return verify_batch(
        actor=account,
        rows=rows,
        way="upload",
        purpose="recruiting",
        **given,  # type: ignore[arg-type]
    )


def upload(client: Client, content: bytes, **fields: object) -> object:
    return client.post(
        "/batch/new/",
        {
            "file": SimpleUploadedFile("应聘人员.xlsx", content),
            "purpose": "recruiting",
            "consent": "on",
            **fields,
        },
    )


def test_every_row_gets_the_public_answer_and_every_miss_is_alike(city: City) -> None:
    people = issued()
    (name, whole, number), (other, _whole, _number) = people[:2]
    asked = [
        AskedRow(2, name, whole, ""),
        AskedRow(3, name, "", number),
        AskedRow(4, name, whole, number),
        AskedRow(5, other, whole, ""),  # somebody else's number
        AskedRow(6, name, people[1][1], number),  # both given, one wrong
        AskedRow(7, "查无此人", id_number(4711), ""),
        AskedRow(8, name, "", "没有这个编号"),
    ]
    answered = answer_rows(asked)
    for item in answered:
        row = item.asked
        assert list(item.records) == find(row.name, row.id_number, row.number)
    assert [len(item.records) for item in answered] == [1, 1, 1, 0, 0, 0, 0]


def test_an_employer_uploads_a_list_and_fetches_the_answers_as_excel(
    client: Client, city: City
) -> None:
    account = employer()
    client.force_login(account)
    (name, whole, number), *_rest = issued()
    content = names_file([(name, whole, ""), ("查无此人", id_number(4711), ""), (name, "", number)])
    answer = upload(client, content)
    page = answer.headers["Location"]  # type: ignore[attr-defined]
    waiting = Work.objects.get()
    assert whole.encode() not in bytes(waiting.payload)  # encrypted while it waits
    work_off()
    shown = client.get(page)
    assert "查到 2 行" in shown.content.decode()
    product = client.get(f"{page}file/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(product.streaming_content)))  # type: ignore[attr-defined]
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    told = [(line[0], line[1], line[4], line[5] or "") for line in lines[4:]]
    assert told == [
        ("2", name, "有效", number),
        ("3", "查无此人", "没有查到", ""),
        ("4", name, "有效", number),
    ]
    assert "登记表" in lines[4][14]
    text = str(lines)
    assert not id_numbers_in(text)
    kept = Work.objects.get()
    assert kept.payload is None and name.encode() not in bytes(kept.product)
    batch = BatchVerification.objects.get()
    assert (batch.row_count, batch.found_count, batch.purpose) == (3, 2, "recruiting")
    assert page.strip("/").endswith(str(batch.work))
    assert batch.number in client.get("/batch/").content.decode()


def test_the_answers_are_offered_to_whoever_asked_and_to_nobody_else(
    client: Client, city: City
) -> None:
    clerk, officer = employer(), employer(role=Role.OFFICER)
    client.force_login(clerk)
    page = upload(client, names_file([("张三", id_number(1), "")])).headers["Location"]  # type: ignore[attr-defined]
    work_off()
    assert page in client.get("/batch/").content.decode()
    for account in (officer, city.who("office", "officer")):
        client.force_login(account)
        shown = client.get("/batch/").content.decode()
        assert page not in shown and "由核验人下载" in shown
        assert client.get(page).status_code == client.get(f"{page}file/").status_code == 404


def test_an_employers_first_page_leads_to_the_upload(client: Client, city: City) -> None:
    client.force_login(employer())
    page = client.get("/tasks/").content.decode()
    assert "/batch/new/" in page and "/api/keys/new/" not in page
    client.force_login(employer(role=Role.OFFICER))
    assert "/api/keys/new/" in client.get("/tasks/").content.decode()
    client.force_login(city.who("health", "clerk"))
    assert "/batch/new/" not in client.get("/tasks/").content.decode()


def test_the_holder_sees_which_employer_looked_and_nobody_else_is_named(city: City) -> None:
    account = employer()
    (name, whole, number), *_rest = issued()
    verify(account, [AskedRow(1, name, whole, ""), AskedRow(2, "查无此人", id_number(4711), "")])
    (look,) = lookups_of([number])
    assert (look.organization, look.way) == (account.organization.name, "batch")
    assert Lookup.objects.filter(way="batch").count() == 2
    assert Lookup.objects.get(hit=False).found == []
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.tag == "any:batch_verification:ask"
    assert (event.data["rows"], event.data["found"]) == (2, 1)
    assert name not in str(event.data) and not id_numbers_in(str(event.data))


def test_faults_are_named_by_row_and_column_and_nothing_is_asked(
    client: Client, city: City
) -> None:
    client.force_login(employer())
    (name, whole, _number), *_rest = issued()
    wrong = whole[:-1] + ("1" if whole[-1] != "1" else "2")
    content = names_file(
        [
            (name, whole, ""),
            ("", whole, ""),
            (name, "", ""),
            (name, wrong, ""),
            (name, float(whole[:17] + "0"), ""),
        ]
    )
    answer = upload(client, content)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "一行也没有核验" in page and wrong not in page
    found = read_batch(content).findings
    assert [(each.row, each.column, each.code) for each in found] == [
        (3, "姓名", "required"),
        (4, "身份证号码", "required"),
        (5, "身份证号码", "id_number.checksum"),
        (6, "身份证号码", "id_number.precision_lost"),
    ]
    assert not Work.objects.exists() and not Lookup.objects.exists()


def test_a_list_with_two_columns_of_many_is_read_and_one_without_numbers_is_not() -> None:
    whole = id_number(1)
    rows = read_batch(names_file([("张三", whole, "研发部")], ("姓名", "身份证号", "部门"))).rows
    assert rows == [AskedRow(2, "张三", whole, "")]
    with pytest.raises(Refusal) as refused:
        read_batch(names_file([("张三", "研发部")], ("姓名", "部门")))
    assert refused.value.rule in ("sheet.column_missing", "sheet.no_header")


def test_the_template_is_read_as_it_was_filled_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    sheet = book.active
    sheet["B2"], sheet["C2"] = "张三", id_number(1)
    sheet["B3"], sheet["D3"] = "李四", "2026000150001"
    target = io.BytesIO()
    book.save(target)
    checked = read_batch(target.getvalue())
    assert checked.findings == []
    assert [(r.row, r.name, r.id_number, r.number) for r in checked.rows] == [
        (2, "张三", id_number(1), ""),
        (3, "李四", "", "2026000150001"),
    ]


def test_too_many_rows_in_a_batch_and_in_a_day(city: City, settings: object) -> None:
    with pytest.raises(Refusal) as refused:
        read_batch(names_file([("张三", id_number(1), "")] * 5001))
    assert refused.value.found == "5001 行"
    settings.ZHICHENG_BATCH_ROWS_PER_DAY = 5  # type: ignore[attr-defined]
    first, second = employer(), employer("另一家公司")
    rows = [AskedRow(place, "张三", id_number(1), "") for place in range(3)]
    verify(first, rows)
    with pytest.raises(Refusal) as refused:
        verify(first, rows)
    assert (refused.value.rule, refused.value.status) == ("batch.daily_limit", 429)
    assert Lookup.objects.count() == 3
    verify(second, rows)


def test_statements_do_not_grow_with_the_rows(city: City) -> None:
    account = employer()
    people = issued()

    def counted(count: int) -> int:
        rows = [
            AskedRow(
                place, *(people[place % 6][:2] if place % 2 else ("某人", id_number(place))), ""
            )
            for place in range(count)
        ]
        with CaptureQueriesContext(connection) as caught:
            verify(account, rows)
        return len(caught)

    counted(2)
    assert counted(10) == counted(400)


def test_a_purpose_is_needed_and_so_is_consent(client: Client, city: City) -> None:
    account = employer()
    with pytest.raises(Refusal) as refused:
        verify_batch(
            actor=account,
            rows=[AskedRow(1, "张三", id_number(1), "")],
            way="upload",  # type: ignore[arg-type]
            purpose="other",
        )
    assert refused.value.rule == "batch.purpose"
    client.force_login(account)
    answer = upload(client, names_file([("张三", id_number(1), "")]), consent="")
    assert "知情同意" in answer.content.decode()  # type: ignore[attr-defined]


def test_an_employer_may_verify_and_nothing_else(city: City) -> None:
    for role in (Role.CLERK, Role.OFFICER):
        account = employer(f"某公司{role}", role)
        assert {each for each in Action if might(account, each)} <= EMPLOYER_ACTIONS
        assert may(account, Action.BATCH_VERIFY, account.organization)
        assert not might(account, Action.REGISTER_UPLOAD)
    account.role = Role.AUDITOR
    assert not any(might(account, each) for each in (Action.CERTIFICATE_VIEW, Action.AUDIT_VIEW))
    with pytest.raises(NotPermitted):
        verify(city.who("office", "auditor"), [AskedRow(1, "张三", id_number(1), "")])


def test_an_employer_sees_only_its_own_batches_and_no_other_organisation(
    client: Client, city: City
) -> None:
    one, two = employer("甲公司"), employer("乙公司")
    rows = [AskedRow(1, "张三", id_number(1), "")]
    mine, theirs = verify(one, rows).batch, verify(two, rows).batch
    client.force_login(one)
    page = client.get("/batch/").content.decode()
    assert mine.number in page and theirs.number not in page
    shown = client.get("/organizations/").content.decode()
    assert "甲公司" in shown and "乙公司" not in shown and "市卫生健康委" not in shown
    assert client.get(f"/organizations/{city.health.pk}/").status_code == 404
    for closed in ("/registers/", "/certificates/", "/approvals/", "/selfissued/", "/audit/"):
        assert client.get(closed).status_code == 403
    client.force_login(city.who("office", "officer"))
    page = client.get("/batch/").content.decode()
    assert mine.number in page and theirs.number in page


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE verification_batchverification SET found_count = 0",
            "batch_verification_is_never_changed",
        ),
        ("DELETE FROM verification_batchverification", "batch_verification_is_never_changed"),
        (
            "UPDATE organizations_organization SET has_authority = true WHERE kind = 'employer'",
            "employer_only_verifies",
        ),
    ],
)
def test_the_database_keeps_it_by_itself(city: City, statement: str, constraint: str) -> None:
    verify(employer(), [AskedRow(1, "张三", id_number(1), "")])
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_an_employers_account_has_one_of_two_roles(city: City) -> None:
    from zhicheng.organizations.actions import create_account

    with pytest.raises(Refusal) as refused:
        create_account(
            actor=city.who("office", "administrator"),
            username="wrong",
            password="Zc-test-password-9",
            display_name="错",
            organization=Organization.objects.get(pk=employer().organization_id),
            role=Role.AUDITOR,
        )
    assert refused.value.rule == "account.employer_role"


def test_control_characters_never_reach_the_database() -> None:
    checked = check_rows([(1, "张\x00三", "\x01", "x")])
    assert {finding.code for finding in checked.findings} <= {"text.unusable"}
