"""People who wait for their certificate: found in the register or document that names them."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.search.test_search import ask, typed
from tests.support.city import City, accepted_register, announce, carry, deliver, found_city
from tests.support.pages import logged_in
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.certificates.models import Certificate
from zhicheng.cli import main
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.search import queries
from zhicheng.search.checking import check, rebuild
from zhicheng.search.models import PersonKey, RowKey

pytestmark = pytest.mark.django_db

ROW = ("office.officer", "office.auditor", "health.officer", "hospital.clerk")
DOCUMENT = ("office.officer", "office.auditor", "health.officer")
NEITHER = ("office.administrator", "industry.officer", "district.officer", "enterprise.clerk")


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def row(city: City) -> RegisterRow:
    """Of the hospital, in an accepted register; the health commission approved and endorses."""
    return accepted_register(city, 3).rows.order_by("position")[1]


def by_name(who: str, city: City) -> str:
    return typed(city.who(*who.split(".")), "张医1")


def link(row: RegisterRow) -> str:
    return f"/registers/{row.register_id}/?row={row.pk}"


def listed(row: RegisterRow) -> str:
    person = row.approved_person
    assert person is not None
    return f"/approvals/{person.document_id}/?person={person.pk}#person-{person.pk}"


@pytest.mark.parametrize("text", ["张医1", "张医", "zy", "zhangyi", "NUMBER", "NUMBER-1"])
def test_a_row_without_certificate_is_found_by_whoever_sees_its_register(
    city: City, row: RegisterRow, text: str
) -> None:
    whole = row.certificate_number
    text = {"NUMBER": whole, "NUMBER-1": whole[:-1]}.get(text, text)
    for who in (*ROW, *NEITHER):
        found = typed(city.who(*who.split(".")), text)
        assert (link(row) in found) == (who in ROW), who
    page = ask(city.who("hospital", "clerk"), text)
    assert f"第 {row.position} 行" in page and "已受理" in page
    assert row.id_number_masked not in page


@pytest.mark.parametrize("text", ["张医1", "张医", "zy", "zhangyi"])
def test_an_approved_person_is_found_by_whoever_sees_the_document(
    city: City, row: RegisterRow, text: str
) -> None:
    for who in (*DOCUMENT, "hospital.clerk", *NEITHER):
        found = typed(city.who(*who.split(".")), text)
        assert (listed(row) in found) == (who in DOCUMENT), who


def test_a_hit_opens_the_page_on_which_the_person_stands(
    city: City, row: RegisterRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhicheng.approvals.views.PEOPLE_PAGE", 1)
    officer = logged_in(city.who("health", "officer"))
    address, _hash, anchor = listed(row).partition("#")
    assert f'id="{anchor}"' in officer.get(address).content.decode()
    for other in ("?person=x", "?person=²", "?person=99999999999999999999", ""):
        page = officer.get(address.partition("?")[0] + other)
        assert page.status_code == 200 and f'id="{anchor}"' not in page.content.decode()
    assert logged_in(city.who("hospital", "clerk")).get(link(row)).status_code == 200


def test_who_has_a_certificate_is_found_by_it_alone(city: City, row: RegisterRow) -> None:
    deliver(city, 5)
    register = Register.objects.get(pk=row.register_id)
    carry(city, register, "filled")
    certificate = Certificate.objects.get(row=row.pk)
    for who in ROW:
        for text in ("张医1", row.certificate_number):
            found = typed(city.who(*who.split(".")), text)
            assert f"/certificates/{certificate.pk}/" in found, who
            assert link(row) not in found and listed(row) not in found, who
    assert not RowKey.objects.exists() and not PersonKey.objects.exists()


def test_a_corrected_name_and_number_are_found_and_the_old_ones_are_not(
    city: City, row: RegisterRow
) -> None:
    rows = RegisterRow.objects.filter(pk=row.pk)
    Register.objects.filter(pk=row.register_id).update(state="draft")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registers_registerrow DISABLE TRIGGER USER")
        cursor.execute("UPDATE registers_registerrow SET accepted = false")
        cursor.execute("ALTER TABLE registers_registerrow ENABLE TRIGGER USER")
    rows.update(name="单晓曾", certificate_number="渝卫26-0417")
    clerk = city.who("hospital", "clerk")
    for text in ("单晓", "danxiao", "sxz", "渝卫26－04"):
        assert link(row) in typed(clerk, text), text
    for text in ("张医1", row.certificate_number):
        assert link(row) not in typed(clerk, text), text
    rows.delete()
    assert link(row) not in typed(clerk, "单晓曾")
    assert not RowKey.objects.filter(row_id=row.pk).exists()


def test_a_register_that_goes_to_another_unit_is_found_by_that_one(
    city: City, row: RegisterRow
) -> None:
    Register.objects.filter(pk=row.register_id).update(
        endorser=city.industry, issuing_unit=city.industry
    )
    assert link(row) in by_name("industry.officer", city)
    assert link(row) in by_name("hospital.clerk", city)
    assert link(row) not in by_name("health.officer", city)


def test_a_document_that_another_department_announced_is_found_by_that_one(
    city: City, row: RegisterRow
) -> None:
    ApprovalDocument.objects.update(approving_department=city.industry)
    ApprovedPerson.objects.filter(pk=row.approved_person_id).update(name="张医1号")
    assert listed(row) in by_name("industry.officer", city)
    assert listed(row) not in by_name("health.officer", city)


def keys() -> list[list[tuple[object, ...]]]:
    """All that stands in the keys, but for their own ids."""
    return [
        sorted(
            model.objects.values_list(
                *(field.attname for field in model._meta.concrete_fields if field.name != "id")
            ),
            key=repr,
        )
        for model in (RowKey, PersonKey)
    ]


def test_the_keys_made_anew_are_those_that_were_written(city: City, row: RegisterRow) -> None:
    announce(city, 2)
    written = keys()
    rebuild()
    assert keys() == written and len(written[0]) == 3 and len(written[1]) == 5
    Register.objects.update(endorser=city.industry, issuing_unit=city.office)
    ApprovalDocument.objects.update(approving_department=city.industry)
    changed = keys()
    assert not {*changed[0], *changed[1]} & {*written[0], *written[1]}
    rebuild()
    assert keys() == changed
    assert check().passed


@pytest.mark.parametrize(
    ("around", "told"),
    [
        ("DELETE FROM search_rowkey WHERE row_id = %s", "登记表人员：缺 1 条，多 0 条"),
        ("UPDATE search_rowkey SET issuing_unit_id = 0 WHERE row_id = %s", "缺 1 条，多 1 条"),
        ("UPDATE search_rowkey SET reporting_unit_id = 0 WHERE row_id = %s", "缺 1 条，多 1 条"),
        ("UPDATE search_rowkey SET endorser_id = 0 WHERE row_id = %s", "缺 1 条，多 1 条"),
        (
            """INSERT INTO search_rowkey (row_id, initials, spelled, number, issuing_unit_id)
            SELECT row_id, initials, spelled, number, issuing_unit_id FROM search_rowkey
            WHERE row_id = %s""",
            "登记表人员：缺 0 条，多 1 条",
        ),
        (
            """UPDATE search_personkey SET approving_department_id = 0 WHERE person_id =
            (SELECT approved_person_id FROM registers_registerrow WHERE id = %s)""",
            "核准文件人员：缺 1 条，多 1 条",
        ),
    ],
)
def test_a_key_changed_around_the_code_is_told_and_mended(
    row: RegisterRow, around: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = keys()
    assert main(["search", "check"]) == 0
    with connection.cursor() as cursor:
        cursor.execute(around, [row.pk])
    capsys.readouterr()
    assert main(["search", "check"]) == 1
    assert told in capsys.readouterr().out
    assert main(["search", "rebuild"]) == 0
    assert main(["search", "check"]) == 0
    assert keys() == written


def test_what_joins_all_changed_rows_is_planned_anew_each_time(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE starts_with(proname, 'search_')"
            " AND prosrc ~ 'fresh\\s+JOIN\\s+past' AND prosrc !~ 'EXECUTE ''[^'']+fresh JOIN past'"
        )
        assert cursor.fetchall() == []


def test_a_step_back_leaves_no_trigger_and_a_step_forward_finds_everybody(
    city: City, row: RegisterRow
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    written = keys()
    for step in ("0001", "zero"):
        call_command("migrate", "search", step, verbosity=0)
        # Everything that is heard by a trigger goes on without it.
        register = accepted_register(city, 1)
        Register.objects.filter(pk=register.pk).update(endorser=city.industry)
        ApprovalDocument.objects.update(approving_department=city.industry)
        ApprovalDocument.objects.update(approving_department=city.health)
        person = announce(city, 1)[0]
        ApprovedPerson.objects.filter(pk=person.pk).update(name="单晓曾")
        ApprovedPerson.objects.filter(pk=person.pk).delete()
        Organization.objects.filter(pk=city.district.pk).update(short_name="万州")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'search\\_%%'")
            left = {name for (name,) in cursor.fetchall()}
        assert ("search_spellings" in left) == (step == "0001")
        assert not {name for name in left if "row" in name or "expected" in name}
    call_command("migrate", "search", verbosity=0)
    assert check().passed
    assert {*written[0]} <= {*keys()[0]} and len(keys()[0]) == len(written[0]) + 2


def test_more_people_cost_no_more_statements(city: City, row: RegisterRow) -> None:
    clerk = city.who("health", "officer")
    typed(clerk, "张医")
    with CaptureQueriesContext(connection) as few:
        typed(clerk, "张医1")
    accepted_register(city, 20)
    page = ask(clerk, "张医", kind="row")
    assert page.count("?row=") == queries.PAGE and "下一页" in page
    with CaptureQueriesContext(connection) as many:
        typed(clerk, "张医")
    assert len(many) == len(few)
