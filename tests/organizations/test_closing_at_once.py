"""Whoever switches on an account while its organisation ends waits, and is refused (N3)."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tests.support.city import found_city
from zhicheng.organizations.actions import change_account, create_account
from zhicheng.organizations.closing import close_organization
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Refusal


@pytest.mark.django_db(transaction=True)
def test_no_account_is_on_after_an_end_that_others_met_half_way() -> None:
    city = found_city()
    admin = city.who("office", "administrator")
    off, moved = city.who("district", "clerk"), city.who("enterprise", "clerk")
    Account.objects.filter(pk=off.pk).update(is_active=False)
    jobs: tuple[Callable[[], object], ...] = (
        lambda: change_account(actor=admin, account_id=off.pk, is_active=True),
        lambda: change_account(actor=admin, account_id=moved.pk, organization=city.district),
        lambda: create_account(
            actor=admin,
            username="late",
            password="a-long-password-7",
            display_name="来晚",
            organization=city.district,
            role="clerk",
        ),
    )

    def run(job: Callable[[], object]) -> str:
        try:
            job()
        except Refusal as refusal:
            return refusal.rule
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            close_organization(
                actor=city.who("office", "administrator"),
                organization_id=city.district.pk,
                last_day=timezone.localdate() - timedelta(days=1),
            )
            meanwhile = [pool.submit(run, job) for job in jobs]
            _until_waiting(len(jobs))
        assert [item.result() for item in meanwhile] == ["account.organization_closed"] * 3
    assert not Account.objects.filter(organization=city.district, is_active=True).exists()


def _until_waiting(count: int) -> None:
    """Until so many others stand at a lock; gives up in the end, and what follows fails."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN"
                " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.05)
