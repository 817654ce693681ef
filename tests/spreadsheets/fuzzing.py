"""Spoils real files at random and reads each in a limited process; started by ``test_fuzzing``.

    python -m tests.spreadsheets.fuzzing SEED COUNT

Every case runs in a fork of this process under the very limits and by the very code of the
sandbox's small process (``zhicheng.spreadsheets.child``), so that thousands cost minutes. Prints a
summary as JSON; a case can be made again from its seed alone.
"""

import io
import json
import os
import random
import re
import resource
import select
import signal
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from zhicheng.approvals import reading as list_reading
from zhicheng.approvals.listbook import ListBook
from zhicheng.reference.catalog import load_catalog
from zhicheng.registers.check_file import check_sheet
from zhicheng.registers.reading import read_sheet
from zhicheng.spreadsheets import child, large_xlsx, sandbox, sheets
from zhicheng.spreadsheets.limits import REGISTER_LIMITS, Limits
from zhicheng.values.refusal import Refusal

FILES = Path(__file__).parent.parent / "registers" / "corpus" / "files"
SECONDS = 5.0  # of the processor, so that a busy machine fails nothing
HUNG = 60.0  # by the clock: something waits for ever
ORDINARY = sheets.LARGE
HUGE = [b"4294967295", b"1048576", b"XFD1048576", b"A1:XFD1048576", b"-1", b"0", b"99999999999"]
NASTY = [
    b"\x00", b'"', b"<", b"&#x110000;", b"&amp;amp;", b"<!--", b"]]>", b"<![CDATA[", b"\xff\xfe",
    b"<table>" * 40, b"<td colspan=99999 rowspan=99999>", b",," * 300, b"\t" * 400, b"\r",
    b"\n" * 50, b"<tr>" * 100, b"</table>", b'="', b"\xf0\x9f\x92\xa9", b"\x81\x30\x81",
    b"1e308", b"NaN",
    "合计".encode(), "〔".encode() * 500, b"9" * 5000, b"a" * 40000,
]  # fmt: skip

Bytes = bytes
UNZIPPING = (
    zipfile.BadZipFile,
    NotImplementedError,
    ValueError,
    RuntimeError,
    EOFError,
    zlib.error,
)


def read_and_check(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task: what page and command do with a sent register."""
    report = check_sheet(read_sheet(file, limits), _book(), today=date(2026, 11, 24))
    return {"rows": report.rows, "findings": report.findings}


def read_list(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """The task for a list of approved people."""
    book = ListBook(list_reading.read_sheet(file, limits))
    return {"rows": 1, "findings": [], "unclear": len(book.unclear)}


_loaded: list[ListBook] = []


def _book() -> ListBook:
    if not _loaded:
        content = io.BytesIO((FILES / "list.xlsx").read_bytes())
        _loaded.append(ListBook(list_reading.read_sheet(content, REGISTER_LIMITS)))
        load_catalog()
    return _loaded[0]


# Spoiling.


def flip(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    spoiled = bytearray(data)
    for _ in range(chance.choice([1, 2, 8, 64])):
        if spoiled:
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def truncate(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    return data[: chance.randrange(len(data) + 1)]


def cut(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice([1, 16, 512, 4096]) :]


def repeat(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    start = chance.randrange(len(data) + 1)
    part = data[start : start + chance.choice([1, 16, 512, 4096])]
    return data[:start] + part * chance.choice([1, 2, 50]) + data[start:]


def insert(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + chance.choice(NASTY + HUGE) + data[start:]


def splice(data: Bytes, chance: random.Random, others: list[Bytes]) -> Bytes:
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def numbers(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    """Numbers between quotes (sizes, places, counts) become huge, negative or nonsense."""
    found = list(re.finditer(rb'"[A-Z]{0,3}\d+(?::[A-Z]+\d+)?"', data))
    for match in sorted(chance.sample(found, min(len(found), 3)), key=lambda m: -m.start()):
        new = b'"' + chance.choice(HUGE) + b'"'
        data = data[: match.start()] + new + data[match.end() :]
    return data


def tags(data: Bytes, chance: random.Random, _all: list[Bytes]) -> Bytes:
    """An element lost, doubled or nested deep."""
    found = list(re.finditer(rb"<[^<>]*>", data))
    if not found:
        return insert(data, chance, _all)
    match = chance.choice(found)
    new = match[0] * chance.choice([0, 2, 500])
    return data[: match.start()] + new + data[match.end() :]


PLAIN = [flip, truncate, cut, repeat, insert, splice]
INNER = [flip, truncate, cut, repeat, insert, numbers, numbers, tags, tags]


def members(data: Bytes, chance: random.Random, others: list[Bytes]) -> Bytes:
    """A part of a zipped workbook spoiled, lost, or taken from another file."""
    try:
        parts = _unzip(data)
    except UNZIPPING:
        return flip(data, chance, others)
    if not parts:
        return flip(data, chance, others)
    names = [n for n in parts if n.endswith((".xml", ".rels"))] or list(parts)
    name = chance.choice(sorted(names, key=lambda n: "sheet" not in n)[: chance.choice([2, 99])])
    way = chance.randrange(8)
    if way == 0:
        del parts[name]
    elif way == 1:
        other = chance.choice([o for o in others if o.startswith(b"PK")])
        try:
            foreign = _unzip(other)
        except UNZIPPING:
            foreign = {}
        parts[name] = foreign.get(name, parts[chance.choice(list(parts))])
    else:
        for _ in range(chance.choice([1, 1, 3])):
            parts[name] = chance.choice(INNER)(parts[name], chance, others)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", chance.choice([0, 8])) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    made = target.getvalue()
    return flip(made, chance, others) if chance.random() < 0.1 else made


def _unzip(data: Bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def spoiled(seed: int, files: list[Bytes]) -> Bytes:
    """The case of this seed."""
    chance = random.Random(seed)  # noqa: S311
    data = chance.choice(files)
    for _ in range(chance.choice([1, 1, 2, 4])):
        ways: list[Callable[[Bytes, random.Random, list[Bytes]], Bytes]] = PLAIN
        if data.startswith(b"PK") and chance.random() < 0.8:
            ways = [members]
        elif not data.startswith(b"\xd0\xcf") and chance.random() < 0.6:
            ways = INNER
        data = chance.choice(ways)(data, chance, files)
    return data


# Running.


@dataclass
class Outcome:
    """What became of all cases; ``faults`` are (seed, why)."""

    cases: int = 0
    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: float = 0.0


def run(first: int, count: int) -> Outcome:
    """Runs the cases one after the other."""
    _book()
    assert large_xlsx  # loaded before the forks
    sources = sorted(path for path in FILES.iterdir() if path.stat().st_size < 60_000)
    files = [path.read_bytes() for path in sources if "far-cell" not in path.name]
    files = [data for data in files if data]
    outcome = Outcome()
    for seed in range(first, first + count):
        sheets.LARGE = 0 if seed % 2 else ORDINARY  # half of them by the reader of large files
        task = "read_list" if seed % 10 == 9 else "read_and_check"
        _one(seed, spoiled(seed, files), f"{__name__}:{task}", outcome)
    return outcome


def _one(seed: int, data: Bytes, task: str, outcome: Outcome) -> None:
    outcome.cases += 1
    if not data:
        outcome.refused["file.empty"] += 1
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        request = {
            "task": task,
            "files": [file.fileno()],
            "limits": REGISTER_LIMITS.__dict__,
            "arguments": {},
        }
        reading, writing = os.pipe()
        complaint, complaining = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(writing, 1)
            os.dup2(complaining, 2)
            code = 3
            try:
                code = child.main(json.dumps(request))
            except BaseException as error:  # noqa: BLE001
                os.write(2, type(error).__name__.encode())
            sys.stderr.flush()
            os._exit(code)
        os.close(writing)
        os.close(complaining)
        answer, hung = _answer(reading, pid)
        _pid, status, usage = os.wait4(pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        with os.fdopen(complaint, "rb") as pipe:
            told = pipe.read(2000)
    outcome.seconds = max(outcome.seconds, seconds)
    outcome.megabytes = max(outcome.megabytes, usage.ru_maxrss / 1024)
    if hung or seconds > SECONDS:
        outcome.faults.append((seed, f"took {seconds:.1f} s"))
    elif code not in (0, sandbox.MEMORY_EXIT, -signal.SIGABRT, -signal.SIGXCPU):
        outcome.faults.append((seed, f"exit {code}: {told.decode('utf-8', 'replace')[:500]}"))
    else:
        _judge(seed, code, answer, outcome)


def _judge(seed: int, code: int, answer: Bytes, outcome: Outcome) -> None:
    try:
        told = sandbox._judge(code, answer, b"", REGISTER_LIMITS)
    except Refusal as refusal:
        outcome.refused[refusal.rule] += 1
        if "\n" in str(refusal) or not refusal.message.endswith("。"):
            outcome.faults.append((seed, f"not one clear line: {refusal}"))
        return
    outcome.read += 1
    if told["rows"] < 1:
        outcome.faults.append((seed, "read without rows"))


def _answer(reading: int, pid: int) -> tuple[Bytes, bool]:
    chunks = []
    started = time.perf_counter()
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            left = HUNG - (time.perf_counter() - started)
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                os.kill(pid, signal.SIGKILL)
                return b"", True
            chunk = pipe.read(1 << 20)
            if not chunk:
                return b"".join(chunks), False
            chunks.append(chunk)


def main(first: int, count: int) -> None:
    """Prints the outcome."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outcome = run(first, count)
    json.dump(outcome.__dict__, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    sys.modules["tests.spreadsheets.fuzzing"] = sys.modules["__main__"]
    __name__ = "tests.spreadsheets.fuzzing"
    main(int(sys.argv[1]), int(sys.argv[2]))
