"""``demo``: everything in one command, in any folder; its data lie under ``var/``."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from zhicheng.commands import CommandFault, Subparsers
from zhicheng.commands.processes import command
from zhicheng.commands.serving import add_address, require_free

ACCOUNTS = "demo-accounts.json"


def add(commands: Subparsers) -> None:
    """Describe the command."""
    demo = commands.add_parser(
        "demo",
        help="演示：内置数据库、参考数据、虚构的市职改办及各单位，并运行网站",
        description="建立演示数据并运行网站；数据放在当前目录的 var/ 或 ZHICHENG_HOME 中。",
    )
    add_address(demo)
    demo.add_argument("--no-serve", action="store_true", help="只载入数据，不运行网站")
    demo.set_defaults(run=run_demo)


def run_demo(given: argparse.Namespace) -> int:
    """Set up what is missing, then serve until SIGINT or SIGTERM."""
    if not given.no_serve:
        require_free(given.host, given.port)
    # Both end through every `finally`; shells start background processes with SIGINT ignored.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    if given.host not in ("0.0.0.0", "::"):  # noqa: S104 - a look, no listening
        # What the worker puts into QR codes: it has no browser whose address it could take.
        os.environ.setdefault("ZHICHENG_PUBLIC_ADDRESS", f"http://{given.host}:{given.port}/")
    home = prepare()
    if given.no_serve:
        sys.stdout.write(f"演示数据已就绪：{home}\n")
        return 0
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as workers:
        worker = workers.enter_context(command("worker"))
        address = ("--host", given.host, "--port", str(given.port))
        with command("serve", "--workers", "1", *address) as server:
            _announce(server, given.host, given.port, home / ACCOUNTS)
            _wait(server, home, worker, workers)
        raise CommandFault("网站进程意外结束")
    return 0


def _wait(
    server: "subprocess.Popen[bytes]",
    home: Path,
    worker: "subprocess.Popen[bytes]",
    workers: contextlib.ExitStack,
) -> None:
    """Until the web server ends; a database or worker that died meanwhile is started again."""
    from zhicheng import embedded

    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(2)
            return
        if embedded.revive(home):
            _say("内置数据库意外停止，已重新启动。")
        if worker.poll() is not None:
            worker = workers.enter_context(command("worker"))
            _say("后台处理意外停止，已重新启动。")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare() -> Path:
    """Database, tables, reference data, demo city: what isn't there yet; gives the data folder."""
    from zhicheng.messages import compile_messages

    compile_messages()
    from zhicheng.commands.environment import data_folder, start_django
    from zhicheng.commands.setting_up import bring_up_to_date

    start_django(create=True)
    from django.db import connection, transaction

    bring_up_to_date()
    home = data_folder()
    from zhicheng.demo.load import load

    # All of the city or none of it: whoever interrupts the first start finds it undone.
    with transaction.atomic():
        load(home / ACCOUNTS)
    # Nothing more is asked here; the web server and the worker have connections of their own.
    connection.close_pool()  # type: ignore[attr-defined]
    return home


def _announce(server: "subprocess.Popen[bytes]", host: str, port: int, accounts: Path) -> None:
    """Says where to go as soon as the server answers."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    while server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address + "healthz", timeout=5).close()  # noqa: S310
            sys.stdout.write(welcome(address, accounts))
            sys.stdout.flush()
            return
        time.sleep(0.05)


def welcome(address: str, accounts: Path) -> str:
    """The address and one login per role."""
    lines = [f"职称证书演示系统：{address}", f"登录：{address}login/"]
    first: dict[str, dict[str, str]] = {}
    for account in json.loads(accounts.read_text("utf-8")):
        first.setdefault(account["role"], account)
    for account in first.values():
        login = f"{account['username']} / {account['password']}"
        lines.append(f"  {account['role_label']}  {login}  {account['organization']}")
    lines.append(f"全部账号见 {_near(accounts)}；按 Ctrl-C 停止。")
    return "\n".join(lines) + "\n"


def _near(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
