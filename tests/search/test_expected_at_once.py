"""Keys made anew while others write: none is left over, none is written twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.support.city import accepted_register, announce, carry, deliver, found_city
from tests.support.ending import run, until_waiting
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.actions import fill_in
from zhicheng.registers.models import Register
from zhicheng.search.checking import check, rebuild
from zhicheng.search.models import PersonKey, RowKey

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_certificate_that_comes_meanwhile_takes_its_keys_away() -> None:
    city = found_city()
    register = accepted_register(city, 2)
    deliver(city, 3)
    carry(city, register, "received")
    clerk = city.who("health", "clerk")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rebuild()
            filled = pool.submit(run, lambda: fill_in(actor=clerk, register_id=register.pk))
            until_waiting(1)
        assert filled.result() == "done"
    assert register.certificates.count() == 2
    assert not RowKey.objects.exists() and not PersonKey.objects.exists()


def test_a_register_that_comes_meanwhile_is_found_once() -> None:
    city = found_city()
    (person,) = announce(city, 1)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            # The rebuilding stands here, with one of its steps done.
            cursor.execute(
                "SELECT FROM search_personkey WHERE person_id = %s FOR UPDATE", [person.pk]
            )
            made = pool.submit(run, rebuild)
            until_waiting(1)
            written = pool.submit(run, lambda: accepted_register(city, 2))
            until_waiting(2)
        assert [made.result(), written.result()] == ["done", "done"]
    assert RowKey.objects.count() == 2 and PersonKey.objects.count() == 3
    assert check().passed


def test_a_unit_that_changes_meanwhile_is_the_one_that_finds() -> None:
    city = found_city()
    accepted_register(city, 2)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            rebuild()
            jobs = [
                pool.submit(run, lambda: Register.objects.update(issuing_unit=city.office)),
                pool.submit(
                    run, lambda: ApprovalDocument.objects.update(approving_department=city.industry)
                ),
            ]
            until_waiting(2)
        assert [job.result() for job in jobs] == ["done", "done"]
    assert check().passed
    assert set(RowKey.objects.values_list("issuing_unit_id", flat=True)) == {city.office.pk}


def test_the_check_locks_nothing_that_a_writer_needs() -> None:
    city = found_city()
    accepted_register(city, 2)
    with transaction.atomic(), connection.cursor() as cursor:
        assert check().passed
        cursor.execute(
            "SELECT DISTINCT c.relname, l.mode FROM pg_locks l"
            " JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relname !~ '^pg_'"
        )
        held = dict(cursor.fetchall())
    assert {"search_holderkey", "search_rowkey", "certificates_certificate"} <= {*held}
    assert {*held.values()} == {"AccessShareLock"}
