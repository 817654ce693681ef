"""The corpus: registers from every program that units use. All faults found, no false alarm.

``corpus/make.py`` makes the files; what must be found in each stands in ``corpus/expected.json``.
"""

import io
import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.registers.corpus.case import CASES
from tests.registers.corpus.make import load
from zhicheng.approvals import reading as list_reading
from zhicheng.approvals.listbook import ListBook
from zhicheng.registers.check_file import Report, check_file, check_sheet
from zhicheng.registers.reading import read_register, read_sheet
from zhicheng.spreadsheets.limits import LIST_LIMITS, REGISTER_LIMITS
from zhicheng.values.refusal import Refusal

FOLDER = Path(__file__).parent / "corpus"
FILES = FOLDER / "files"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())
READ = [name for name, told in EXPECTED.items() if "found" in told]
REFUSED = [name for name, told in EXPECTED.items() if "refused" in told]
TODAY = date(2026, 11, 24)


@cache
def book() -> ListBook:
    """The list of everybody, read once."""
    content = (FILES / "list.xlsx").read_bytes()
    return ListBook(list_reading.read_sheet(io.BytesIO(content), LIST_LIMITS))


def found(report: Report) -> Counter[tuple[Any, ...]]:
    return Counter((f["row"], f["column"], f["code"]) for f in report.findings)


@pytest.mark.parametrize("name", READ)
def test_exactly_the_expected_is_found(name: str) -> None:
    sheet = read_sheet(io.BytesIO((FILES / name).read_bytes()), REGISTER_LIMITS)
    report = check_sheet(sheet, book(), today=TODAY)
    assert found(report) == Counter(map(tuple, EXPECTED[name]["found"]))
    assert report.rows == EXPECTED[name]["rows"]
    errors = [f for f in report.findings if f["severity"] == "error"]
    assert report.exit_code == int(bool(errors))


@pytest.mark.parametrize("name", REFUSED)
def test_one_clear_line_for_what_cannot_be_used(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_register(FILES / name)
    assert refused.value.rule == EXPECTED[name]["refused"]
    assert "\n" not in str(refused.value)


def test_the_corpus_is_what_its_generator_lists() -> None:
    load()
    assert len(EXPECTED) >= 60
    assert [made.name for made in CASES] == list(EXPECTED)
    lists = {"list.xlsx", "list.csv", "list-web-table.xls"}
    assert {path.name for path in FILES.iterdir()} == set(EXPECTED) | lists
    assert all((FILES / made.name).stat().st_size < 100_000 for made in CASES)


@pytest.mark.parametrize("approvals", ["list.csv", "list-web-table.xls"])
def test_lists_come_as_text_and_web_tables_too(approvals: str) -> None:
    for name in ("fault-differing.xlsx", "clean-gb18030.csv"):
        report = check_file(FILES / name, FILES / approvals, today=TODAY)
        assert found(report) == Counter(map(tuple, EXPECTED[name]["found"]))


def test_the_sheet_that_was_read_is_told() -> None:
    told = {
        name: read_sheet(io.BytesIO((FILES / name).read_bytes()), REGISTER_LIMITS)
        for name in (
            "sheets-notes-and-lists.xlsx",
            "sheets-sample-first.xlsx",
            "hidden-sheet-of-last-year.xlsx",
        )
    }
    assert [sheet.sheet_told for sheet in told.values()] == [
        "职称登记",
        "Sheet2（未读取：填写示例）",
        "登记表2026",
    ]


def test_title_lines_are_taken_over_from_every_format() -> None:
    for name in READ:
        sheet = read_sheet(io.BytesIO((FILES / name).read_bytes()), REGISTER_LIMITS)
        if sheet.rows[0].excel_row == 4 and "gbk.txt" not in name:
            assert (sheet.reporting_unit, sheet.year, sheet.filler, sheet.telephone) == (
                "山城第一人民医院", 2026, "杜若谷", "023-63000000",
            ), name  # fmt: skip
