"""A register of 20,000 rows against a list of 100,000 people: ``zhicheng check``, on one core.

    .venv/bin/python -m benchmarks.register_check [ROUNDS]

The peer is ``clerk_script.py``: openpyxl and a dictionary, the same checks, run in turn on the same
core on the same files. Both must find the same faults, or nothing is compared. Seconds are those
of the whole command from start to end by the clock, with the processor's in brackets (a busy
machine stretches the first alone); memory is the peak of the process that reads and checks.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.documents import one_core
from zhicheng.demo.faults import FaultyCity
from zhicheng.demo.people import people
from zhicheng.demo.workbooks import Line, approval_list, register

ROOT = Path(__file__).parent.parent
LISTED, ROWS, ROUNDS = 100_000, 20_000, 5
PER_DOCUMENT, UNITS = 2_000, 5
FAULTS: tuple[dict[str, object], ...] = (
    {"姓名": "无此人"},
    {"性别": "先生"},
    {"专业名称": "外科学"},
    {"资格名称": "副主任医师"},
    {"批准时间": "2026-03-19"},
    {"批准时间": "2026年3月"},
    {"批准文号": "渝卫职改〔2026〕99999号"},
    {"身份证号码": 500103198502140000.0},
    {"证书编号": ""},
    {"工作单位": "山城第九人民医院"},
)


def make(folder: Path) -> tuple[Path, Path]:
    """The register and the list; one row in a hundred has a fault."""
    city = FaultyCity()
    listed = []
    for index, person in enumerate(islice(people(7), LISTED)):
        city.unit = f"山城第{index * UNITS // LISTED}人民医院"
        listed.append(city.list_person(person=person, number=1 + index // PER_DOCUMENT))
    lines: list[Line] = []
    for index, item in enumerate(listed[:ROWS]):
        line = city.line(item)
        if index % 100 == 50:
            line = line.but(**FAULTS[index // 100 % len(FAULTS)])
        lines.append(line)
    unit = listed[0].work_unit
    paths = folder / "register.xlsx", folder / "list.xlsx"
    paths[0].write_bytes(register(lines, unit=unit, year=2026, filler="杜若谷", telephone="1"))
    paths[1].write_bytes(approval_list(listed))
    return paths


class Used(NamedTuple):
    """Seconds by the clock and of the processor, and megabytes of the largest process."""

    seconds: float
    processor: float
    megabytes: float


def run(command: list[str]) -> tuple[Used, str]:
    """What the command used and printed."""
    # A process of its own in between, so that its children's peak is theirs alone.
    watcher = (
        "import resource, subprocess, sys, time; started = time.perf_counter();"
        "told = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout;"
        "seconds = time.perf_counter() - started;"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "told = f'{seconds} {used.ru_utime + used.ru_stime} {used.ru_maxrss}\\n'.encode() + told;"
        "sys.stdout.buffer.write(told)"
    )
    told = subprocess.run(
        [sys.executable, "-c", watcher, *command],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        text=True,
    ).stdout
    head, _line, rest = told.partition("\n")
    seconds, processor, peak = map(float, head.split())
    return Used(seconds, processor, peak / 1024), rest


def ours(paths: tuple[Path, Path]) -> tuple[Used, Counter[tuple[int, str]]]:
    """``zhicheng check``."""
    command = [sys.executable, "-m", "zhicheng.cli", "check", str(paths[0]), "--json"]
    used, told = run([*command, "--approvals", str(paths[1])])
    found = Counter(
        (finding["row"] or 0, finding["code"])
        for finding in json.loads(told)["findings"]
        if finding["severity"] != "tidied"
    )
    return used, found


def peer(paths: tuple[Path, Path], *extra: str) -> tuple[Used, Counter[tuple[int, str]]]:
    """The clerk's script."""
    script = str(ROOT / "benchmarks" / "clerk_script.py")
    used, told = run([sys.executable, script, *map(str, paths), *extra])
    lines = (line.split() for line in told.splitlines())
    return used, Counter((int(row), code) for row, code in lines)


def main(rounds: int = ROUNDS) -> None:
    """Both in turn; medians."""
    one_core()
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder))
        print(f"{ROWS} rows against {LISTED} listed people, one core, {rounds} rounds")
        runs: dict[str, list[Used]] = {label: [] for label in WAYS}
        expected: Counter[tuple[int, str]] = Counter()
        for _round in range(rounds):
            for label, work in WAYS.items():
                used, found = work(paths)
                runs[label].append(used)
                expected = expected or found
                if found != expected:
                    differ = list(((found - expected) + (expected - found)).elements())[:5]
                    raise SystemExit(f"{label} finds something else: {differ}")
    print(f"  the same {sum(expected.values())} findings by all")
    mine = _middle(runs["zhicheng check"])
    for label, used in runs.items():
        middle = _middle(used)
        spread = f"{min(u.seconds for u in used):.2f}-{max(u.seconds for u in used):.2f}"
        print(
            f"  {label:27} {middle.seconds:6.2f} s ({spread}; processor {middle.processor:.2f})"
            f" {max(u.megabytes for u in used):5.0f} MB"
            f"  ratio {middle.seconds / mine.seconds:.1f}"
            f" (processor {middle.processor / mine.processor:.1f})"
        )


def _middle(used: list[Used]) -> Used:
    return Used(*(statistics.median(each) for each in zip(*used, strict=True)))


WAYS: dict[str, Callable[[tuple[Path, Path]], tuple[Used, Counter[tuple[int, str]]]]] = {
    "zhicheng check": ours,
    "openpyxl script": peer,
    "openpyxl script, read_only": lambda paths: peer(paths, "read_only"),
}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
