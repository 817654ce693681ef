"""An organisation that ends at the very moment when others give it something to do (N3)."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection, connections, transaction
from django.utils import timezone

from tests.support.city import City
from zhicheng.organizations.closing import close_organization
from zhicheng.organizations.models import Organization
from zhicheng.values.refusal import Refusal

Job = Callable[[], object]


def meanwhile(ending: Job, jobs: Sequence[Job]) -> list[str]:
    """How each of these went that others began before the end of an organisation was kept."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            ending()
            asked = [pool.submit(run, job) for job in jobs]
            until_waiting(len(jobs))
        return [item.result() for item in asked]


def ending_during(city: City, organization: Organization, job: Job) -> str:
    """How the organisation's end went that somebody asked for before the job was kept."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            job()
            ending = pool.submit(run, lambda: end(city, organization))
            until_waiting(1)
        return ending.result()


def end(city: City, organization: Organization) -> None:
    close_organization(
        actor=city.who("office", "administrator"),
        organization_id=organization.pk,
        last_day=timezone.localdate() - timedelta(days=1),
    )


def run(job: Callable[[], object]) -> str:
    """How it ended, on a connection of its own."""
    try:
        job()
    except Refusal as refusal:
        return refusal.rule
    finally:
        connections.close_all()
    return "done"


def until_waiting(count: int) -> None:
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
