"""A ledger of 200,000 rows: read, checked, imported, taken back; what it took is printed."""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import xlsxwriter

from tests.historic.conftest import HEADINGS, line
from tests.support.city import City, id_number
from zhicheng.historic import ledgers, taking_back
from zhicheng.verification.conflicts import open_conflicts
from zhicheng.verification.models import LegacyRecord, SourceConflict

ROWS = 200_000


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{what}: {time.perf_counter() - began:.1f} s, peak {peak} MB\n")


def workbook(path: Path, change: Callable[[int], dict[str, str]]) -> bytes:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, HEADINGS)
        for at in range(ROWS):
            told = {**line(f"L-{at:06d}", 身份证号=id_number(at), 性别=""), **change(at)}
            sheet.write_row(at + 1, 0, [str(told.get(name, at)) for name in HEADINGS])
    return path.read_bytes()


@pytest.mark.long
def test_two_hundred_thousand_rows(city: City, tmp_path: Path) -> None:
    officer = city.who("office", "officer")
    first = workbook(tmp_path / "a.xlsx", lambda at: {})
    second = workbook(
        tmp_path / "b.xlsx", lambda at: {"从事专业": "桥梁工程"} if at % 20 == 0 else {}
    )
    done = []
    for name, content in (("first", first), ("second", second)):
        with timed(f"{name}: upload"):
            ledger = ledgers.upload(actor=officer, content=content, name="a.xlsx", title=name)
        ledgers.map_columns(
            actor=officer,
            ledger_id=ledger.pk,
            sheet=0,
            header_row=1,
            chosen={int(place): key for place, key in ledger.chosen.items()},
        )
        with timed(f"{name}: check"):
            ledgers.check(actor=officer, ledger_id=ledger.pk)
        with timed(f"{name}: import"):
            done.append(ledgers.import_ledger(actor=officer, ledger_id=ledger.pk))
    assert [(item.taken_count, item.same_count, item.conflict_count) for item in done] == [
        (ROWS, 0, 0),
        (ROWS // 20, ROWS - ROWS // 20, ROWS // 20),
    ]
    with timed("list of conflicts"):
        assert len(open_conflicts().order_by("-found_at", "pk")[:50]) == 50
    with timed("take back the first"):
        taking_back.take_back(actor=officer, ledger_id=done[0].pk, reason="试")
    assert LegacyRecord.objects.count() == ROWS
    assert not SourceConflict.objects.exists()
