"""A batch's answers as plain values, for the interface."""

from typing import Any

from zhicheng.verification.batch.answering import Answered
from zhicheng.verification.rules import Record


def told_rows(answered: Answered) -> dict[str, Any]:
    """What the interface answers: one result for each row, in the rows' order."""
    batch = answered.batch
    return {
        "number": batch.number,
        "asked_at": batch.asked_at.isoformat(),
        "rows": batch.row_count,
        "found": batch.found_count,
        "results": [
            {
                "position": item.asked.row,
                "found": bool(item.records),
                "certificates": [_told(record) for record in item.records],
            }
            for item in answered.rows
        ],
    }


def _told(record: Record) -> dict[str, Any]:
    return {
        "number": record.number,
        "name": record.name,
        "id_number": record.id_number_masked,
        "qualification": record.qualification,
        "grade": record.grade,
        "specialty": record.specialty,
        "approval_date": record.approval_date.isoformat(),
        "document_number": record.document_number,
        "approving_department": record.approving_department,
        "issuing_unit": record.issuing_unit,
        "issued_on": record.issued_on.isoformat() if record.issued_on else None,
        "status": record.standing.value,
        "source": record.source.name.lower(),
    }
