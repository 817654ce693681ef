"""Findings of a check as the interface tells them."""

from typing import Any

from zhicheng.values.finding import Finding

FINDINGS = 2_000


def told(finding: Finding, *, rows: bool) -> dict[str, Any]:
    """One finding; ``rows`` says whether the caller sent a file, and so knows Excel rows."""
    position = finding.index + 1 if finding.index is not None else None
    return {
        "position": position if position is not None or rows else finding.row,
        "row": finding.row if rows else None,
        "column": finding.column,
        "code": finding.code,
        "severity": finding.severity,
        "value": finding.value,
        "suggestion": finding.suggestion or None,
        "message": finding.message,
        "clause": finding.clause,
    }
