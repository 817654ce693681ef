"""The bulk export at size: rows a second, and whether memory stays constant.

    .venv/bin/python -m benchmarks.api [--full | ROWS]

A hundred thousand certificates by default, a million with ``--full``. Each format is fetched over
HTTP from a real server of one worker, while its memory (RSS of all its processes) is looked at
twenty times a second; the measure beside it is a plain ``COPY … TO STDOUT`` of the same columns of
the same rows in the same run, read and thrown away by one process. A tenth of the rows shows
whether memory grows with their number.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

ROWS, FULL = 100_000, 1_000_000
FORMATS = ("ndjson", "ndjson.gz", "parquet")

PEOPLE = """
INSERT INTO certificates_certificate (
    medium, origin, number, position, approved_person_id, state, name, sex, id_kind,
    id_number_cipher, id_number_index, id_number_masked, work_unit, specialty, qualification,
    grade, level, approval_date, document_number, issuing_unit_id, approving_department_id,
    embosser_id, issued_at, recipient, recipient_relation, lost_at)
SELECT 'electronic', 'online', '2026' || lpad(n::text, 10, '0'), 1, n, 'issued',
    '张' || chr(20320 + n %% 900) || chr(21000 + n / 900 %% 900), CASE n %% 2 WHEN 0 THEN '男'
    ELSE '女' END, 'resident', %s, sha256(n::text::bytea), '500***********' || lpad(
    (n %% 10000)::text, 4, '0'), '山城第' || n %% 400 || '人民医院', '内科', '主治医师',
    'intermediate', 'intermediate', date '2020-01-01' + n %% 2000,
    '渝职改〔2026〕' || n %% 300 || '号', %s, %s, %s, now(), '', '',
    CASE WHEN n %% 1000 = 0 THEN now() END
FROM generate_series(%s::int, %s::int) n
"""


def load(first: int, last: int, unit: int, cipher: bytes) -> None:
    """Certificates straight into the table: this measures reading, not issuing."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE certificates_certificate DISABLE TRIGGER certificate_feed_hears_of_new"
        )
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PEOPLE, [cipher, unit, unit, unit, first, last])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE certificates_certificate")


class Memory(threading.Thread):
    """The most that the server's processes held at once."""

    def __init__(self, served: Any) -> None:
        super().__init__(daemon=True)
        self.served, self.most, self.ended = served, 0, False

    def run(self) -> None:
        while not self.ended:
            self.most = max(self.most, self.served.resident_bytes())
            time.sleep(0.05)


def fetch(served: Any, form: str) -> tuple[float, int, float]:
    """Seconds, bytes and the most megabytes of one export."""
    request = urllib.request.Request(  # noqa: S310
        f"{served.address}/api/v1/certificates/export?format={form}",
        headers={"Authorization": f"Bearer {served.key()}"},
    )
    memory = Memory(served)
    memory.start()
    began, size = time.perf_counter(), 0
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        while chunk := answer.read(1 << 20):
            size += len(chunk)
    seconds = time.perf_counter() - began
    memory.ended = True
    memory.join()
    return seconds, size, memory.most / 1e6


def copy_plainly(served: Any) -> float:
    """Seconds of a COPY of the same columns."""
    from zhicheng.api.records import FIELDS, ROW, TABLES

    names = ", ".join(f"r.{name}" for name, _expression in FIELDS)
    began = time.perf_counter()
    with (
        served.connect() as database,
        database.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT {names} FROM {TABLES} {ROW} WHERE c.state = 'issued') TO STDOUT"
        ) as copy,
    ):
        for _data in copy:
            pass
    return time.perf_counter() - began


def measure(served: Any, rows: int) -> None:
    """Each format between two plain copies."""
    for form in FORMATS:
        before = copy_plainly(served)
        seconds, size, most = fetch(served, form)
        plain = (before + copy_plainly(served)) / 2
        print(
            f"{rows:9,} rows {form:10} {rows / seconds:9,.0f} rows/s {size / 1e6:7.1f} MB"
            f"  plain COPY {rows / plain:9,.0f} rows/s, ratio {plain / seconds:.2f}"
            f"  server at most {most:6.1f} MB",
            flush=True,
        )


def main(rows: int) -> None:
    """A database of its own, a tenth of the rows, then all of them."""
    folder = Path(tempfile.mkdtemp(prefix="zhicheng-bench-api-"))
    from zhicheng import embedded

    os.environ["DATABASE_URL"] = embedded.acquire(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhicheng.settings.test"
    try:
        subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], check=True)
        import django

        django.setup()
        from tests.support.served import Served
        from zhicheng.organizations.models import Organization
        from zhicheng.protection import protect

        served = Served()
        try:
            use(served.name)
            unit = Organization.objects.get(name="市卫生健康委").pk
            cipher = protect("500103198502141014")
            tenth = rows // 10
            load(1, tenth, unit, cipher)
            measure(served, tenth)
            load(tenth + 1, rows, unit, cipher)
            measure(served, rows)
        finally:
            use("postgres")
            served.stop()
    finally:
        from django.db import connection

        connection.close()
        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def use(name: str) -> None:
    """From here on everything goes to this database."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


if __name__ == "__main__":
    given = sys.argv[1:]
    main(FULL if "--full" in given else int(given[0]) if given else ROWS)
