"""Whatever is done to a register in whatever order: each version reads as it was (N18)."""

import itertools
import random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.filing import Filing
from zhicheng.protection import reveal
from zhicheng.registers import actions
from zhicheng.registers.columns import KEYS
from zhicheng.registers.models import Register, RegisterVersion, RowHistory
from zhicheng.registers.settling import choices, undecided
from zhicheng.registers.versions import FIELD_OF_KEY, compare, states_at

WHOLE = [field.attname for field in RowHistory._meta.concrete_fields]
COPIED = [
    name
    for name in WHOLE
    if name not in ("id", "register_id", "row_id", "version_from", "version_to")
]
STEPS = ("correct", "remove", "add", "again", "settle", "suggest", "sql", "sql_many", "moved")


def present(register: Register) -> list[tuple[Any, ...]]:
    """The rows as the table has them now."""
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in register.rows.order_by("position").values_list("pk", *COPIED)
    ]


def remembered(register: Register, version: int) -> list[tuple[Any, ...]]:
    """The rows as the history says that they were."""
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in states_at(register, version).values_list("row_id", *COPIED)
    ]


class Walk:
    """A register that is changed at random, with what each of its versions said."""

    def __init__(self, filing: Filing, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.filing = filing
        self.clerk = filing.city.who("hospital", "clerk")
        self.lines = filing.lines(6)
        self.register = filing.upload(self.file())
        self.seen: dict[int, list[tuple[Any, ...]]] = {}
        self.look()

    def file(self) -> list[Any]:
        chosen = self.random.sample(self.lines, self.random.randint(1, 5))
        return [
            line.but(工作单位="别的单位") if self.random.random() < 0.3 else line for line in chosen
        ]

    def look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        self.register.refresh_from_db()
        now = present(self.register)
        version = self.register.version
        assert self.seen.setdefault(version, now) == now, "a version changed after its end"

    def step(self, name: str) -> None:
        rows = list(self.register.rows.order_by("position"))
        if rows or name in ("add", "again"):
            getattr(self, name)(rows)
            self.look()

    def correct(self, rows: list[Any]) -> None:
        row = self.random.choice(rows)
        key = self.random.choice(KEYS)
        value = self.random.choice(["", "甲", "乙 丙", "2026-03-19", "11010519491231002X"])
        actions.correct_row(
            actor=self.clerk, row_id=row.pk, changes={key: value}, version=row.version
        )

    def remove(self, rows: list[Any]) -> None:
        row = self.random.choice(rows)
        actions.remove_row(actor=self.clerk, row_id=row.pk, version=row.version)

    def add(self, rows: list[Any]) -> None:
        people = self.register.findings.filter(code="approval.person_missing")
        if people:
            actions.add_people(
                actor=self.clerk,
                register_id=self.register.pk,
                person_ids=[people[0].suggested_person_id or 0],
            )

    def again(self, rows: list[Any]) -> None:
        actions.replace_file(
            actor=self.clerk,
            register_id=self.register.pk,
            content=self.filing.file(self.file()),
            name="改.xlsx",
        )

    def settle(self, rows: list[Any]) -> None:
        upload = undecided(self.register)
        if upload is not None:
            numbers = [item.number for item in choices(upload)]
            keep = [number for number in numbers if self.random.random() < 0.6]
            actions.settle_upload(actor=self.clerk, upload_id=upload.pk, keep=keep)

    def suggest(self, rows: list[Any]) -> None:
        offered = self.register.findings.exclude(suggestion="")
        finding = offered.filter(suggested_person__isnull=False, row__isnull=False).first()
        if finding is not None and finding.row is not None:
            actions.accept_suggestion(
                actor=self.clerk, finding_id=finding.pk, version=finding.row.version
            )

    def _sql(self, statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def sql(self, rows: list[Any]) -> None:
        row = self.random.choice(rows)
        self._sql(
            "UPDATE registers_registerrow SET name = %s WHERE id = %s",
            self.random.choice("甲乙丙丁"),
            row.pk,
        )

    def sql_many(self, rows: list[Any]) -> None:
        self._sql(
            "UPDATE registers_registerrow SET specialty = %s WHERE register_id = %s",
            self.random.choice("内外"),
            self.register.pk,
        )
        self._sql("UPDATE registers_registerrow SET sex = '男' WHERE id = %s", rows[0].pk)

    def moved(self, rows: list[Any]) -> None:
        self._sql(
            "UPDATE registers_registerrow SET position = %s - position WHERE register_id = %s",
            len(rows) + 1,
            self.register.pk,
        )

    def judge(self) -> None:
        for version, rows in self.seen.items():
            assert remembered(self.register, version) == rows
        told = {
            line.version: line for line in RegisterVersion.objects.filter(register=self.register)
        }
        assert set(told) == set(self.seen)
        known = sorted(self.seen)
        for before, after in itertools.pairwise(known):
            self._judge_pair(before, after, told[after])
        for state in RowHistory.objects.filter(register=self.register):
            if state.id_number_cipher is not None:
                assert reveal(bytes(state.id_number_cipher))

    def _judge_pair(self, before: int, after: int, line: RegisterVersion) -> None:
        """The comparison takes the one version into the other, and the line counts it right."""
        differences = compare(self.register, before, after)
        kinds = [row.kind for row in differences]
        assert (line.rows_added, line.rows_removed, line.rows_changed, line.rows_moved) == tuple(
            kinds.count(kind) for kind in ("added", "removed", "changed", "moved")
        )
        assert line.rows_total == len(self.seen[after])
        field = [COPIED.index(FIELD_OF_KEY[key]) + 1 for key in KEYS]
        old = {row[0]: [str(row[at]) for at in field] for row in self.seen[before]}
        new = {row[0]: [str(row[at]) for at in field] for row in self.seen[after]}
        for row in differences:
            if row.kind == "removed":
                del old[row.row_id]
            elif row.kind != "moved":
                old[row.row_id] = [cell.after for cell in row.cells]
        assert old == new


def walk(filing: Filing, seed: int, steps: list[str]) -> None:
    with transaction.atomic():
        made = Walk(filing, seed)
        for name in steps:
            made.step(name)
        made.judge()
        transaction.set_rollback(True)
    filing.papers.listed.clear()
    filing.imported = 0


STEP_LISTS = st.lists(st.sampled_from(STEPS), min_size=2, max_size=9)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=12, deadline=None, suppress_health_check=QUIET)
@given(seed=st.integers(0, 10_000), steps=STEP_LISTS)
def test_every_version_reads_as_it_was(filing: Filing, seed: int, steps: list[str]) -> None:
    walk(filing, seed, steps)


@pytest.mark.long
@settings(max_examples=400, deadline=None, suppress_health_check=QUIET)
@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(STEPS), max_size=25))
def test_every_version_reads_as_it_was_for_long(
    filing: Filing, seed: int, steps: list[str]
) -> None:
    walk(filing, seed, steps)
