"""Must show: with eight writers at once the mirror ends equal to the database (N20)."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_city import WRITERS
from tests.support.served import ROOT, Served, environment

pytestmark = pytest.mark.django_db
MIRROR = ROOT / "examples" / "query_mirror.py"
TRUTH = """
SELECT c.number, c.name, CASE WHEN c.voided_at IS NOT NULL THEN 'void'
    WHEN c.lost_at IS NOT NULL THEN 'lost' ELSE 'valid' END
FROM certificates_certificate c WHERE c.state = 'issued' ORDER BY c.number
"""


class Consumer:
    """The sample program in a process that may be killed, and the file that it keeps."""

    def __init__(self, served: Served, file: Path, *options: str) -> None:
        self.served, self.file, self.options = served, file, options
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        command = [sys.executable, str(MIRROR), self.served.address, str(self.file)]
        self.process = subprocess.Popen(
            [*command, "--every", "0.05", "--limit", "40", *self.options, *more],
            env=environment(self.served.url, ZHICHENG_KEY=self.served.key()),
            stderr=self.file.with_suffix(".log").open("ab"),
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def catch_up(self) -> None:
        """Once to the end, and no further."""
        self.start("--once")
        assert self.process is not None
        assert self.process.wait(120) == 0, self.file.with_suffix(".log").read_text()[-2000:]

    def rows(self, statement: str) -> list[Any]:
        with sqlite3.connect(self.file) as database:
            return database.execute(statement).fetchall()


def write_at_once(served: Served, seconds: float, consumers: list[Consumer]) -> Counter[str]:
    """Eight processes write while consumers read and are killed; gives what was committed."""
    writers = []
    for seed in range(WRITERS):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.support.api_city", "write", str(seed), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(served.url),
            cwd=ROOT,
            text=True,
        )
        assert writer.stdin is not None
        writer.stdin.write(json.dumps(served.facts["people"][seed]))
        writer.stdin.close()
        writers.append(writer)
    chance = random.Random(7)  # noqa: S311
    for consumer in consumers:
        consumer.start()
    while any(writer.poll() is None for writer in writers):
        time.sleep(0.3 + chance.random())
        for consumer in consumers:
            if consumer.process is not None and chance.random() < 0.7:
                consumer.kill()
                consumer.start()
    for consumer in consumers:
        consumer.kill()
    counted: Counter[str] = Counter()
    for writer in writers:
        assert writer.stdout is not None
        counted.update(json.loads(writer.stdout.read()))
        assert writer.wait() == 0
    return counted


def check(served: Served, seconds: float, folder: Path) -> None:
    from_start = Consumer(served, folder / "feed.sqlite", "--no-export")
    from_export = Consumer(served, folder / "export.sqlite")
    counted = write_at_once(served, seconds, [from_start, from_export])
    from_start.catch_up()
    from_export.catch_up()
    with served.connect() as database:
        truth = database.execute(TRUTH).fetchall()
        feed = database.execute(
            "SELECT sequence, kind FROM api_certificatechange ORDER BY sequence"
        ).fetchall()
    assert sum(counted.values()) > 100
    # Every committed change has one number, without gaps.
    assert [sequence for sequence, _kind in feed] == list(range(1, len(feed) + 1))
    assert Counter(kind for _sequence, kind in feed) == +counted
    # The mirrors are the database; the one without an export saw every number once, in order.
    mirrored = "SELECT number, name, status FROM certificates ORDER BY number"
    assert from_start.rows(mirrored) == truth
    assert from_export.rows(mirrored) == truth
    journal = from_start.rows("SELECT sequence, kind FROM journal ORDER BY rowid")
    assert journal == feed
    # Replayed from the beginning, nothing changes.
    before = from_start.rows("SELECT * FROM certificates ORDER BY number")
    with sqlite3.connect(from_start.file) as database:
        database.execute("UPDATE state SET position = 0")
        database.execute("DELETE FROM journal")
    from_start.catch_up()
    assert from_start.rows("SELECT * FROM certificates ORDER BY number") == before


@pytest.mark.long
def test_n20_eight_writers_and_the_mirror_ends_equal(served: Served, tmp_path: Path) -> None:
    check(served, 4.0, tmp_path)


@pytest.mark.long
def test_n20_eight_writers_for_minutes(served: Served, tmp_path: Path) -> None:
    check(served, float(os.environ.get("ZHICHENG_FEED_SECONDS", "180")), tmp_path)
