"""``zhicheng check`` and the page say the same of every file of the corpus."""

import io

import pytest
from django.utils import timezone

from tests.registers.test_corpus import EXPECTED, FILES, READ, REFUSED, book
from tests.support.filing import Filing
from zhicheng.approvals.actions import import_list
from zhicheng.registers.actions import upload_register
from zhicheng.registers.check_file import check_sheet
from zhicheng.registers.models import Register
from zhicheng.registers.reading import read_sheet
from zhicheng.spreadsheets.limits import REGISTER_LIMITS
from zhicheng.values.refusal import Refusal

Told = tuple[object, ...]


def of_page(register: Register) -> list[Told]:
    found = register.findings.select_related("row")
    return sorted(
        (
            finding.row.excel_row if finding.row else 0,
            finding.column,
            finding.code,
            finding.severity,
            finding.value,
            finding.suggestion,
            finding.message + (f"（{finding.clause}）" if finding.clause else ""),
        )
        for finding in found
    )


def of_command(name: str) -> list[Told]:
    sheet = read_sheet(io.BytesIO((FILES / name).read_bytes()), REGISTER_LIMITS)
    report = check_sheet(sheet, book(), today=timezone.localdate())
    return sorted(
        (
            f["row"] or 0,
            f["column"],
            f["code"],
            f["severity"],
            f["value"],
            f["suggestion"] or "",
            f["message"],
        )
        for f in report.findings
    )


def test_n4_page_and_command_find_the_same_in_every_file(filing: Filing) -> None:
    filing.self_review(filing.city.enterprise)
    office = filing.city.who("office", "clerk")
    content = (FILES / "list.xlsx").read_bytes()
    report = import_list(actor=office, content=content, name="list.xlsx")
    assert report.taken, report.as_text()
    clerk = filing.city.who("hospital", "clerk")
    for name in READ:
        content = (FILES / name).read_bytes()
        register = upload_register(actor=clerk, content=content, name=name)
        assert register.row_count == EXPECTED[name]["rows"]
        page, command = of_page(register), of_command(name)
        assert page == command, name


def test_refused_files_leave_nothing_behind(filing: Filing) -> None:
    clerk = filing.city.who("hospital", "clerk")
    for name in REFUSED:
        with pytest.raises(Refusal) as refused:
            upload_register(actor=clerk, content=(FILES / name).read_bytes(), name=name)
        assert refused.value.rule == EXPECTED[name]["refused"]
    assert not Register.objects.exists()
