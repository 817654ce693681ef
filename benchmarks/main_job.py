"""The main job: a register of 5,000 rows from upload to issue.

    .venv/bin/python -m benchmarks.main_job [ROWS]

Seconds of each step on a PostgreSQL that flushes to disk, PDF included, and certificates a second
over all. The named peer is the same seal written the plain way, one ORM ``save()`` a certificate,
on as many certificates of the same table in the same run; its ratio holds on any machine.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

ROWS = 5_000
PEER_ROWS = 1_000


def prepare(folder: Path) -> None:
    """A fresh database of its own in ``folder``, migrated."""
    from zhicheng import embedded

    os.environ["DATABASE_URL"] = embedded.acquire(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhicheng.settings.test"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


class Clock:
    """Runs steps and keeps their seconds."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    def __call__(self, label: str, work: Callable[[], object]) -> object:
        started = time.perf_counter()
        result = work()
        self.steps.append((label, time.perf_counter() - started))
        print(f"  {label:12} {self.steps[-1][1]:7.2f} s", flush=True)
        return result

    @property
    def total(self) -> float:
        """Seconds of all steps."""
        return sum(seconds for _label, seconds in self.steps)


def run(rows: int) -> None:
    """Takes one register along its whole path."""
    from tests.support.city import deliver, found_city
    from tests.support.printing import printed, started
    from zhicheng.approvals.actions import import_list
    from zhicheng.blanks import actions as stock
    from zhicheng.certificates import actions as path
    from zhicheng.certificates.models import Certificate, PrintJob
    from zhicheng.certificates.printjobs.ending import confirm
    from zhicheng.certificates.reconcile import reconcile
    from zhicheng.demo.faults import FaultyCity
    from zhicheng.demo.people import people
    from zhicheng.demo.workbooks import approval_list, register
    from zhicheng.reference.loading import load_reference
    from zhicheng.registers import steps
    from zhicheng.registers.actions import upload_register
    from zhicheng.registers.models import Register

    load_reference()
    city = found_city()
    source = FaultyCity(unit=city.hospital.name, department=city.health.name)
    listed = [source.list_person(person=person) for person in islice(people(7), rows)]
    who = city.who
    import_list(actor=who("office", "clerk"), content=approval_list(listed), name="list.xlsx")
    content = register(
        [source.line(item) for item in listed],
        unit=city.hospital.name,
        year=2026,
        filler="杜若谷",
        telephone="023-63000000",
    )
    deliver(city, rows + rows // 10)
    clock = Clock()
    print(f"a register of {rows} rows")
    filed = upload(
        clock,
        lambda: upload_register(
            actor=who("hospital", "clerk"), content=content, name="register.xlsx", year=2026
        ),
    )
    chief, clerk = who("office", "officer"), who("health", "clerk")
    clock("submit", lambda: steps.submit(actor=who("hospital", "clerk"), register_id=filed))
    clock("endorse", lambda: steps.endorse(actor=who("health", "officer"), register_id=filed))
    clock("accept", lambda: steps.accept(actor=chief, register_id=filed))
    clock("allot", lambda: stock.allot_register(actor=chief, register_id=filed))
    clock(
        "hand over",
        lambda: stock.hand_over(actor=chief, register_id=filed, collected_by="何晓颖"),
    )
    clock("receive", lambda: stock.receive(actor=clerk, register_id=filed))
    jobs: list[PrintJob] = []
    clock("fill in", lambda: path.fill_in(actor=clerk, register_id=filed))
    clock(
        "print PDF",
        lambda: jobs.append(started(clerk, Register.objects.get(pk=filed))),
    )
    clock(
        "confirm print", lambda: (printed(clerk, jobs[0]), confirm(actor=clerk, job_id=jobs[0].pk))
    )
    clock("seal", lambda: path.seal(actor=who("health", "officer"), register_id=filed))
    clock("emboss", lambda: path.emboss(actor=who("health", "embosser"), register_id=filed))
    clock("issue", lambda: path.issue(actor=clerk, register_id=filed))
    issued = Certificate.objects.filter(state="issued").count()
    if issued != rows or not reconcile().passed:
        raise SystemExit(f"only {issued} of {rows} issued, or the books don't balance")
    print(f"  in all       {clock.total:7.2f} s = {rows / clock.total:.0f} certificates/s")
    compare_with_saves(clock, rows)


def upload(clock: Clock, work: Callable[[], object]) -> int:
    """The upload, reading and checking; gives the register's id."""
    filed = clock("upload", work)
    found = getattr(filed, "pk", None)
    if not isinstance(found, int):
        raise SystemExit("the register was not taken")
    return found


def compare_with_saves(clock: Clock, rows: int) -> None:
    """The peer: one ``save()`` a certificate in one transaction, undone afterwards."""
    from django.db import connection, transaction

    from zhicheng.certificates.models import Certificate

    sealing = dict(clock.steps)["seal"] / rows
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        certificates = list(Certificate.objects.order_by("pk")[:PEER_ROWS])
        started = time.perf_counter()
        for certificate in certificates:
            certificate.state = "sealed"
            certificate.save(update_fields=["state", "official_seal_at"])
        plain = (time.perf_counter() - started) / len(certificates)
        transaction.set_rollback(True)
    print(
        f"  seal, with lock, rules and audit: {sealing * 1e6:.0f} µs a certificate;"
        f" peer (ORM save() one by one, without any): {plain * 1e6:.0f} µs;"
        f" ratio {plain / sealing:.1f}"
    )


def main(rows: int = ROWS) -> None:
    """Runs in a folder of its own, which goes away."""
    folder = Path(tempfile.mkdtemp(prefix="zhicheng-bench-"))
    try:
        prepare(folder)
        run(rows)
    finally:
        from django.db import connection

        from zhicheng import embedded

        connection.close()
        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
