"""Every night the figures are proved, without counting everything anew; what is wrong is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.support.city import City, accepted_register, found_city
from tests.support.ending import run, until_waiting
from tests.support.pages import logged_in, text_of
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.cli import main
from zhicheng.notifications import making
from zhicheng.notifications.models import Notification
from zhicheng.organizations.models import Organization
from zhicheng.statistics import refreshing
from zhicheng.statistics.checking import check_next
from zhicheng.statistics.jobs import check_statistics
from zhicheng.statistics.models import Pending

ONE = "(SELECT ctid FROM statistics_{0} ORDER BY ctid LIMIT 1)"


def behind(statement: str) -> None:
    """Something of which nothing is noted."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("personfact", "DELETE FROM statistics_personfact WHERE ctid = {one}"),
        ("certificatefact", "UPDATE statistics_certificatefact SET sex = 3 WHERE ctid = {one}"),
        ("selfissuedfact", "DELETE FROM statistics_selfissuedfact WHERE ctid = {one}"),
        ("steps.g", "UPDATE statistics_stepfact SET days = days + 1 WHERE step = 7"),
        ("steps.a", "DELETE FROM statistics_stepfact WHERE step = 8"),
        ("steps.e", "DELETE FROM statistics_stepfact WHERE step = 11"),
        ("rollup", "UPDATE statistics_rollup SET n = n + 1 WHERE ctid = {one}"),
        ("duration", "DELETE FROM statistics_duration WHERE ctid = {one}"),
    ],
)
def test_a_figure_changed_behind_the_counters_back_is_found(
    few: City, kind: str, statement: str
) -> None:
    assert check_next().passed
    behind(statement.format(one=ONE.format(kind)))
    assert f"statistics.{kind}" in {fault["kind"] for fault in check_next().faults}
    refreshing.rebuild()
    assert check_next().passed


@pytest.mark.django_db
def test_a_wrong_figure_is_told_once_until_everything_is_counted_anew(few: City) -> None:
    administrator = few.who("office", "administrator")
    page = logged_in(administrator)

    def a_night() -> int:
        check_statistics(timestamp=0)
        making.make()
        return Notification.objects.filter(account=administrator, kind="proof").count()

    assert a_night() == 0
    behind("DELETE FROM statistics_personfact WHERE person_id % 7 = 0")
    assert a_night() == a_night() == 1
    said = text_of(page.get("/audit/system/"))
    assert "评审通过人员：缺" in said and "zhicheng statistics rebuild" in said
    assert main(["statistics", "rebuild"]) == 0
    assert "statistics rebuild" not in text_of(page.get("/audit/system/"))
    assert a_night() == 1


@pytest.mark.django_db
def test_what_is_not_counted_yet_is_no_fault(few: City) -> None:
    ApprovedPerson.objects.filter(pk__in=ApprovedPerson.objects.order_by("pk")[:9]).update(sex="")
    Organization.objects.filter(pk=few.hospital.pk).update(region=None)
    assert Pending.objects.exists()
    assert check_next().passed and not Pending.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_meanwhile_waits_and_is_counted() -> None:
    accepted_register(found_city(), 3)
    refreshing.rebuild()
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            refreshing.count_in_this_moment()
            changed = pool.submit(run, lambda: ApprovedPerson.objects.update(work_unit="某处"))
            assert changed.result() == "done"
            counted = pool.submit(run, refreshing.refresh)
            until_waiting(1)
            assert not ApprovedPerson.objects.filter(work_unit="某处").exists()
            assert not Pending.objects.exists()
        assert counted.result() == "done"
    assert check_next().passed and refreshing.differences() == []
