"""``kill -9`` of the worker in the middle of an upload: afterwards it is done once, and whole."""

import asyncio
import os
import random
import subprocess
import sys
import time

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.registers.background import ask_upload
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.work.jobs import revive_stalled
from zhicheng.work.models import Work, WorkState

ROWS = 400
# The worker of the command line, on the test's own database, quick to be taken for dead.
WORKER = """
import django
django.setup()
from procrastinate.contrib.django import app
with app.replace_connector(app.connector.get_worker_connector()) as working:
    working.run_worker(delete_jobs="successful", update_heartbeat_interval=0.2,
                       stalled_worker_timeout=1.0, fetch_job_polling_interval=0.2)
"""


def worker() -> "subprocess.Popen[bytes]":
    settings = connection.settings_dict
    address = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}&port={settings['PORT']}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "zhicheng.settings.test",
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def revive() -> None:
    connector = app.connector
    assert isinstance(connector, DjangoConnector)

    async def ask() -> None:
        with app.replace_connector(connector.get_worker_connector()) as working:
            async with working.open_async():
                await revive_stalled(working.job_manager, dead_after=1.0)

    asyncio.run(ask())


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_the_upload_undone_and_the_next_one_does_it_once() -> None:
    filing = Filing(found_city())
    content = filing.file(filing.lines(ROWS))
    clerk = filing.city.who("hospital", "clerk")
    chance = random.Random(20180626)  # noqa: S311
    for round_number in range(1, 4):
        work = ask_upload(clerk, content=content, name=f"{round_number}.xlsx", year=2026)
        victim = worker()
        for _ in range(4000):
            work.refresh_from_db()
            if work.state != WorkState.WAITING:
                break
            time.sleep(0.005)
        assert work.state != WorkState.WAITING
        time.sleep(chance.uniform(0, 0.4))
        victim.kill()
        victim.wait()
        assert RegisterRow.objects.count() in ((round_number - 1) * ROWS, round_number * ROWS)
        successor = worker()
        try:
            for _ in range(300):
                revive()
                work.refresh_from_db()
                if work.is_finished:
                    break
                time.sleep(0.1)
        finally:
            successor.terminate()
            successor.wait()
        assert work.state == WorkState.DONE
        assert Register.objects.count() == round_number
        assert RegisterRow.objects.count() == round_number * ROWS
        assert work.result_url == f"/registers/{Register.objects.latest('pk').pk}/"
    assert AuditEvent.objects.filter(tag="unit:register:upload").count() == 3
    assert verify().passed
    assert not Work.objects.exclude(payload=None).exists()
