"""``kill -9`` of the worker within a batch: resumed, each certificate exactly once (issue 5)."""

import os
import random
import time
from pathlib import Path

import pytest
from django.db.models import Count

from tests.electronic.conftest import number_by_rule
from tests.support.city import announce, found_city
from tests.work.test_killed_worker import revive, worker
from zhicheng.audit.verify import verify as verify_audit
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.electronic import sealing
from zhicheng.electronic.background import ask_make
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing import authority
from zhicheng.electronic.signing.verifying import verify
from zhicheng.files.models import StoredFile
from zhicheng.files.store import content_of
from zhicheng.registers.models import GivenNumber
from zhicheng.registers.numbering.taking import gaps
from zhicheng.work.models import WorkState


@pytest.fixture
def shared_seal(home: Path, settings: object) -> None:
    """The workers, processes of their own, use the test settings' folder."""
    from zhicheng.settings import test

    settings.HOME = test.HOME  # type: ignore[attr-defined]
    authority.make(sealing.test_folder())


@pytest.mark.django_db(transaction=True)
def test_killed_at_a_random_moment(shared_seal: None) -> None:
    _kill_and_resume(people=260, kills=1, seed=int(os.environ.get("SEED", "20260401")))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_killed_at_ten_random_moments(shared_seal: None) -> None:
    _kill_and_resume(people=1500, kills=10, seed=int(os.environ.get("SEED", "7")))


def _kill_and_resume(*, people: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    city = found_city()
    number_by_rule(city)
    document = announce(city, people, channel="online", grades=("senior", "intermediate"))[
        0
    ].document
    work = ask_make(city.who("health", "officer"), [document], address="https://zs.example.cn/")
    for _kill in range(kills):
        done = Certificate.objects.count()
        victim = worker()
        _until(lambda before=done: Certificate.objects.count() > before)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.5))
        victim.kill()
        victim.wait()
        kept = Certificate.objects.count()
        assert kept == ElectronicFile.objects.count() == StoredFile.objects.count()
        assert kept < people, "killed too late to show anything: take more people"
        work.refresh_from_db()
        assert not work.is_finished
        _until(lambda: (revive(), _waits())[1], seconds=120, pause=0.3)
    successor = worker()
    try:
        _until(lambda: (revive(), _finished(work))[1], seconds=900, pause=0.3)
    finally:
        successor.terminate()
        successor.wait()
    assert work.state == WorkState.DONE
    by_person = Certificate.objects.values("approved_person").annotate(n=Count("pk"))
    assert by_person.count() == people and all(row["n"] == 1 for row in by_person)
    assert ElectronicFile.objects.count() == StoredFile.objects.count() == people
    assert GivenNumber.objects.count() == people and gaps() == []
    report = reconcile()
    assert report.passed, report.faults
    assert verify_audit().passed
    roots = trusted_roots()
    some = ElectronicFile.objects.select_related("file").order_by("?")[:10]
    assert all(verify(content_of(item.file), roots).reason == "" for item in some)


def _waits() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        return bool(cursor.fetchone()[0])


def _finished(work) -> bool:  # type: ignore[no-untyped-def]
    work.refresh_from_db()
    return bool(work.is_finished)


def _until(condition, seconds: float = 240, pause: float = 0.05) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(pause)
