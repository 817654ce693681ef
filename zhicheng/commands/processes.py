"""Children that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

VARIABLE = "ZHICHENG_PARENT"
STOP_SECONDS = 25
_PR_SET_PDEATHSIG = 1


def mark_parent() -> None:
    """Children of this process that call :func:`end_with_parent` end when it does."""
    os.environ[VARIABLE] = str(os.getpid())


def end_with_parent() -> None:
    """If our parent asked for it, ask the kernel for SIGTERM the moment it dies, even by KILL."""
    if os.environ.get(VARIABLE) != str(os.getppid()) or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def command(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another command of ours in a process of its own, stopped at the end of the block."""
    mark_parent()
    process = subprocess.Popen(
        [sys.executable, "-m", "zhicheng.cli", *arguments],
        stdin=subprocess.DEVNULL,
        # Ctrl-C reaches the whole group of a terminal; the children are told by us alone.
        process_group=0,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
