"""What the tables hold after any changes is what a whole check would store."""

from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.city import found_city
from tests.support.filing import Filing, Line
from zhicheng.organizations.models import Account
from zhicheng.registers import actions
from zhicheng.registers.cell_edits import Cell, RowEdit
from zhicheng.registers.columns import KEYS
from zhicheng.registers.editing import check_again, locked
from zhicheng.registers.missing_rules import MISSING
from zhicheng.registers.models import Register, RegisterChange
from zhicheng.registers.storing import stored_rows

STEPS = 8


def held(register: Register) -> object:
    findings = register.findings.order_by().values_list(
        "row", "column", "code", "severity", "value", "suggestion", "message", "suggested_person"
    )
    rows = register.rows.order_by("position").values_list("pk", "approved_person", "grade")
    counts = Register.objects.values_list("row_count", "error_count", "warning_count")
    return sorted(findings, key=str), list(rows), counts.get(pk=register.pk)


def after_whole_check(register: Register) -> object:
    with transaction.atomic():
        fresh = locked(register.pk)
        check_again(fresh, stored_rows(fresh))
        now = held(register)
        transaction.set_rollback(True)
    return now


def text_for(random: Random, key: str, lines: list[Line]) -> str:
    line, listed = random.choice(lines), random.choice(lines).listed
    if random.random() < 0.15:
        return random.choice(("", "无此 内容", "1", "x" * 350, listed.person.id_number))
    return {
        "certificate_number": line.certificate_number,
        "work_unit": random.choice((listed.work_unit, "山城第二人民医院")),
        "supervising_department": "市卫生健康委",
        "name": listed.person.name,
        "sex": listed.person.sex,
        "id_number": random.choice((listed.person.id_number, listed.person.id_number[:17] + "0")),
        "specialty": random.choice((listed.specialty, "外科学")),
        "qualification": random.choice((listed.qualification, "主任医师")),
        "approval_date": random.choice(("2026-03-18", "2026.3.19", "2026-03")),
        "document_number": random.choice((listed.document_number, "渝卫职改〔2026〕77号")),
    }[key]


def step(random: Random, register: Register, clerk: Account, lines: list[Line]) -> None:
    ids = list(register.rows.order_by("position").values_list("pk", "version"))
    kind = random.choice(("edit", "edit", "edit", "add", "remove", "missing", "accept"))
    if kind == "edit" and ids:
        edits = [
            RowEdit(
                pk,
                version,
                {
                    key: Cell(text_for(random, key, lines))
                    for key in random.sample(KEYS, random.randint(1, 3))
                },
            )
            for pk, version in random.sample(ids, min(len(ids), random.randint(1, 3)))
        ]
        actions.change_cells(actor=clerk, register_id=register.pk, edits=edits)
    elif kind == "add":
        added = [{key: text_for(random, key, lines) for key in random.sample(KEYS, 9)}]
        actions.change_cells(actor=clerk, register_id=register.pk, edits=[], added=added)
    elif kind == "remove" and len(ids) > 1:
        going = dict(random.sample(ids, random.randint(1, 2)))
        actions.remove_rows(actor=clerk, register_id=register.pk, versions=going)
    elif kind == "missing":
        found = register.findings.filter(code=MISSING).values_list("suggested_person", flat=True)
        people = [pk for pk in found if pk]
        if people:
            actions.add_people(actor=clerk, register_id=register.pk, person_ids=people[:1])
    elif kind == "accept":
        offers = register.findings.exclude(suggestion="").exclude(row=None)
        for finding in offers.exclude(suggested_person=None)[:1]:
            actions.accept_suggestions(actor=clerk, register_id=register.pk, code=finding.code)


@pytest.mark.django_db
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_the_stored_outcome_is_that_of_a_whole_check(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    with transaction.atomic():
        filing = Filing(found_city())
        lines = (
            filing.lines(7) + filing.lines(2, number=2) + filing.lines(1, channel="线上", number=3)
        )
        sent = [line.but(证书编号=lines[0].certificate_number) for line in lines[1:3]]
        register = filing.upload([lines[0], *sent, *lines[3:6], lines[9]])
        clerk = filing.city.who("hospital", "clerk")
        for _ in range(STEPS):
            step(random, register, clerk, lines)
            assert held(register) == after_whole_check(register)
        transaction.set_rollback(True)


def test_an_edit_opens_no_id_number_but_those_concerned(filing: Filing) -> None:
    """In a large register an edit asks as many questions as in a small one, and reads few rows."""
    lines = filing.lines(120)
    small, large = filing.upload(lines[:3]), filing.upload(lines[3:])
    clerk = filing.city.who("hospital", "clerk")
    counts = []
    for register in (small, large, small, large):
        row = register.rows.get(position=2)
        edit = RowEdit(row.pk, row.version, {"specialty": Cell(f"第{row.version}科")})
        with CaptureQueriesContext(connection) as queries:
            actions.change_cells(actor=clerk, register_id=register.pk, edits=[edit])
        counts.append(len(queries))
        reads = [one["sql"] for one in queries if "id_number_cipher" in one["sql"]]
        assert reads and all("WHERE" in sql for sql in reads)
    assert counts[2] == counts[3]


def test_windows_that_lag_behind_learn_which_rows_changed(filing: Filing) -> None:
    first, second, third = filing.lines(3)
    register = filing.upload([first, second.but(证书编号=first.certificate_number), third])
    clerk = filing.city.who("hospital", "clerk")
    one, two = register.rows.order_by("position")[:2]
    edit = RowEdit(one.pk, 1, {"certificate_number": Cell("2026NEW")})
    actions.change_cells(actor=clerk, register_id=register.pk, edits=[edit])
    # The other row's finding went away with this edit.
    change = RegisterChange.objects.get()
    assert (change.version, change.row_ids, change.changed_by) == (2, [one.pk, two.pk], clerk)
    actions.remove_rows(actor=clerk, register_id=register.pk, versions={two.pk: 1})
    assert RegisterChange.objects.count() == 1  # the gap says: load everything
