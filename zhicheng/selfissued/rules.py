"""Checks the rows of a report: the rules of an approval list, and those of numbers (N16); pure.

A self-managed unit's certificate says what an approval document would say, so the very same
checks of people, titles, levels and dates are asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from zhicheng.approvals import reading as lists
from zhicheng.approvals.reading import ListRow
from zhicheng.approvals.rules import ListResult, PersonFacts, check_list
from zhicheng.reference.catalog import Catalog
from zhicheng.selfissued.reading import KEYS, TITLES
from zhicheng.spreadsheets.tables import Value
from zhicheng.values.finding import ERROR, Finding
from zhicheng.values.id_number import is_adults
from zhicheng.values.text import cell_text, hide_id_numbers, tidy_code, tidy_text

NUMBER, REASON = KEYS.index("number"), KEYS.index("correction_reason")
_NUMBER = re.compile(r"[0-9A-Za-z\u4e00-\u9fff〔〕()（）\[\]/._-]{2,40}")
# What an approval list calls otherwise.
_COLUMNS = {"申报资格专业方向": "专业名称", "发文日期": "发证日期", "核准部门": "批准时间"}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate to be written."""

    number: str
    person: PersonFacts
    issued_on: date | None
    correction_reason: str

    @property
    def row(self) -> int:
        """The Excel row."""
        return self.person.row


@dataclass(slots=True)
class Checked:
    """Everything that a report says; usable when ``errors`` is 0."""

    result: ListResult
    certificates: list[CertificateFacts] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == ERROR for finding in self.findings)


def check_report(
    rows: Sequence[ListRow],
    *,
    unit: str,
    catalog: Catalog,
    today: date,
    date_1904: bool = False,
) -> Checked:
    """Tidies and judges every row of the unit's report."""
    as_list = [ListRow(row.excel_row, _list_cells(row, unit)) for row in rows]
    result = check_list(as_list, catalog=catalog, today=today, date_1904=date_1904)
    checked = Checked(result, findings=[as_reported(finding) for finding in result.findings])
    people = {person.index: person for person in result.people}
    documents = result.documents
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        number = tidy_code(cell_text(row.cells[NUMBER]))[0]
        reason = hide_id_numbers(tidy_text(cell_text(row.cells[REASON]))[0])[:200]
        fault = _number_fault(number, today, seen, row.excel_row)
        if fault is not None:
            code, message = fault
            checked.findings.append(at(row.excel_row, "number", code, number, message))
        person = people.get(index)
        if person is not None and fault is None:
            issued_on = documents[person.document].issued_on
            checked.certificates.append(CertificateFacts(number, person, issued_on, reason))
    return checked


def _list_cells(row: ListRow, unit: str) -> list[Value]:
    """The row as one of an approval list of the unit's own."""
    told: Mapping[str, Value] = dict(zip(KEYS, row.cells, strict=True))
    own: dict[str, Value] = {
        "department": unit,
        "review_mode": "自主评审",
        "channel": "线下",
        "work_unit": told["work_unit"] or unit,
        "review_unit": None,
    }
    return [own.get(column.key, told.get(column.key)) for column in lists.COLUMNS]


def _number_fault(
    number: str, today: date, seen: dict[str, int], excel_row: int
) -> tuple[str, str] | None:
    if not number:
        return "required", "证书编号没有填写"
    if not _NUMBER.fullmatch(number) or is_adults(number, today):
        return (
            "certificate_number.malformed",
            "证书编号应为2至40个数字、字母、汉字或括号，不能是身份证号码",
        )
    first = seen.setdefault(number, excel_row)
    if first != excel_row:
        return "certificate_number.duplicate", f"与第{first}行的证书编号相同"
    return None


def as_reported(finding: Finding) -> Finding:
    """A finding of the list's checks in the words of the report."""
    return replace(finding, column=_COLUMNS.get(finding.column, finding.column), clause="N16")


def at(row: int, key: str, code: str, value: str, message: str) -> Finding:
    """An error of one cell."""
    return Finding(
        row=row,
        column=TITLES[key],
        code=code,
        severity=ERROR,
        value=hide_id_numbers(value)[:300],
        suggestion="",
        message=f"{message}。",
        clause="N16",
    )
