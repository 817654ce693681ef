"""Reads the register page: a page of rows with what the checks found in each cell.

A fixed number of statements whatever the register's size; a page never holds more than ``PAGE``
rows.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

from django.db.models import Count, Q, QuerySet

from zhicheng.protection import blind_index
from zhicheng.registers.columns import COLUMNS, KEY_OF_TITLE, KEYS, TITLES
from zhicheng.registers.labels import finding_label
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.values import id_number

PAGE = 100
MISSING = "approval.person_missing"
# The gravest first: what a cell with several findings is marked by.
_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.TIDIED: 2}
_TEXTS = {"id_number": "id_number_masked", "approval_date": "approval_date_text"}
_LOOKS_LIKE_ID_NUMBER = 15


@dataclass(frozen=True)
class Wanted:
    """Which rows the person asked for: a severity or a code, a name or number, a page."""

    show: str = ""
    code: str = ""
    find: str = ""
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether not all rows are shown."""
        return bool(self.show or self.code or self.find)


@dataclass(frozen=True)
class CellFinding:
    """A finding with its name and the place in the grid."""

    finding: RegisterFinding
    label: str
    key: str

    @property
    def can_accept(self) -> bool:
        """Whether there is a value to take over."""
        return bool(self.finding.suggestion) and self.finding.severity != Severity.TIDIED

    @property
    def from_approval(self) -> bool:
        """Whether that value comes from the approval document."""
        return self.finding.suggested_person_id is not None


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: its column's key and title, its text, its findings gravest first.

    ``is_fault``: the keys for the next and previous fault stop here.
    """

    key: str
    title: str
    text: str
    findings: Sequence[CellFinding] = ()
    is_fault: bool = False

    @property
    def severity(self) -> str:
        """The gravest severity, or nothing."""
        return self.findings[0].finding.severity if self.findings else ""


@dataclass(frozen=True)
class Line:
    """One row of the grid."""

    row: RegisterRow
    cells: Sequence[Cell]

    @property
    def severity(self) -> str:
        """The gravest severity of the row."""
        found = [cell.severity for cell in self.cells if cell.severity]
        return min(found, key=lambda severity: _GRAVITY[Severity(severity)], default="")


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


@dataclass(frozen=True)
class Grid:
    """A page of the register."""

    lines: Sequence[Line]
    total: int
    wanted: Wanted
    pages: int = 1
    columns: Sequence[tuple[str, str]] = field(
        default=tuple((column.key, column.title) for column in COLUMNS)
    )

    @property
    def first(self) -> int:
        """The place of the first row shown among those found, from 1."""
        return (self.wanted.page - 1) * PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return min(self.wanted.page * PAGE, self.total)


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


def rows_wanted(register: Register, wanted: Wanted) -> QuerySet[RegisterRow]:
    """The register's rows that the person asked for, in the form's order."""
    rows = register.rows.order_by("position")
    found = register.findings.filter(row__isnull=False)
    if wanted.show:
        rows = rows.filter(pk__in=found.filter(severity=wanted.show).values("row"))
    if wanted.code:
        rows = rows.filter(pk__in=found.filter(code=wanted.code).values("row"))
    if wanted.find:
        rows = rows.filter(_matching(wanted.find))
    return rows


def _matching(text: str) -> Q:
    number = id_number.tidy(text)[0]
    if len(number) >= _LOOKS_LIKE_ID_NUMBER:
        return Q(id_number_index=blind_index(number)) | Q(certificate_number__icontains=text)
    return (
        Q(name__icontains=text)
        | Q(certificate_number__icontains=text)
        | Q(work_unit__icontains=text)
    )


def read_grid(register: Register, wanted: Wanted) -> Grid:
    """One page; a page number beyond the end gives the last page."""
    rows = rows_wanted(register, wanted)
    total = rows.count() if wanted.filtered else register.row_count
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, wanted.page), pages)
    shown = list(rows.select_related("changed_by")[(page - 1) * PAGE : page * PAGE])
    settled = Wanted(wanted.show, wanted.code, wanted.find, page)
    return Grid(lines(register, shown, settled), total, settled, pages)


def lines(register: Register, rows: Sequence[RegisterRow], wanted: Wanted) -> list[Line]:
    """The rows with their findings, in one statement more.

    What names no column of the form stands at the name.
    """
    stops = _stops(register, wanted)
    by_cell: dict[tuple[int | None, str], list[CellFinding]] = defaultdict(list)
    for finding in RegisterFinding.objects.filter(row__in=rows).order_by("id"):
        key = KEY_OF_TITLE.get(finding.column, "name")
        found = CellFinding(finding, finding_label(finding.code), key)
        by_cell[finding.row_id, key].append(found)
    for findings in by_cell.values():
        findings.sort(key=lambda found: _GRAVITY[Severity(found.finding.severity)])
    return [
        Line(
            row,
            [
                Cell(
                    key,
                    TITLES[key],
                    str(getattr(row, _TEXTS.get(key, key))),
                    by_cell.get((row.pk, key), ()),
                    any(stops(found) for found in by_cell.get((row.pk, key), ())),
                )
                for key in KEYS
            ],
        )
        for row in rows
    ]


def _stops(register: Register, wanted: Wanted) -> Callable[[CellFinding], bool]:
    """Which findings are faults now: what is asked for, else errors, else warnings."""
    if wanted.code:
        return lambda found: found.finding.code == wanted.code
    severity = wanted.show or (Severity.ERROR if register.error_count else Severity.WARNING)
    return lambda found: found.finding.severity == severity


def page_of(register: Register, wanted: Wanted, row: RegisterRow) -> int:
    """On which page of the rows asked for this row stands."""
    before = rows_wanted(register, wanted).filter(position__lt=row.position).count()
    return before // PAGE + 1


def next_fault(
    register: Register, wanted: Wanted, *, position: int, backwards: bool = False
) -> tuple[RegisterRow, str] | None:
    """The nearest row after (or before) ``position`` that has a fault, and the cell's key.

    Only rows that are asked for count. None at the end.
    """
    found = register.findings.filter(row__isnull=False)
    if wanted.code:
        found = found.filter(code=wanted.code)
    else:
        usual = Severity.ERROR if register.error_count else Severity.WARNING
        found = found.filter(severity=wanted.show or usual)
    if wanted.find:
        found = found.filter(row__in=rows_wanted(register, wanted))
    if backwards:
        found = found.filter(row__position__lt=position).order_by("-row__position")
    else:
        found = found.filter(row__position__gt=position).order_by("row__position")
    nearest = found.select_related("row").first()
    if nearest is None or nearest.row is None:
        return None
    keys = sorted(
        (
            KEY_OF_TITLE.get(title, "name")
            for title in found.filter(row=nearest.row).values_list("column", flat=True)
        ),
        key=KEYS.index,
    )
    return nearest.row, keys[-1] if backwards else keys[0]
