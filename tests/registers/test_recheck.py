"""The check after a change says exactly what the check of the whole register would say."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.approvals.book import ApprovalBook, ListedDocument, ListedPerson
from zhicheng.registers.columns import CERTIFICATE_NUMBER, DOCUMENT_NUMBER, ID_NUMBER, KEYS, NAME
from zhicheng.registers.recheck import Changed, Rechecker, Wanted
from zhicheng.registers.rules import Taken, check_rows
from zhicheng.registers.tidying import Tidier, TidyRow
from zhicheng.values.finding import TIDIED, Finding
from zhicheng.values.id_number import check_digit, mask

TODAY = date(2026, 11, 25)
UNIT, OTHER, THIRD = "山城第一人民医院", "山城第二人民医院", "江北医院"
PAPER, SECOND, SELF, ONLINE = (f"渝职改〔2026〕{n}号" for n in range(1, 5))
DOCUMENTS = [
    ListedDocument(PAPER, "committee", "paper"),
    ListedDocument(SECOND, "committee", "paper"),
    ListedDocument(SELF, "self_managed", "paper"),
    ListedDocument(ONLINE, "committee", "online"),
]
NAMES = ("王伟", "李娜", "张敏", "赵磊")


def number(order: int) -> str:
    first17 = f"50010319850214{order:03d}"
    return first17 + check_digit(first17)


NUMBERS = [number(order) for order in range(1, 7)]


def _people() -> list[ListedPerson]:
    told = [
        (0, PAPER, 0, UNIT, "主治医师", "内科"),
        (0, PAPER, 0, UNIT, "主治医师", "外科"),
        (0, SECOND, 0, UNIT, "主治医师", "内科"),
        (1, PAPER, 1, UNIT, "主治医师", "内科"),
        (2, PAPER, 2, OTHER, "医师", "内科"),
        (3, SECOND, 2, OTHER, "医师", "外科"),
        (3, SELF, 2, UNIT, "医师", "外科"),
        (4, ONLINE, 3, UNIT, "医师", "外科"),
        (4, SECOND, 1, THIRD, "医师", "内科"),
    ]
    return [
        ListedPerson(
            ref,
            NUMBERS[who],
            document,
            NAMES[name],
            "男" if int(NUMBERS[who][16]) % 2 else "女",
            mask(NUMBERS[who]),
            unit,
            title,
            specialty,
            date(2026, 3, 18),
            "",
            "intermediate",
        )
        for ref, (who, document, name, unit, title, specialty) in enumerate(told, start=100)
    ]


PEOPLE = _people()
BOOK = ApprovalBook(DOCUMENTS, PEOPLE)
TAKEN = Taken({"C9": "登记表X"}, {103: "登记表X"})
CELLS = {
    "certificate_number": ("", "C1", "C2", "C9", "C10", "c 1"),
    "work_unit": (UNIT, OTHER, THIRD, "无此单位", ""),
    "supervising_department": ("市卫生健康委", ""),
    "name": (*NAMES, "王 伟", "无此人", "", "1"),
    "sex": ("男", "女", "", "先生"),
    "id_number": (*NUMBERS, NUMBERS[0][:17], NUMBERS[1].lower(), "", "E12345678"),
    "specialty": ("内科", "外科", "骨科", ""),
    "qualification": ("主治医师", "医师", "大夫", ""),
    "approval_date": ("2026-03-18", "2026.3.18", "2026-03", "", "2027-01-01"),
    "document_number": (PAPER, SECOND, SELF, ONLINE, "渝职改〔2026〕9号", "文", ""),
}
cells = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in CELLS.items()})
some_cells = st.dictionaries(st.sampled_from(KEYS), st.none(), min_size=1, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries({key: st.sampled_from(CELLS[key]) for key in keys})
)
steps = st.one_of(
    st.tuples(st.just("edit"), st.lists(st.tuples(st.integers(0, 50), some_cells), min_size=1)),
    st.tuples(st.just("add"), st.lists(cells, min_size=1, max_size=2)),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 50), min_size=1, max_size=2)),
)


def tidy(values: dict[str, str]) -> TidyRow:
    row = Tidier().row(0, [values[key] for key in KEYS])
    return replace(row, key=row.values[ID_NUMBER])


@dataclass
class Model:
    """A register in memory: rows by id, and what has been found so far."""

    rows: dict[int, TidyRow] = field(default_factory=dict)
    from_file: dict[int, int] = field(default_factory=dict)
    findings: dict[int, set[Finding]] = field(default_factory=dict)
    entries: dict[int, int | None] = field(default_factory=dict)
    missing: dict[int | None, Finding] = field(default_factory=dict)
    last: int = 0

    def place(self) -> None:
        """Rows that came from no file are called by their position."""
        for position, (pk, row) in enumerate(self.rows.items(), start=1):
            row.excel_row = self.from_file.get(pk, position)

    def find(self, wanted: Wanted) -> dict[int, TidyRow]:
        return {
            pk: replace(row, done=[])
            for pk, row in self.rows.items()
            if pk in wanted.ids
            or row.values[CERTIFICATE_NUMBER] in wanted.numbers
            or row.key in wanted.keys
            or (row.values[DOCUMENT_NUMBER], row.values[NAME]) in wanted.names
        }

    def named(self, *, besides: Set[int]) -> tuple[Set[str], Set[str]]:
        rows = [row for pk, row in self.rows.items() if pk not in besides]
        return {row.values[DOCUMENT_NUMBER] for row in rows}, {row.values[1] for row in rows}

    # What the register is checked against.

    def book(self, rows: Iterable[TidyRow], numbers: Set[str] = frozenset()) -> ApprovalBook:
        """No more than what the rows ask for: a look-up that was forgotten would be noticed."""
        rows = list(rows)
        documents = {row.values[DOCUMENT_NUMBER] for row in rows} | numbers
        names, keys = {row.values[NAME] for row in rows}, {row.key for row in rows}
        return ApprovalBook(
            [document for document in DOCUMENTS if document.number in documents],
            [
                one
                for one in PEOPLE
                if one.key in keys or (one.document in documents and one.name in names)
            ],
        )

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        return BOOK.of_units(numbers, units)

    def taken(self, numbers: Set[str], entries: Set[int]) -> Taken:
        return Taken(
            {key: where for key, where in TAKEN.certificate_numbers.items() if key in numbers},
            {ref: where for ref, where in TAKEN.entries.items() if ref in entries},
        )

    # A change, checked.

    def change(self, kind: str, told: list[object]) -> None:
        before: dict[int, TidyRow] = {}
        after: dict[int, TidyRow] = {}
        renumbered: set[int] = set()
        ids = list(self.rows)
        if kind == "add":
            for values in told:
                self.last += 1
                after[self.last] = self.rows[self.last] = tidy(values)  # type: ignore[arg-type]
        elif kind == "remove":
            for place in told:
                if ids:
                    pk = ids.pop(place % len(ids))  # type: ignore[operator]
                    before[pk] = self.rows.pop(pk)
                    self.findings.pop(pk, None)
            renumbered = {
                pk
                for pk, findings in self.findings.items()
                if any(finding.code.endswith(".duplicate") for finding in findings)
            }
        elif ids:
            for place, values in told:  # type: ignore[misc]
                pk = ids[place % len(ids)]
                old = self.rows[pk]
                before.setdefault(pk, old)
                now = dict(zip(KEYS, old.values, strict=True)) | values
                after[pk] = self.rows[pk] = tidy(now)
        self.place()
        outcome = Rechecker(self, self, TODAY, UNIT, None).check(Changed(before, after, renumbered))
        for pk, findings in outcome.findings.items():
            self.findings[pk] = {plain(finding) for finding in findings}
            approved = outcome.rows[pk].approved
            self.entries[pk] = approved.ref if approved else None
        for ref, finding in outcome.missing.items():
            self.missing.pop(ref, None)
            if finding is not None:
                self.missing[ref] = finding

    def agrees_with_whole_check(self) -> None:
        result = check_rows(
            [replace(row, done=[]) for row in self.rows.values()],
            approvals=BOOK,
            today=TODAY,
            taken=TAKEN,
            reporting_unit=UNIT,
        )
        ids = list(self.rows)
        found: dict[int, set[Finding]] = {pk: set() for pk in ids}
        missing = {}
        for finding in result.findings:
            if finding.index is None:
                missing[finding.person] = finding
            else:
                found[ids[finding.index]].add(plain(finding))
        held = {
            pk: {finding for finding in self.findings.get(pk, ()) if finding.severity != TIDIED}
            for pk in ids
        }
        assert held == found
        assert self.missing == missing
        approved = [row.approved.ref if row.approved else None for row in result.rows]
        assert [self.entries.get(pk) for pk in ids] == approved


def plain(finding: Finding) -> Finding:
    """Without the places, which the pages don't keep."""
    return replace(finding, index=None, row=None)


def run(first: list[dict[str, str]], changes: list[tuple[str, list[object]]]) -> None:
    model = Model()
    for excel_row, values in enumerate(first, start=4):
        model.last += 1
        if excel_row % 2:
            model.from_file[model.last] = excel_row
        row = tidy(values)
        model.rows[model.last] = row
        model.place()
        # Every row enters by the same door: as an addition.
        outcome = Rechecker(model, model, TODAY, UNIT, None).check(Changed({}, {model.last: row}))
        for pk, findings in outcome.findings.items():
            model.findings[pk] = {plain(finding) for finding in findings}
            approved = outcome.rows[pk].approved
            model.entries[pk] = approved.ref if approved else None
        for ref, told in outcome.missing.items():
            model.missing.pop(ref, None)
            if told is not None:
                model.missing[ref] = told
    if first:
        model.agrees_with_whole_check()
    for kind, told in changes:
        if not model.rows and kind != "add":
            continue
        model.change(kind, told)
        if model.rows:
            model.agrees_with_whole_check()


@settings(max_examples=250, deadline=None)
@given(st.lists(cells, min_size=1, max_size=7), st.lists(steps, max_size=8))
def test_after_any_changes_it_says_what_the_whole_check_says(
    first: list[dict[str, str]], changes: list[tuple[str, list[object]]]
) -> None:
    run(first, changes)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(st.lists(cells, min_size=1, max_size=12), st.lists(steps, max_size=20))
def test_after_very_many_changes_too(
    first: list[dict[str, str]], changes: list[tuple[str, list[object]]]
) -> None:
    run(first, changes)
