"""The lock files: exact, with digests, naming no host; the tests' lock holds the same versions."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def pins(name: str) -> set[str]:
    text = (ROOT / name).read_text()
    return set(re.findall(r"^([a-z0-9-]+==\S+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=sha256:[0-9a-f]{64})", text, flags=re.MULTILINE)
    assert not re.search(r"\b[\w-]+\.(com|org|net|io|cn|dev)\b", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_exact_and_has_digests(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = [block for block in re.split(r"\n(?=\S)", text) if block and block[0] != "#"]
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9.-]+==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_tests_run_on_the_versions_that_are_delivered() -> None:
    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_everything_asked_for_is_locked() -> None:
    for name in ("requirements", "requirements-dev"):
        asked = re.findall(r"^([A-Za-z0-9-]+)", (ROOT / f"{name}.in").read_text(), re.MULTILINE)
        locked = {pin.partition("==")[0] for pin in pins(f"{name}.txt")}
        assert {item.lower() for item in asked if not item.startswith("-")} <= locked
