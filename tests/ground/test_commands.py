"""The command line: help, exit states, one line on stderr, and no database for ``check``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ["demo", "serve", "migrate", "worker", "createadmin", "check", "import-approvals"]
COMMANDS += ["reconcile", "audit verify", "account second-factor-off"]


def zhicheng(
    *arguments: str, given: str = "", folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process without our test settings."""
    plain = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "zhicheng.cli", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env=plain | environment,
        check=False,
    )


def test_help_names_every_command_in_chinese() -> None:
    result = zhicheng("--help")
    assert result.returncode == 0
    assert "用法：zhicheng" in result.stdout
    for command in COMMANDS:
        assert command.split()[0] in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = zhicheng(*command.split(), "--help")
    assert result.returncode == 0
    assert f"用法：zhicheng {command}" in result.stdout
    assert "usage" not in result.stdout.lower()


@pytest.mark.parametrize(
    "arguments",
    [[], ["nothing"], ["check"], ["check", "a.xlsx"], ["serve", "--port", "x"], ["audit"]],
)
def test_wrong_arguments_are_state_2_and_one_line(arguments: list[str]) -> None:
    result = zhicheng(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["reconcile", "audit verify", "migrate", "worker"])
def test_without_a_database_there_is_one_line(command: str, tmp_path: Path) -> None:
    result = zhicheng(*command.split(), ZHICHENG_HOME=str(tmp_path / "nothing"))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "zhicheng demo" in result.stderr
    assert not (tmp_path / "nothing").exists()


def test_an_unreachable_database_is_one_line(tmp_path: Path) -> None:
    result = zhicheng(
        "reconcile",
        DJANGO_SETTINGS_MODULE="zhicheng.settings.test",
        DATABASE_URL=f"postgresql://nobody@/nothing?host={tmp_path}",
    )
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "数据库" in result.stderr


def test_production_without_secrets_is_one_line() -> None:
    result = zhicheng("migrate", DATABASE_URL="postgresql://u@db.example/zc")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "ZHICHENG_SECRET_KEY" in result.stderr


def test_a_port_in_use_is_one_line() -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = zhicheng("serve", "--port", str(other.getsockname()[1]))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "--port" in result.stderr


def test_check_loads_neither_django_nor_the_database_driver() -> None:
    code = (
        "import sys\nfrom zhicheng.cli import main\n"
        "status = main(['check', 'no.xlsx', '--approvals', 'no.xlsx'])\n"
        "print(status, *[m for m in ('django', 'psycopg', 'procrastinate') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert result.stdout.strip() == "2"
    assert result.stderr.count("\n") == 1
    assert "no.xlsx" in result.stderr


def test_a_new_installation_from_nothing_to_its_administrator(tmp_path: Path) -> None:
    """migrate, createadmin, reconcile and audit verify on an empty embedded database."""
    home = {"ZHICHENG_HOME": str(tmp_path / "var"), "folder": tmp_path}
    (tmp_path / "var").mkdir()
    embedded = (
        "import os, sys\nfrom pathlib import Path\nfrom zhicheng import embedded\n"
        "print(embedded.acquire(Path(sys.argv[1]), disposable=True), flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", embedded, str(tmp_path / "var")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline()
        assert zhicheng("migrate", **home).returncode == 0  # type: ignore[arg-type]
        told = "correct-horse-9\n"
        arguments = ("createadmin", "admin", "--name", "李四", "--password-stdin")
        without = zhicheng(*arguments, given=told, **home)  # type: ignore[arg-type]
        assert (without.returncode, "--office" in without.stderr) == (2, True)
        office = ("--office", "重庆市职称改革办公室")
        weak = zhicheng(*arguments, *office, given="short\n", **home)  # type: ignore[arg-type]
        assert (weak.returncode, "密码过短" in weak.stderr) == (2, True)
        made = zhicheng(*arguments, *office, given=told, **home)  # type: ignore[arg-type]
        assert made.returncode == 0, made.stderr
        again = zhicheng(*arguments, given=told, **home)  # type: ignore[arg-type]
        assert again.returncode == 2
        for command in (["reconcile", "--json"], ["audit", "verify", "--json"]):
            proof = zhicheng(*command, **home)  # type: ignore[arg-type]
            assert proof.returncode == 0, proof.stderr
            assert json.loads(proof.stdout)["passed"] is True
        server.communicate(timeout=60)
