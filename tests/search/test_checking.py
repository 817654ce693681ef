"""Keys of names that were lost are found by the worker, told, and made anew."""

import pytest
from django.db import connection

from tests.support.city import City, accepted_register, announce, found_city
from tests.support.pages import logged_in, text_of
from tests.support.reissues import issued
from zhicheng.cli import main
from zhicheng.notifications import making
from zhicheng.notifications.models import Notification
from zhicheng.proofs import slices
from zhicheng.proofs.models import Proof, Subject
from zhicheng.proofs.queries import latest
from zhicheng.search import checking
from zhicheng.search.jobs import check_search

pytestmark = pytest.mark.django_db

TABLES = {
    "search_holderkey": "持证人",
    "search_unitkey": "机构",
    "search_rowkey": "登记表人员",
    "search_personkey": "核准文件人员",
}


@pytest.fixture
def city() -> City:
    """With issued certificates, a register on its way and people who wait for one."""
    city = found_city()
    issued(city)
    accepted_register(city, 3)
    announce(city, 2)
    return city


def keys(table: str) -> list[tuple[object, ...]]:
    """All lines of a table, but for their own ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(k) - 'id' FROM {table} k")
        return sorted(cursor.fetchall(), key=repr)


def behind(statement: str) -> None:
    """Something that no trigger notices."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0


def an_hour() -> Proof:
    """The worker's proof; whoever has to hear of it does."""
    check_search(timestamp=0)
    making.make()
    proof = latest(Subject.SEARCH)
    assert proof is not None
    return proof


def told(city: City) -> int:
    accounts = [city.who("office", role) for role in ("auditor", "administrator")]
    rows = Notification.objects.filter(account__in=accounts, kind="proof", what="搜索数据")
    assert {*rows.values_list("account", flat=True)} in (set(), {each.pk for each in accounts})
    return rows.count() // len(accounts)


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_key_is_found_told_once_and_there_after_rebuilding(
    city: City, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = keys(table)
    administrator = logged_in(city.who("office", "administrator"))
    assert an_hour().passed and told(city) == 0
    assert "search rebuild" not in text_of(administrator.get("/audit/system/"))
    behind(f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})")
    for _hour in range(3):
        assert not an_hour().passed
        assert told(city) == 1
    said = text_of(administrator.get("/audit/system/"))
    assert f"{TABLES[table]}：缺 1 条，多 0 条" in said and "zhicheng search rebuild" in said
    assert main(["search", "check"]) == 1
    assert f"{TABLES[table]}：缺 1 条" in capsys.readouterr().out
    assert main(["search", "rebuild"]) == 0
    assert keys(table) == written
    assert "search rebuild" not in text_of(administrator.get("/audit/system/"))
    assert main(["search", "check"]) == 0
    assert an_hour().passed and told(city) == 1


@pytest.mark.parametrize(
    ("table", "key"),
    [("search_holderkey", "certificate_id"), ("search_unitkey", "organization_id")],
)
def test_a_key_too_many_is_found_and_gone_after_rebuilding(
    city: City, table: str, key: str
) -> None:
    written = keys(table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(attname, ', ') FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND attname <> 'id'",
            [table],
        )
        (names,) = cursor.fetchone()
    behind(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} ORDER BY id LIMIT 1")
    (fault,) = checking.check().faults
    assert fault["message"].endswith("缺 0 条，多 1 条")
    checking.rebuild()
    assert keys(table) == written
    if key == "certificate_id":  # an organisation that isn't there can have no key
        gone = names.replace(key, f"{key} + 1000000")
        behind(f"INSERT INTO {table} ({names}) SELECT {gone} FROM {table} ORDER BY id LIMIT 1")
        assert not checking.check().passed
        checking.rebuild()
        assert keys(table) == written


@pytest.mark.parametrize(
    "column", ["issuing_unit_id", "approving_department_id", "reporting_unit_id", "endorser_id"]
)
def test_a_holder_beside_the_wrong_unit_is_found_and_mended(city: City, column: str) -> None:
    written = keys("search_holderkey")
    behind(
        f"UPDATE search_holderkey SET {column} = -1"
        " WHERE id = (SELECT min(id) FROM search_holderkey)"
    )
    assert not checking.check().passed
    checking.rebuild()
    assert keys("search_holderkey") == written and checking.check().passed


def test_rebuilding_leaves_keys_of_holders_that_are_right_as_they_are(city: City) -> None:
    def places() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text, id FROM search_holderkey ORDER BY id")
            return list(cursor.fetchall())

    before = places()
    behind("DELETE FROM search_holderkey WHERE id = (SELECT max(id) FROM search_holderkey)")
    checking.rebuild()
    assert places()[:-1] == before[:-1] and checking.check().passed


def test_a_large_city_is_gone_through_in_rounds_that_a_fault_holds_up(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE", 1)
    monkeypatch.setattr(checking, "AT_ONCE", 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM organizations_organization ORDER BY id")
        ids = [pk for (pk,) in cursor.fetchall()]
    assert len(ids) == 6

    def ended() -> int:
        found: int = an_hour().report["next"]["search.units"]
        return found

    assert [ended() for _hour in range(5)] == [ids[1], ids[3], ids[5], slices.FIRST, ids[1]]
    behind(f"DELETE FROM search_unitkey WHERE organization_id = {ids[3]}")
    for _hour in range(3):  # the slice that holds it, whichever were in turn
        proof = an_hour()
        assert [fault["kind"] for fault in proof.report["faults"]] == ["search.units"]
        assert proof.report["next"]["search.units"] == ids[2]
    assert told(city) == 1
    checking.rebuild()
    assert ended() == ids[4] and told(city) == 1
