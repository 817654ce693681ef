"""A register of 20,000 rows against a list of 100,000 people: ``zhicheng check``, on one core.

    .venv/bin/python -m benchmarks.register_check [ROUNDS]

The peer is ``clerk_script.py``: openpyxl and a dictionary, the same checks, run in turn on the same
core on the same files. Both must find the same faults, or nothing is compared. Seconds are those
of the whole command from start to end, memory the peak of the process that reads and checks.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path

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


def run(command: list[str]) -> tuple[float, float, str]:
    """Seconds, megabytes of the largest process below, and what was printed."""
    # A process of its own in between, so that its children's peak is theirs alone.
    watcher = (
        "import resource, subprocess, sys, time; started = time.perf_counter();"
        "told = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout;"
        "seconds = time.perf_counter() - started;"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "sys.stdout.buffer.write(f'{seconds} {peak}\\n'.encode() + told)"
    )
    told = subprocess.run(
        [sys.executable, "-c", watcher, *command],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        text=True,
    ).stdout
    head, _line, rest = told.partition("\n")
    seconds, peak = head.split()
    return float(seconds), int(peak) / 1024, rest


def ours(paths: tuple[Path, Path]) -> tuple[float, float, Counter[tuple[int, str]]]:
    """``zhicheng check``."""
    command = [sys.executable, "-m", "zhicheng.cli", "check", str(paths[0]), "--json"]
    seconds, peak, told = run([*command, "--approvals", str(paths[1])])
    found = Counter(
        (finding["row"] or 0, finding["code"])
        for finding in json.loads(told)["findings"]
        if finding["severity"] != "tidied"
    )
    return seconds, peak, found


def peer(paths: tuple[Path, Path], *extra: str) -> tuple[float, float, Counter[tuple[int, str]]]:
    """The clerk's script."""
    script = str(ROOT / "benchmarks" / "clerk_script.py")
    seconds, peak, told = run([sys.executable, script, *map(str, paths), *extra])
    lines = (line.split() for line in told.splitlines())
    return seconds, peak, Counter((int(row), code) for row, code in lines)


def main(rounds: int = ROUNDS) -> None:
    """Both in turn; medians."""
    one_core()
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder))
        print(f"{ROWS} rows against {LISTED} listed people, one core, {rounds} rounds")
        runs: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": [], "streaming": []}
        for _round in range(rounds):
            for name, work in (
                ("ours", lambda: ours(paths)),
                ("peer", lambda: peer(paths)),
                ("streaming", lambda: peer(paths, "read_only")),
            ):
                seconds, peak, found = work()
                runs[name].append((seconds, peak))
                if name == "ours":
                    expected = found
                elif found != expected:
                    differ = list((found - expected) + (expected - found))[:5]
                    raise SystemExit(f"{name} finds something else: {differ}")
        print(f"  the same {sum(expected.values())} findings by all")
        mine = statistics.median(seconds for seconds, _peak in runs["ours"])
        for name, label in (
            ("ours", "zhicheng check"),
            ("peer", "openpyxl script"),
            ("streaming", "openpyxl script, read_only"),
        ):
            seconds = statistics.median(each for each, _peak in runs[name])
            spread = min(each for each, _peak in runs[name]), max(each for each, _ in runs[name])
            peak = max(peak for _seconds, peak in runs[name])
            print(
                f"  {label:27} {seconds:6.2f} s ({spread[0]:.2f}-{spread[1]:.2f})"
                f" {peak:5.0f} MB  ratio {seconds / mine:.1f}"
            )


if __name__ == "__main__":
    assert os.name == "posix" and resource
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
