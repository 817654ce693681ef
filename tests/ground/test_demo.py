"""``zhicheng demo`` in an empty folder: serves, tells its logins, and leaves nothing behind."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhicheng import embedded

ROOT = Path(__file__).parents[2]
ROLES = {"clerk", "officer", "embosser", "auditor", "administrator"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.stop_now(tmp_path / "var")


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The demo, in a process without our test settings."""
    return subprocess.Popen(
        [sys.executable, "-m", "zhicheng.cli", "demo", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes(folder: Path) -> dict[int, str]:
    """The processes that work in or on this folder, and their command lines."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((entry / "cwd").resolve())
        except OSError:
            continue
        if (str(folder) in line or place.startswith(str(folder))) and "pytest" not in line:
            found[int(entry.name)] = line
    return found


def of_this_folder(folder: Path) -> list[str]:
    return list(processes(folder).values())


def workers(folder: Path) -> list[int]:
    return [pid for pid, line in processes(folder).items() if line.rstrip().endswith("cli worker")]


def get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    return connection.getresponse()


@pytest.mark.long
def test_demo_serves_stops_without_a_trace_and_starts_again(folder: Path) -> None:
    port = free_port()
    with start(folder, "--port", str(port)) as demo:
        assert demo.stdout is not None
        told = []
        for line in demo.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        text = "".join(told)
        assert f"http://127.0.0.1:{port}/" in text

        file = folder / "var" / "demo-accounts.json"
        accounts = json.loads(file.read_text("utf-8"))
        assert {account["role"] for account in accounts} == ROLES
        for account in accounts:
            assert {"username", "password", "role", "organization"} <= set(account)
        for role in ROLES:
            first = next(account for account in accounts if account["role"] == role)
            assert first["username"] in text
        assert file.stat().st_mode & 0o077 == 0

        assert get(port, "/healthz").status == 200
        assert get(port, "/login/").status == 200
        # Another command finds the running database by itself.
        proof = subprocess.run(
            [sys.executable, "-m", "zhicheng.cli", "reconcile", "--json"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert proof.returncode == 0, proof.stdout + proof.stderr

        # A worker that was killed is replaced by another one.
        (killed,) = workers(folder)
        os.kill(killed, signal.SIGKILL)
        assert "后台处理意外停止，已重新启动" in demo.stdout.readline()
        assert workers(folder) not in ([], [killed])

        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    for _ in range(300):
        if not of_this_folder(folder):
            break
        time.sleep(0.1)
    assert of_this_folder(folder) == []

    # The next start keeps what is there.
    accounts_before = file.read_bytes()
    with start(folder, "--no-serve") as again:
        assert again.wait(60) == 0
    assert file.read_bytes() == accounts_before
    assert not embedded.running(folder / "var")
