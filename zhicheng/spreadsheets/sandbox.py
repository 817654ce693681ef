"""Runs a reading task in a process of its own with bounds on memory and time.

A sent file is hostile until proven otherwise: a sheet of a million columns or a bomb ends the
small process, and the caller gets one clear refusal. The process gets no environment, so neither
keys nor the database's address, and may write no file.
"""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from zhicheng.spreadsheets.container import check_size, damaged
from zhicheng.spreadsheets.limits import Limits
from zhicheng.values.refusal import Refusal

Source = bytes | Path | BinaryIO

log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent.parent
_TIME_SIGNALS = {signal.SIGXCPU, signal.SIGKILL}
BYTES_FOLLOW = b"\x00"  # how it says that bytes follow, and no JSON
MEMORY_EXIT = 70  # how the small process says that memory ran out


def run_limited(task: str, sources: Sequence[Source], limits: Limits, **arguments: Any) -> Any:
    """What the function ``task`` ("module:name") answers for the opened files and arguments.

    The function gets one binary file per source, ``limits`` and the keyword arguments, and
    answers with JSON values or with bytes. Raises the function's own Refusal, or one that says
    that the file was too large, too slow or damaged.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(_opened(source, limits)) for source in sources]
        request = json.dumps(
            {
                "task": task,
                "files": [file.fileno() for file in files],
                "limits": limits.__dict__,
                "arguments": arguments,
            }
        )
        for file in files:
            file.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "zhicheng.spreadsheets.child", request],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[file.fileno() for file in files],
            env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )
        answer, complaint = _collect(process, limits)
    if len(answer) > limits.answer_bytes:
        raise _too_complex()
    return _judge(process.returncode, answer, complaint, limits)


@contextmanager
def _opened(source: Source, limits: Limits) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        check_size(len(source), limits)
        with tempfile.TemporaryFile() as copy:
            copy.write(source)
            copy.flush()
            yield cast(BinaryIO, copy)
    elif isinstance(source, Path):
        try:
            if not stat.S_ISREG(source.stat().st_mode):
                raise IsADirectoryError
            with source.open("rb") as file:
                check_size(os.fstat(file.fileno()).st_size, limits)
                yield file
        except OSError as error:
            raise Refusal(
                "file.unreadable",
                "无法打开该文件。",
                found=source.name,
                mend="请检查文件路径和权限。",
            ) from error
    else:
        check_size(os.fstat(source.fileno()).st_size, limits)
        yield source


def _collect(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, bytes]:
    """Everything that the process answers, never more than the limit, never later."""
    assert process.stdout is not None and process.stderr is not None
    timer = threading.Timer(limits.wall_seconds, process.kill)
    timer.start()
    try:
        answer = process.stdout.read(limits.answer_bytes + 1)
        if len(answer) > limits.answer_bytes:
            process.kill()
        complaint = process.stderr.read(10_000)
    finally:
        timer.cancel()
        process.stdout.close()
        process.stderr.close()
        process.wait()
    return answer, complaint


def _judge(code: int, answer: bytes, complaint: bytes, limits: Limits) -> Any:
    if code == 0 and answer.startswith(BYTES_FOLLOW):
        return answer[len(BYTES_FOLLOW) :]
    if code == 0 and answer:
        told = json.loads(answer)
        if "refused" in told:
            raise Refusal(**told["refused"])
        return told["answer"]
    if code < 0 and -code in _TIME_SIGNALS:
        raise Refusal(
            "file.too_slow",
            "该文件过于复杂，未能在规定时间内读完。",
            clause="N4",
            expected=f"{limits.cpu_seconds} 秒内读完",
            mend="请只把登记表的内容复制到一个新的工作簿后重新上传。",
        )
    if code == MEMORY_EXIT or code < 0:
        raise _too_complex()
    log.error("reading a spreadsheet failed: %s", complaint.decode("utf-8", "replace"))
    raise damaged()


def _too_complex() -> Refusal:
    return Refusal(
        "file.too_complex",
        "该文件占用内存过多，未予读取。",
        clause="N4",
        found="工作表区域过大或内容异常",
        mend="请只把登记表的内容复制到一个新的工作簿后重新上传。",
    )
