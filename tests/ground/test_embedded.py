"""The embedded server: starts, is found by others, stops with its last user, survives crashes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from zhicheng import embedded

ROOT = Path(__file__).parents[2]
USER = """
import sys
from pathlib import Path
from zhicheng import embedded
print(embedded.acquire(Path(sys.argv[1]), disposable=True), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    embedded.stop_now(tmp_path / "var")


def another_user(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A second process that uses the server until its input ends; gives it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def wait_until_stopped(folder: Path) -> bool:
    for _ in range(1500):
        if not embedded.running(folder):
            return True
        time.sleep(0.02)
    return False


def number_of_start(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
    assert row
    return str(row[0])


def test_it_starts_and_stops_with_its_last_user(folder: Path) -> None:
    url = embedded.acquire(folder, disposable=True)
    with psycopg.connect(url) as connection:
        assert connection.info.server_version >= 150000
    embedded.release(folder)
    assert not embedded.running(folder)


def test_a_second_process_finds_the_running_server(folder: Path) -> None:
    url = embedded.acquire(folder, disposable=True)
    other, found = another_user(folder)
    assert found == url
    embedded.release(folder)
    assert embedded.running(folder)  # the other one still uses it
    number_of_start(url)
    other.communicate("", timeout=30)
    assert not embedded.running(folder)


def test_data_are_there_after_a_stop(folder: Path) -> None:
    with psycopg.connect(embedded.acquire(folder, disposable=True)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '𠮷·㛃' AS name")
    embedded.release(folder)
    with psycopg.connect(embedded.acquire(folder, disposable=True)) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("𠮷·㛃",)
    embedded.release(folder)


def test_the_server_stops_when_its_last_user_is_killed(folder: Path) -> None:
    other, _ = another_user(folder)
    assert embedded.running(folder)
    other.kill()
    other.communicate()
    assert wait_until_stopped(folder)


def test_ten_processes_at_once_share_one_server(folder: Path) -> None:
    users = [another_user(folder) for _ in range(10)]
    assert len({number_of_start(url) for _, url in users}) == 1
    for process, _ in users:
        process.communicate("", timeout=60)
    assert wait_until_stopped(folder)


def test_it_recovers_when_the_server_was_killed(folder: Path) -> None:
    embedded.acquire(folder, disposable=True)
    process = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(process, signal.SIGKILL)
    assert wait_until_stopped(folder)
    embedded.release(folder)
    number_of_start(embedded.acquire(folder, disposable=True))
    embedded.release(folder)


def test_a_stale_process_number_is_no_obstacle(folder: Path) -> None:
    embedded.acquire(folder, disposable=True)
    note = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    embedded.release(folder)
    stale = folder / "postgres" / "postmaster.pid"
    stale.write_text("\n".join(["1", *note[1:]]) + "\n")  # process 1 always exists
    assert not embedded.running(folder)
    number_of_start(embedded.acquire(folder, disposable=True))
    embedded.release(folder)


@pytest.mark.parametrize("name", ["深" * 40, "with space, comma & 'quote'", "deep/" * 30])
def test_long_and_odd_folder_names_work(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    url = embedded.acquire(folder, disposable=True)
    number_of_start(url)
    embedded.release(folder)
    assert not embedded.running(folder)
    assert not Path(url.partition("host=")[2]).exists()  # the socket's own folder went away


def test_an_interrupted_first_start_is_taken_up_again(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    number_of_start(embedded.acquire(folder, disposable=True))
    embedded.release(folder)
    assert not (folder / "postgres.new").exists()


def test_data_of_another_postgresql_version_are_refused_in_one_line(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="PostgreSQL 9"):
        embedded.acquire(folder)


def test_commands_look_for_the_data_upwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZHICHENG_HOME", raising=False)
    (tmp_path / "var" / "postgres").mkdir(parents=True)
    (tmp_path / "var" / "postgres" / "PG_VERSION").write_text("18\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert embedded.home() == tmp_path / "var"
    assert embedded.home(create=True) == tmp_path / "a" / "b" / "var"
    monkeypatch.setenv("ZHICHENG_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(embedded.EmbeddedError, match="zhicheng demo"):
        embedded.home()


def test_nobody_else_can_reach_the_data(folder: Path) -> None:
    embedded.acquire(folder, disposable=True)
    assert (folder / "postgres").stat().st_mode & 0o077 == 0
    with psycopg.connect(embedded.acquire(folder)) as connection:
        listening = connection.execute("SHOW listen_addresses").fetchone()
    assert listening == ("",)
    embedded.release(folder)


def test_a_server_that_was_killed_is_revived_with_what_was_committed(folder: Path) -> None:
    url = embedded.acquire(folder)
    assert not embedded.revive(folder)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    process = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(process, signal.SIGKILL)
    assert wait_until_stopped(folder)
    assert embedded.revive(folder)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
    embedded.release(folder)
    assert not embedded.revive(folder)
