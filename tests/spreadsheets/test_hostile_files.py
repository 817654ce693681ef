"""Files that nobody should send: each ends with one clear line, and the machine stays well."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import hostile
from zhicheng.registers.reading import read_register
from zhicheng.spreadsheets.limits import MEGABYTE, REGISTER_LIMITS
from zhicheng.values.refusal import Refusal

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "file.empty"),
    "text": (lambda: "姓名,身份证号码\n张三,1".encode(), "sheet.no_header"),
    "html": (
        lambda: "<html><table><tr><td>姓名</td></tr></table></html>".encode(),
        "sheet.no_header",
    ),
    "pdf": (lambda: b"%PDF-1.7\n...", "file.not_a_spreadsheet"),
    "noise": (lambda: bytes(range(256)) * 40, "file.not_a_spreadsheet"),
    "truncated": (lambda: hostile.workbook()[:-40], "file.damaged"),
    "password": (hostile.encrypted, "file.encrypted"),
    "honest bomb": (hostile.honest_bomb, "file.bomb"),
    "entities": (hostile.entity_bomb, "file.bomb"),
    "far cell": (hostile.far_cell, "file.too_complex"),
    "no header": (hostile.workbook, "sheet.no_header"),
}


@pytest.mark.parametrize("name", FILES)
def test_one_clear_refusal(name: str) -> None:
    make, rule = FILES[name]
    with pytest.raises(Refusal) as refused:
        read_register(make())
    assert refused.value.rule == rule
    assert refused.value.message.endswith("。")
    assert "\n" not in str(refused.value)


def test_a_part_that_lies_about_its_size_is_stopped() -> None:
    with pytest.raises(Refusal) as refused:
        read_register(hostile.lying_bomb())
    assert refused.value.rule in ("file.damaged", "file.too_complex", "file.too_slow")


def test_200_megabytes_are_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read_register(hostile.sparse(tmp_path / "big.xlsx", 200 * MEGABYTE))
    assert refused.value.rule == "file.too_large"
    assert refused.value.found == "200 MB"


def test_no_file_and_no_regular_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xlsx", tmp_path, Path("/dev/zero")):
        with pytest.raises(Refusal) as refused:
            read_register(path)
        assert refused.value.rule == "file.unreadable"


def test_neither_process_grows_beyond_its_bounds(tmp_path: Path) -> None:
    for number, make in enumerate((hostile.far_cell, hostile.lying_bomb, hostile.honest_bomb)):
        (tmp_path / f"{number}.xlsx").write_bytes(make())
    hostile.sparse(tmp_path / "3.xlsx", 200 * MEGABYTE)
    script = """
import re, resource, sys
from pathlib import Path
from zhicheng.registers.reading import read_register
from zhicheng.values.refusal import Refusal
for name in sys.argv[1:]:
    try:
        read_register(Path(name))
    except Refusal:
        continue
    raise SystemExit(f"{name} was read")
status = Path("/proc/self/status").read_text()
print(re.search(r"VmHWM:\\s+(\\d+)", status)[1],
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    told = subprocess.run(
        [sys.executable, "-c", script, *(str(tmp_path / f"{n}.xlsx") for n in range(4))],
        check=True,
        capture_output=True,
        text=True,
    )
    parent, child = (int(kilobytes) * 1024 for kilobytes in told.stdout.split())
    assert parent < 100 * MEGABYTE
    # What a process maps but doesn't own (libraries) comes on top of its bound.
    assert child < REGISTER_LIMITS.memory_bytes + 50 * MEGABYTE
    assert parent + child < 500 * MEGABYTE


def test_the_reading_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from zhicheng.spreadsheets.sandbox import run_limited

    monkeypatch.setenv("ZHICHENG_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///secret")
    told = run_limited("tests.spreadsheets.probe:environment", [b"x"], REGISTER_LIMITS)
    assert "secret" not in str(told)
    assert told["core"] == 0
    assert told["can_write"] is False


def test_limits_of_this_process_are_untouched() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(Refusal) as refused:
        read_register(b"")
    assert refused.value.rule == "file.empty"
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
