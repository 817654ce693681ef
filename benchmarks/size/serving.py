"""The product's server on a city, as ``zhicheng serve`` runs it."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.support.served import ROOT, free_port
from zhicheng.commands.serving import threads_for

if TYPE_CHECKING:
    from benchmarks.size.database import City


@contextlib.contextmanager
def served(city: "City", workers: int = 0, **more: str) -> Iterator[int]:
    """Gives the port of granian with a worker a core and as many threads as ``serve`` has."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "zhicheng.wsgi:application"]
    command += ["--interface", "wsgi", "--port", str(port), "--http", "1", "--no-ws"]
    workers = workers or os.cpu_count() or 1
    threads = os.environ.get("BENCH_THREADS", str(threads_for(workers)))
    command += ["--workers", str(workers), "--blocking-threads", threads, "--log-level", "error"]
    environment = city.environment(**{"ZHICHENG_THREADS": threads, **more})
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()  # noqa: S310
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)
