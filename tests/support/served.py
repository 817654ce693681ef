"""The product in processes of its own, on a database of its own: what other systems meet.

The database is a copy of the tests' own, which has its tables already.
"""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection

from zhicheng.commands.serving import threads_for

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python"
_numbers = itertools.count(1)


def environment(url: str, **more: str) -> dict[str, str]:
    """What a process of the product needs to know."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "zhicheng.settings.test",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{CLIENT}",
        **more,
    }


def run(url: str, module: str, *arguments: str) -> dict[str, Any]:
    """What a module of the tests' support says on its last line."""
    told = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment(url),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    return dict(json.loads(told.stdout.strip().splitlines()[-1]))


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A small city with keys, served by granian; ``facts`` are what the city says of itself."""

    def __init__(self, *, workers: int = 1) -> None:
        self.name = f"zhicheng_api_{os.getpid()}_{next(_numbers)}"
        settings = connection.settings_dict
        connection.close()  # a database that is in use can't be copied
        with self._server() as server:
            server.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{settings["NAME"]}"')
        self.url = _url(settings, self.name)
        self.facts = run(self.url, "tests.support.api_city", "found")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "granian", "zhicheng.wsgi:application"]
        command += ["--interface", "wsgi", "--port", str(self.port), "--http", "1", "--no-ws"]
        threads = str(threads_for(workers))
        command += ["--workers", str(workers), "--blocking-threads", threads]
        command += ["--log-level", "error", "--respawn-failed-workers"]
        surroundings = environment(self.url, ZHICHENG_THREADS=threads)
        self.process = subprocess.Popen(command, env=surroundings, cwd=ROOT)
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Until it answers."""
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=5):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server doesn't answer")

    def children(self) -> list[int]:
        """The processes that serve, without the one that watches them."""
        return _tree(self.process.pid)[1:]

    def key(self, organization: str = "office") -> str:
        """A key's text."""
        return str(self.facts["keys"][organization])

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection to the database, each statement its own transaction."""
        return psycopg.connect(self.url, autocommit=True)

    def resident_bytes(self) -> int:
        """How much memory the server's processes hold."""
        total = 0
        for child in _tree(self.process.pid):
            status = Path(f"/proc/{child}/status").read_text()
            found = re.search(r"VmRSS:\s+(\d+) kB", status)
            total += int(found[1]) * 1024 if found else 0
        return total

    def stop(self) -> None:
        """Ends what this began."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self._server() as server:
            server.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    @staticmethod
    def _server() -> "psycopg.Connection[Any]":
        return psycopg.connect(_url(connection.settings_dict, "postgres"), autocommit=True)


def _url(settings: Mapping[str, Any], name: str) -> str:
    host, port = quote(str(settings["HOST"]), safe=""), settings["PORT"] or 5432
    password = f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else ""
    return f"postgresql://{settings['USER']}{password}@/{name}?host={host}&port={port}"


def _tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = (task / "children").read_text().split()
        for child in children:
            found += _tree(int(child))
    return found
