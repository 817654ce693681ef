"""``kill -9`` of the worker at any moment of a batch: it goes on, each certificate exactly once."""

import random
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.documents.reading import page_texts
from tests.support.city import accepted_register, carry, deliver, found_city
from tests.support.printing import printed
from tests.work.test_killed_worker import revive, worker
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import PrintJob, PrintPage, PrintPortion
from zhicheng.certificates.printjobs.ending import cancel, confirm
from zhicheng.certificates.printjobs.preparing import prepare_again
from zhicheng.certificates.printjobs.starting import start
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial
from zhicheng.work.models import Work, WorkState
from zhicheng.work.running import MOST_ATTEMPTS

PORTION = 10


class Batch:
    """A register whose printing is begun and killed, again and again."""

    def __init__(self, people: int, portion: int = PORTION) -> None:
        self.people, self.portion = people, portion
        city = found_city()
        self.clerk: Account = city.who("health", "clerk")
        self.register: Register = accepted_register(city, people)
        deliver(city, people + people // 10 + 2)
        carry(city, self.register, "filled")
        self.job = self.begin()
        self.kills = self.given_up = 0

    def begin(self) -> PrintJob:
        (job,) = start(
            actor=self.clerk,
            register_id=self.register.pk,
            grade="intermediate",
            portion_size=self.portion,
            address="https://zs.example.gov.cn/",
        )
        return job

    @property
    def work(self) -> Work:
        return Work.objects.get(token=PrintJob.objects.get(pk=self.job.pk).asked)

    def files(self) -> int:
        """How many portions have their file."""
        return PrintPortion.objects.filter(job=self.job).exclude(content=None).count()

    def kill_after(self, seconds: float, *, when: Callable[[], bool] = lambda: True) -> None:
        """A worker of its own process, killed so long after it began to work."""
        self.ask_again_if_given_up()
        before = self.work.started_at
        victim = worker()
        try:
            self.until(lambda: self._begun_since(before) and when())
            time.sleep(seconds)
        finally:
            victim.kill()
            victim.wait()
        self.kills += 1
        # What is there is whole: every file has its digest, and no page is in two of them.
        kept = PrintPortion.objects.filter(job=self.job).exclude(content=None)
        assert all(len(item.sha256) == 64 for item in kept)

    def _begun_since(self, before: datetime | None) -> bool:
        revive()  # what the last victim held
        work = self.work
        return work.started_at != before or work.is_finished

    def ask_again_if_given_up(self) -> None:
        """What the page's button does, once workers died over it and got nothing done.

        On a slow machine three of them are killed before the first portion is kept; the product
        takes such work for the one that kills them, and leaves it to a person.
        """
        work = self.work
        if not work.is_finished and work.attempts >= MOST_ATTEMPTS:
            successor = worker()
            try:
                self.until(self._ended)
            finally:
                successor.kill()
                successor.wait()
            work = self.work
        if work.state == WorkState.FAILED:
            assert work.refusal["rule"] == "work.failed"
            prepare_again(actor=self.clerk, job_id=self.job.pk)
            self.given_up += 1

    def _ended(self) -> bool:
        revive()
        return self.work.is_finished

    def until(self, wanted: Callable[[], bool], seconds: float = 60) -> None:
        """Waits for something that a worker does."""
        end = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < end
            time.sleep(0.05)

    def finish(self) -> None:
        """A worker that lives does the rest."""
        successor = worker()
        try:
            self.until(self._ended, 90)
        finally:
            successor.terminate()
            successor.wait()
        assert self.work.state == WorkState.DONE, self.work.refusal
        self.job.refresh_from_db()
        assert self.job.state == "ready"

    def check(self) -> None:
        """Every certificate on one page, in the order of serials, and the books agree."""
        texts = [text for item in printed(self.clerk, self.job) for text in page_texts(item.pdf)]
        certificates = list(self.register.certificates.order_by("blank_serial"))
        assert len(texts) == len(certificates) == self.people
        for text, certificate in zip(texts, certificates, strict=True):
            assert certificate.number in text
            assert format_serial(certificate.blank_serial or 0) in text
        assert len({page.code for page in self.job.pages.all()}) == self.people
        outcome = confirm(actor=self.clerk, job_id=self.job.pk)
        assert outcome.good == self.people
        made = AuditEvent.objects.filter(
            tag="unit:print_job:prepare", data__job=self.job.number, data__has_key="sha256"
        )
        assert sum(event.data["count"] for event in made if event.data["kept"]) == self.people
        assert verify().passed


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_goes_on_with_the_batch_and_makes_each_page_once() -> None:
    chance = random.Random(5)  # noqa: S311
    batch = Batch(40, portion=2)
    batch.kill_after(chance.uniform(0, 0.1), when=lambda: batch.files() > 0)
    assert 0 < batch.files() <= 20
    batch.finish()
    assert batch.files() == 20
    batch.check()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_batch_survives_ten_kills_at_random_moments() -> None:
    chance = random.Random(20180626)  # noqa: S311
    batch = Batch(600)
    while batch.kills < 10:
        if batch.work.is_finished:
            batch.finish()
            cancel(actor=batch.clerk, job_id=batch.job.pk)
            batch.job = batch.begin()
        batch.kill_after(chance.uniform(0, 0.6))
    batch.ask_again_if_given_up()
    if batch.work.is_finished:
        batch.job.refresh_from_db()
    else:
        batch.finish()
    batch.check()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_batch_whose_workers_die_over_it_is_given_up_and_goes_on_when_asked_for() -> None:
    batch = Batch(200)
    for _kill in range(2 * MOST_ATTEMPTS):
        batch.kill_after(0)
    batch.ask_again_if_given_up()
    assert batch.given_up >= 1
    batch.finish()
    batch.check()


def peak_megabytes(process: "subprocess.Popen[bytes]") -> float:
    """The most memory that the process has had."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_batch_of_ten_thousand_stays_within_700_megabytes() -> None:
    batch = Batch(10_000, portion=200)
    began = time.monotonic()
    process = worker()
    try:
        batch.until(lambda: batch.work.is_finished, 900)
        peak = peak_megabytes(process)
    finally:
        process.terminate()
        process.wait()
    print(f"10,000 pages: {time.monotonic() - began:.0f} s, {peak:.0f} MB at most")  # noqa: T201
    assert batch.work.state == WorkState.DONE, batch.work.refusal
    assert peak < 700
    assert PrintPortion.objects.exclude(content=None).count() == 50
    pages = PrintPage.objects.filter(job=batch.job).exclude(code="")
    assert pages.values("certificate").distinct().count() == 10_000
