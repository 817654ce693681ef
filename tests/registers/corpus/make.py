"""Makes the corpus: ``python -m tests.registers.corpus.make [PART OF A NAME]``.

Every file lies in ``files/``, what must be found in it in ``expected.json``, and all people of
all files on ``files/list.xlsx`` (and the same list as .csv and as a web table). Cases that need
LibreOffice (Debian: ``apt-get install --no-install-recommends libreoffice-calc``) keep their
committed file where it isn't installed. All people are invented.
"""

import json
import sys
from pathlib import Path

import openpyxl

from tests.registers.corpus import writers
from tests.registers.corpus.case import CASES
from tests.registers.corpus.paper import Paper
from zhicheng.demo.workbooks import approval_list

FOLDER = Path(__file__).parent
FILES = FOLDER / "files"
EXPECTED = FOLDER / "expected.json"


def load() -> None:
    """Fills ``CASES``; the order numbers the documents."""
    from tests.registers.corpus import (  # noqa: F401
        faults,
        formats,
        layouts,
        refused,
        tidyings,
    )


def main(part: str = "") -> None:
    """Writes all files, or only those whose name holds ``part``; the expectations always."""
    load()
    FILES.mkdir(exist_ok=True)
    before = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    # A file keeps its people's document numbers for good, wherever other cases are added.
    papers = {name: told["paper"] for name, told in before.items() if "paper" in told}
    expected: dict[str, dict[str, object]] = {}
    listed = []
    for made in CASES:
        papers.setdefault(made.name, max(papers.values(), default=0) + 1)
        paper = Paper(papers[made.name])
        missing_office = made.office and writers.SOFFICE is None
        if missing_office:
            kept, writers.by_libreoffice = writers.by_libreoffice, lambda *_told: b""
        content = made.make(paper)
        if missing_office:
            writers.by_libreoffice = kept
            sys.stdout.write(f"{made.name}: kept as it is, LibreOffice isn't installed\n")
        elif part in made.name:
            (FILES / made.name).write_bytes(content)
        listed += paper.listed
        rows = len([row for row in paper.rows if len(row) == 11 and row[0] != "序号"])
        expected[made.name] = {"paper": papers[made.name]}
        if made.refused:
            expected[made.name]["refused"] = made.refused
        else:
            expected[made.name] |= {"rows": rows, "found": paper.expected}
    lines = [
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(told, ensure_ascii=False)}"
        for name, told in expected.items()
    ]
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    content = approval_list(listed)
    (FILES / "list.xlsx").write_bytes(content)
    sheet = openpyxl.load_workbook(FILES / "list.xlsx").worksheets[0]
    grid = list(sheet.iter_rows(values_only=True))
    (FILES / "list.csv").write_bytes(writers.as_text(grid, encoding="gb18030"))
    (FILES / "list-web-table.xls").write_bytes(writers.as_html(grid))


if __name__ == "__main__":
    main(*sys.argv[1:2])
