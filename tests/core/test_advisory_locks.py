"""The architecture page names every advisory lock, and none that is gone."""

import re
from pathlib import Path

import zhicheng

PACKAGE = Path(zhicheng.__file__).parent
TAKES = re.compile(r"pg_(?:try_)?advisory_(?:xact_)?lock")


def test_the_list_of_advisory_locks_is_whole() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
    section = page.partition("## Advisory locks\n")[2].partition("\n## ")[0]
    named = {name for line in section.splitlines() for name in re.findall(r"`(\w\S*\.py)`", line)}
    taking = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if TAKES.search(path.read_text("utf-8"))
    }
    assert len(taking) > 10
    assert named == taking
