"""``zhicheng check``: a register file against a list file, with no database and no Django.

A unit can run it before it sends anything; the findings are those of the page, by the same code.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from zhicheng.approvals import reading as list_reading
from zhicheng.approvals.listbook import ListBook
from zhicheng.registers import reading
from zhicheng.registers.reading import RegisterSheet
from zhicheng.registers.rules import check_rows
from zhicheng.registers.tidying import tidy_rows
from zhicheng.spreadsheets.limits import LIST_LIMITS, REGISTER_LIMITS, Limits
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.finding import ERROR, TIDIED, WARNING
from zhicheng.values.text import hide_id_numbers

CITY = ZoneInfo("Asia/Shanghai")
_LABELS = {ERROR: "错误", WARNING: "提示", TIDIED: "已规范"}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome: ``findings`` with the design's keys; ``remarks`` are about the files.

    ``sheet`` is the sheet that was read, with those that weren't.
    """

    rows: int
    findings: Sequence[dict[str, Any]]
    remarks: Sequence[str] = field(default_factory=tuple)
    sheet: str = ""

    @property
    def exit_code(self) -> int:
        """1 when an error was found, else 0. A file that can't be used raises Refusal: 2."""
        return int(any(finding["severity"] == ERROR for finding in self.findings))

    def as_json(self) -> str:
        """The design's JSON, and which sheet was read."""
        told = {"sheet": self.sheet, "rows": self.rows, "findings": self.findings}
        return json.dumps(told, ensure_ascii=False)

    def as_text(self) -> str:
        """Lines for a person to read."""
        lines = [f"工作表：{self.sheet}", *self.remarks]
        for finding in self.findings:
            place = f"第{finding['row']}行" if finding["row"] else "全表"
            line = f"{_LABELS[finding['severity']]} {place} {finding['column']}："
            line += finding["message"]
            if finding["value"]:
                line += f" 现为：{finding['value']}"
            if finding["suggestion"]:
                line += f" 应为：{finding['suggestion']}"
            lines.append(f"{line} [{finding['code']}]")
        counts = Counter(finding["severity"] for finding in self.findings)
        told = "，".join(f"{label} {counts[kind]} 处" for kind, label in _LABELS.items())
        return "\n".join([*lines, f"共 {self.rows} 人：{told}。"])


def check_file(
    register_path: str | Path,
    approvals_path: str | Path,
    *,
    today: date | None = None,
    has_authority: bool | None = None,
) -> Report:
    """Checks the file at ``register_path`` against the list at ``approvals_path``.

    ``has_authority`` says whether the unit manages by itself, as the page knows (N3).

    Both are read in a process of bounded memory and time. Raises Refusal when either can't be
    used: its text is one line for standard error, and the exit state is 2.
    """
    told = run_limited(
        "zhicheng.registers.check_file:check_in_child",
        [Path(register_path), Path(approvals_path)],
        LIST_LIMITS,
        today=(today or datetime.now(CITY).date()).isoformat(),
        authority=has_authority,
    )
    return Report(**told)


def check_in_child(
    register: BinaryIO,
    approvals: BinaryIO,
    *,
    limits: Limits,
    today: str,
    authority: bool | None = None,
) -> dict[str, Any]:
    """The task of the small process."""
    sheet = reading.read_sheet(register, REGISTER_LIMITS)
    book = ListBook(list_reading.read_sheet(approvals, limits))
    report = check_sheet(sheet, book, today=date.fromisoformat(today), has_authority=authority)
    return asdict(report)


def check_sheet(
    sheet: RegisterSheet, book: ListBook, *, today: date, has_authority: bool | None = None
) -> Report:
    """Checks a register that was read against a list that was read."""
    result = check_rows(
        tidy_rows(sheet.rows, date_1904=sheet.date_1904),
        approvals=book,
        today=today,
        reporting_unit=sheet.reporting_unit,
        has_authority=has_authority,
    )
    return Report(
        rows=len(result.rows),
        findings=[finding.as_dict() for finding in result.findings],
        remarks=[f"名单中{number}的评审方式或申报渠道无法识别" for number in book.unclear[:20]],
        sheet=hide_id_numbers(sheet.sheet_told),
    )
