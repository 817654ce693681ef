"""The statistics' pages at a million certificates, and what counting costs.

    .venv/bin/python -m benchmarks.statistics [CERTIFICATES]

Everything is counted once from the plain rows; then every page of the statistics is asked for over
the product's own views (login, permission, template and all), as the office and as the largest
department, ``ROUNDS`` times each in turn; then changes are counted in. The birth years lie ready,
because the generator's people share one encrypted number. Two hundred thousand certificates by
default here, a million with ``--full``.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

CERTIFICATES, FULL = 200_000, 1_000_000
ROUNDS = 15
PAGES = (
    "overview/",
    "overview/?year=2015",
    "table/?m=issued&rows=region&columns=level",
    "table/?m=passed&rows=series&columns=age&year=2020",
    "table/?m=in_force&rows=department&columns=year",
    "table/?m=issued&rows=unit&columns=level",
    "table/?m=issued&rows=qualification&columns=sex&f=department&v={department}",
    "table/?m=passed&rows=region&columns=series&f=sex&v=1",
    "table/?m=issued&rows=issuer&columns=mode&f=level&v=3&year=2019",
    "compare/?m=passed&rows=series&a=2018&b=2020",
    "process/?year=2020",
    "people/?m=issued&series={series}&year=2019",
    "people/?m=passed",
    "definitions/",
)
BIRTH_YEARS = """
INSERT INTO statistics_birthyear (id_number_index, year)
SELECT DISTINCT ON (i) i, 1955 + get_byte(i, 3) % 41 FROM (
    SELECT id_number_index AS i FROM approvals_approvedperson
    UNION ALL SELECT id_number_index FROM certificates_certificate) x
ON CONFLICT DO NOTHING
"""


def execute(sql: str, *parameters: Any) -> list[Any]:
    """One statement; its rows, if it gives any."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []


def timed(act: Callable[[], Any]) -> float:
    """Seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main(certificates: int) -> None:
    """Counts, asks, changes, asks again."""
    from benchmarks.size.database import city_of, prepare

    prepare()
    city = city_of(certificates)
    city.use()
    from zhicheng.statistics import refreshing
    from zhicheng.statistics.models import Head, Pending, Rollup

    execute(BIRTH_YEARS)
    # Logins are recorded: the chain goes on after the generator's events.
    execute(
        'INSERT INTO audit_audithead ("only", sequence, digest) SELECT true, sequence, digest'
        " FROM audit_auditevent ORDER BY sequence DESC LIMIT 1 ON CONFLICT DO NOTHING"
    )
    if not Rollup.objects.exists() or Pending.objects.filter(kind="r").exists():
        seconds = timed(refreshing.rebuild)
        print(f"counted anew from {certificates:,} certificates in {seconds:.1f} s")
        for table in ("personfact", "certificatefact", "rollup", "duration", "birthyear"):
            execute(f"VACUUM ANALYZE statistics_{table}")
    assert Head.objects.get().as_of
    print(f"{Rollup.objects.count():,} sums kept")
    ask(certificates)
    for many in (1, 1_000):
        execute("SET session_replication_role = replica")
        execute(
            "WITH changed AS (UPDATE certificates_certificate SET lost_at = now() WHERE id IN ("
            "SELECT id FROM certificates_certificate WHERE state = 'issued' AND voided_at IS NULL"
            " AND lost_at IS NULL ORDER BY id DESC LIMIT %s) RETURNING id)"
            " INSERT INTO statistics_pending (kind, object_id) SELECT 'c', id FROM changed",
            many,
        )
        execute("SET session_replication_role = origin")
        print(f"{many:,} changes counted in {timed(refreshing.refresh):.2f} s")


def ask(certificates: int) -> None:
    """Every page, as the office and as the department with most certificates."""
    from django.conf import settings
    from django.test import Client

    from zhicheng.organizations.models import Account

    settings.ALLOWED_HOSTS = ["*"]
    ((department, _n),) = execute(
        "SELECT department_id, count(*) FROM statistics_certificatefact"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    ((series, _n),) = execute(
        "SELECT series_id, count(*) FROM statistics_certificatefact"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    who = {
        "office": Account.objects.filter(
            organization__kind="municipal_office", role="officer"
        ).first(),
        "department": Account.objects.filter(organization=department, role="officer").first(),
    }
    worst = 0.0
    for name, account in who.items():
        assert account is not None
        client = Client()
        client.force_login(account)
        for page in PAGES:
            address = "/statistics/" + page.format(department=department, series=series)
            taken, own = [], []
            for _ in range(ROUNDS + 2):
                began, busy = time.perf_counter(), time.process_time()
                answer = client.get(address)
                own.append(1000 * (time.process_time() - busy))
                taken.append(1000 * (time.perf_counter() - began))
                assert answer.status_code == 200, (address, answer.status_code)
            taken = sorted(taken[2:])
            worst = max(worst, statistics.median(taken))
            print(
                f"  {name:10} {page[:62]:62} median {statistics.median(taken):6.1f} ms"
                f"  worst {taken[-1]:6.1f} ms  own CPU {statistics.median(own):5.1f} ms",
                flush=True,
            )
    print(f"slowest page at {certificates:,}: {worst:.0f} ms in the median")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(FULL if "--full" in given else int(given[0]) if given else CERTIFICATES)
