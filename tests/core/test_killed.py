"""``kill -9`` in the middle of an allotment of 10,000: all of it or nothing (invariants 1, 2, 8).

Once the process that allots is killed, once PostgreSQL; on a database of this test's own.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhicheng import embedded

ROOT = Path(__file__).parents[2]


class Clerk:
    """A process at the ledger."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.ledger_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "zhicheng.settings.test",
            },
        )

    def tell(self, command: str) -> None:
        """Gives a command and doesn't wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The answer to the last command; empty when the process is gone."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {}

    def ask(self, command: str) -> dict[str, Any]:
        """A command and its answer."""
        self.tell(command)
        return self.answer()

    def end(self, how: int = signal.SIGKILL) -> None:
        """Stops this process, which the test started."""
        self.process.send_signal(how)
        self.process.communicate()


class Scene:
    """A server, a register that waits for 10,000 blanks, and two processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = embedded.acquire(folder)  # not disposable: what is committed must stay
        self.reader = Clerk(self.url)
        self.register = self.reader.ask("prepare")["register"]
        self.writer = Clerk(self.url)
        self.writer.ask(f"check {self.register}")  # it is warm
        self.seconds = self.writer.ask(f"allot {self.register}")["seconds"]
        self.events = 1
        self.after()

    def after(self) -> str:
        """All or nothing, in ledger, allotments and audit events alike; then as before."""
        found = self.reader.ask(f"check {self.register}")
        assert found.get("faults") == [], found
        assert found["reserved"] in (0, 10_000), found
        whole = found["reserved"] == 10_000
        assert found["allotments"] == int(whole), found
        if whole:
            assert self.reader.ask(f"withdraw {self.register}") == {}
        self.events = found["events"]
        return "all" if whole else "nothing"

    def moment(self) -> float:
        """Somewhere within the allotment."""
        return random.random() * self.seconds * 1.1  # noqa: S311 - a moment, not a secret

    def kill_the_clerk(self) -> str:
        """The process that allots dies."""
        before = self.events
        self.writer.tell(f"allot {self.register}")
        time.sleep(self.moment())
        self.writer.end()
        outcome = self.after()
        assert self.events - before == int(outcome == "all")
        self.writer = Clerk(self.url)
        self.writer.ask(f"check {self.register}")
        return outcome

    def kill_postgresql(self) -> str:
        """The server dies with everybody who works for it, and comes back."""
        before = self.events
        server = int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        # Its children, so that none of them ends its work in peace.
        listed = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        self.writer.tell(f"allot {self.register}")
        time.sleep(self.moment())
        for process in [server, *map(int, listed)]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        said = self.writer.answer()
        while embedded.running(self.folder):  # a busy machine takes a moment to bury it
            time.sleep(0.02)
        assert embedded.revive(self.folder)
        self.reader.ask(f"check {self.register}")  # finds its connection dead
        outcome = self.after()
        assert self.events - before == int(outcome == "all")
        if "seconds" in said:  # what was answered for is there
            assert outcome == "all"
        return outcome


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "var")
    yield made
    made.reader.end()
    made.writer.end()
    embedded.release(made.folder)
    embedded.stop_now(made.folder)


def test_an_allotment_of_ten_thousand_survives_kill_9_whole_or_not_at_all(scene: Scene) -> None:
    for kill in (scene.kill_the_clerk, scene.kill_postgresql):
        for _ in range(2):
            assert kill() in ("all", "nothing")


@pytest.mark.long
def test_an_allotment_of_ten_thousand_survives_forty_kills(scene: Scene) -> None:
    for kill in (scene.kill_the_clerk, scene.kill_postgresql):
        outcomes = Counter(kill() for _ in range(20))
        sys.stdout.write(f"{kill.__name__}: {dict(outcomes)}, allotment {scene.seconds:.2f} s\n")
        assert outcomes["nothing"]  # some really were in the middle
