"""Rows that came as JSON, as the Excel file that they could have been: one way in for both.

The file goes through the very actions that a page's upload goes through, so checks, versions,
marked files and the audit know no other kind.
"""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from zhicheng.api.schemas import ApprovalsIn, RegisterIn
from zhicheng.api.schemas_verifying import SelfIssuedIn
from zhicheng.approvals import reading as lists
from zhicheng.registers.columns import COLUMNS
from zhicheng.selfissued import reading as own


def of_register(given: RegisterIn) -> bytes:
    """附件1 as text cells under its header."""
    keys = [column.key for column in COLUMNS]
    rows = ([getattr(row, key) for key in keys] for row in given.rows)
    return _workbook("登记表", [column.title for column in COLUMNS], rows)


def of_approvals(given: ApprovalsIn) -> bytes:
    """The list workbook."""
    keys = [column.key for column in lists.COLUMNS]
    rows = (
        [getattr(person, key) if hasattr(person, key) else getattr(document, key) for key in keys]
        for document in given.documents
        for person in document.people
    )
    return _workbook("评审通过人员", [column.title for column in lists.COLUMNS], rows)


def of_self_issued(given: SelfIssuedIn) -> bytes:
    """The report of a self-managed unit."""
    rows = ([getattr(row, key) for key in own.KEYS] for row in given.certificates)
    return _workbook("自主发放证书", [column.title for column in own.COLUMNS], rows)


def _workbook(name: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet(name)
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title)
        for place, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text)
    return target.getvalue()
