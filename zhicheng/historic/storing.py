"""Judged rows of an old ledger into its lines, by COPY."""

import json
from collections.abc import Iterator, Sequence

from django.utils import timezone

from zhicheng.bulk import copy_rows
from zhicheng.historic.models import Ledger, LedgerLine, LineOutcome
from zhicheng.historic.reading import LedgerRows
from zhicheng.historic.rules import Judge, Judged
from zhicheng.protection import blind_index, protect
from zhicheng.reference.models import Qualification
from zhicheng.values.finding import ERROR, WARNING
from zhicheng.values.id_number import mask, person_form
from zhicheng.values.progress import report

_FIELDS = (
    "ledger_id", "row", "outcome", "findings", "worst", "certificate_number", "name", "sex",
    "id_kind", "id_number_cipher", "id_number_index", "id_number_masked", "work_unit",
    "specialty", "qualification", "level", "grade", "approval_date", "month_only", "issued_on",
    "document_number", "committee", "department", "issuer", "self_managed",
)  # fmt: skip


def put_lines(ledger: Ledger, rows: LedgerRows) -> dict[str, int]:
    """Puts the rows in the place of what an earlier check left; gives the ledger's counts."""
    titles: dict[str, list[str]] = {}
    for name, level in Qualification.objects.values_list("name", "level").distinct():
        titles.setdefault(name, []).append(level)
    judge = Judge(
        titles,
        timezone.localdate(),
        date_1904=rows.date_1904,
        self_managed=ledger.self_managed,
    )
    counts = {"row_count": rows.count, "ready_count": 0, "warning_count": 0, "refused_count": 0}

    def judged() -> Iterator[tuple[object, ...]]:
        for done, row in enumerate(rows):
            if done % 2000 == 0:
                report("检查各行", done, rows.count)
            found = judge.row(row.row, row.cells)
            refused = found.worst == ERROR
            counts["refused_count" if refused else "ready_count"] += 1
            counts["warning_count"] += found.worst == WARNING
            yield _line(ledger, found, refused)

    LedgerLine.objects.filter(ledger=ledger)._raw_delete("default")
    copy_rows(LedgerLine, _FIELDS, judged())
    return counts


def _line(ledger: Ledger, row: Judged, refused: bool) -> tuple[object, ...]:
    texts = row.texts
    return (
        ledger.pk,
        row.row,
        (LineOutcome.REFUSED if refused else LineOutcome.READY).value,
        _json(row.findings),
        row.worst,
        texts["certificate_number"],
        texts["name"],
        texts["sex"],
        row.id_kind,
        protect(row.id_number),
        blind_index(person_form(row.id_number)),
        mask(row.id_number)[:60],
        texts["work_unit"],
        texts["specialty"],
        texts["qualification"],
        row.level,
        row.grade,
        row.approval_date,
        row.month_only,
        row.issued_on,
        texts["document_number"],
        texts["committee"],
        texts["department"],
        texts["issuer"],
        row.self_managed,
    )


def _json(findings: Sequence[object]) -> str:
    return json.dumps(findings, ensure_ascii=False)
