"""Spoiled real files: no crash, no hang, no heap of memory; each ends with findings or one line."""

import contextlib
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.spreadsheets.fuzzing import FILES, SECONDS, spoiled
from zhicheng.registers.reading import read_register
from zhicheng.values.refusal import Refusal

ROOT = Path(__file__).parent.parent.parent


def outcome(first: int, count: int) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.spreadsheets.fuzzing", str(first), str(count)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def hold(found: dict[str, Any], count: int) -> None:
    assert found["faults"] == []
    assert found["cases"] == count == found["read"] + sum(found["refused"].values())
    assert found["megabytes"] < 500
    assert found["seconds"] < SECONDS
    # The cases reach past the front door: many are read, many fall by many rules.
    assert found["read"] > count // 10
    assert len(found["refused"]) > 5


@pytest.mark.parametrize("first", [0, 250])
def test_500_spoiled_files(first: int) -> None:
    hold(outcome(first, 250), 250)


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 13_000, 3000))
def test_12000_spoiled_files(first: int) -> None:
    found = outcome(first, 3000)
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    hold(found, 3000)


def test_the_sandbox_itself_says_the_same(caplog: pytest.LogCaptureFixture) -> None:
    files = [path.read_bytes() for path in sorted(FILES.iterdir()) if "far-cell" not in path.name]
    with caplog.at_level(logging.ERROR):
        for seed in range(20_000, 20_020):
            with contextlib.suppress(Refusal):
                assert read_register(spoiled(seed, [data for data in files if data])).rows
    assert caplog.records == []  # a defect of our own would be logged
