"""Reads the register for its grid: everything at once, or what changed since a version.

A fixed number of statements whatever the register's size. ID numbers are masked throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.organizations.models import Account
from zhicheng.protection import blind_index
from zhicheng.registers.columns import KEYS, TITLES
from zhicheng.registers.labels import FINDING_LABELS, finding_label
from zhicheng.registers.missing_rules import MISSING
from zhicheng.registers.models import GridPresence, Register, RegisterFinding, Severity
from zhicheng.values import id_number

# The gravest first: what a cell with several findings is marked by.
_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.TIDIED: 2}
_TEXTS = {"id_number": "id_number_masked", "approval_date": "approval_date_text"}
_ROW = ("pk", "version", "position", "excel_row", *(_TEXTS.get(key, key) for key in KEYS))
_LEAST_DIGITS = 15
PRESENT = timedelta(seconds=20)


@dataclass(frozen=True)
class CellFinding:
    """A finding with its name and the place in the grid."""

    finding: RegisterFinding
    label: str
    key: str


@dataclass(frozen=True)
class Kind:
    """Findings of one code: how many, and how many of them offer a value."""

    code: str
    label: str
    severity: str
    clause: str
    count: int
    acceptable: int


@dataclass(frozen=True)
class Summary:
    """The counters over the grid: findings of rows by severity and by kind, people missing."""

    errors: int = 0
    warnings: int = 0
    tidied: int = 0
    missing: int = 0
    kinds: Sequence[Kind] = ()

    @property
    def acceptable(self) -> int:
        """How many values the page offers to take over at once."""
        return sum(kind.acceptable for kind in self.kinds)


def summary(register: Register) -> Summary:
    """Counts the findings, in one statement."""
    kinds = []
    totals = dict.fromkeys(Severity, 0)
    missing = 0
    counted = (
        register.findings.order_by()
        .values("code", "severity", "clause")
        .annotate(
            number=Count("id"),
            acceptable=Count("id", filter=~Q(suggestion="") & Q(row__isnull=False)),
        )
    )
    for item in counted:
        severity = Severity(item["severity"])
        if item["code"] == MISSING:
            missing += item["number"]
            continue
        totals[severity] += item["number"]
        kinds.append(
            Kind(
                item["code"],
                finding_label(item["code"]),
                severity,
                item["clause"],
                item["number"],
                0 if severity == Severity.TIDIED else item["acceptable"],
            )
        )
    kinds.sort(key=lambda kind: (_GRAVITY[Severity(kind.severity)], -kind.count, kind.code))
    return Summary(
        totals[Severity.ERROR],
        totals[Severity.WARNING],
        totals[Severity.TIDIED],
        missing,
        kinds,
    )


def whole(register: Register) -> dict[str, Any]:
    """Everything that the grid shows, in two statements."""
    return {
        **_facts(register),
        "columns": [[key, _(TITLES[key])] for key in KEYS],
        "rows": list(register.rows.order_by("position").values_list(*_ROW)),
        "findings": _findings(register.findings.filter(row__isnull=False)),
        "labels": {code: str(label) for code, label in FINDING_LABELS.items()},
    }


def news(register: Register, version: int) -> dict[str, Any]:
    """What changed since a version: the rows with their findings, and who did it.

    ``reload`` says that it can't be told row by row.
    """
    facts = _facts(register)
    if version == register.version:
        return facts
    changes = list(
        register.changes.filter(version__gt=version, version__lte=register.version)
        .select_related("changed_by")
        .order_by("version")
    )
    if len(changes) != register.version - version:
        return {**facts, "reload": True}
    ids = {pk for change in changes for pk in change.row_ids}
    return {
        **facts,
        "ids": sorted(ids),
        "rows": list(register.rows.filter(pk__in=ids).order_by("position").values_list(*_ROW)),
        "findings": _findings(register.findings.filter(row__in=ids)),
        "by": [
            {
                "account": change.changed_by_id,
                "name": change.changed_by.display_name if change.changed_by else "",
                "at": at(change.changed_at),
                "rows": change.row_ids,
            }
            for change in changes
        ],
    }


def at(when: datetime) -> str:
    """A time as the grid says it."""
    return f"{timezone.localtime(when):%H:%M:%S}"


def _facts(register: Register) -> dict[str, Any]:
    return {"version": register.version, "count": register.row_count}


def _findings(found: QuerySet[RegisterFinding]) -> list[list[Any]]:
    """(row, place of the column, code, severity, clause, found, expected, words, id, offer).

    ``offer``: 0 nothing to take over, 1 a suggestion, 2 the approval document's value. What names
    no column of the form stands at the name.
    """
    places = {title: place for place, title in enumerate(TITLES.values())}
    name, number = KEYS.index("name"), KEYS.index("id_number")
    told = []
    for row, title, *rest, person in found.order_by("id").values_list(
        "row_id",
        "column",
        "code",
        "severity",
        "clause",
        "value",
        "suggestion",
        "message",
        "pk",
        "suggested_person",
    ):
        place = places.get(title, name)
        severity, suggestion = rest[1], rest[4]
        offer = 0
        if suggestion and severity != Severity.TIDIED and (place != number or person):
            offer = 2 if person else 1
        told.append([row, place, *rest, offer])
    return told


def find_person(register: Register, text: str) -> list[int]:
    """The rows of a person by the whole ID number, which the grid doesn't hold."""
    number = id_number.tidy(text)[0]
    if len(number) < _LEAST_DIGITS:
        return []
    return list(
        register.rows.filter(id_number_index=blind_index(number)).values_list("pk", flat=True)
    )


def stand_at(register: Register, account: Account, row: int, column: str) -> None:
    """Notes that the account has this cell open."""
    GridPresence.objects.update_or_create(
        register=register,
        account=account,
        defaults={"row_id": row, "column": column, "seen_at": timezone.now()},
    )


def others_present(register: Register, account: Account) -> list[dict[str, Any]]:
    """Who else has which cell open."""
    found = GridPresence.objects.filter(
        register=register, seen_at__gt=timezone.now() - PRESENT
    ).exclude(account=account)
    return [
        {"name": name, "row": row, "column": column}
        for name, row, column in found.values_list("account__display_name", "row_id", "column")
    ]
