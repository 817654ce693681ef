"""Requests a second of the web server, WSGI with 2, 4, 8 threads against ASGI.

    .venv/bin/python -m benchmarks.server [PATH]

Starts granian on the data of ``var/`` (``zhicheng demo --no-serve`` before) and asks for one page
over and over with 16 connections from another process, for five seconds each.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

PORT = 8431
CONNECTIONS = 16
SECONDS = 5.0
KINDS = (("wsgi", 2), ("wsgi", 4), ("wsgi", 8), ("asginl", 8))


@contextlib.contextmanager
def server(interface: str, threads: int) -> Iterator[None]:
    """Granian with one worker process on PORT."""
    module = "wsgi" if interface == "wsgi" else "asgi"
    command = [sys.executable, "-m", "granian", f"zhicheng.{module}:application"]
    command += ["--interface", interface, "--port", str(PORT), "--http", "1", "--no-ws"]
    command += ["--blocking-threads", str(threads)] if interface == "wsgi" else []
    settings = {"DJANGO_SETTINGS_MODULE": "zhicheng.settings.demo"}
    process = subprocess.Popen([*command, "--log-level", "error"], env=os.environ | settings)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def ask(path: str, until: float, durations: list[float]) -> None:
    """Ask for the page again and again over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode()
    while (start := time.perf_counter()) < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if not head.startswith("http/1.1 200"):
            raise SystemExit(head.splitlines()[0])
        await reader.readexactly(int(head.partition("content-length: ")[2].split("\r")[0]))
        durations.append(time.perf_counter() - start)
    writer.close()


async def load(path: str, seconds: float) -> list[float]:
    """The duration of every request of all connections."""
    durations: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(ask(path, until, durations) for _ in range(CONNECTIONS)))
    return sorted(durations)


def main(path: str) -> None:
    """Measure each kind in turn."""
    for interface, threads in KINDS:
        with server(interface, threads):
            for _ in range(200):
                with contextlib.suppress(OSError):
                    asyncio.run(load(path, 0.5))  # also warms it up
                    break
                time.sleep(0.1)
            found = asyncio.run(load(path, SECONDS))
            rate = len(found) / SECONDS
            middle, high = found[len(found) // 2] * 1000, found[len(found) * 99 // 100] * 1000
            print(
                f"{interface:7}{threads:3} threads {rate:8.0f}/s"
                f"  median {middle:5.1f} ms  99 % {high:5.1f} ms"
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "/healthz")
