"""Every version of a register can be looked at; the database itself keeps the history (N18)."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support.filing import Filing
from zhicheng.registers import actions
from zhicheng.registers.columns import KEYS
from zhicheng.registers.models import Register, RegisterRow, RegisterVersion, RowHistory
from zhicheng.registers.versions import FIELD_OF_KEY, compare, states_at


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def end_of_transaction() -> None:
    """What happens at a commit: deferred triggers fire, and nobody acts any more."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")
    nobody_acts()


def nobody_acts() -> None:
    """As in a transaction of its own."""
    sql("SELECT set_config('zhicheng.account', '', true), set_config('zhicheng.action', '', true)")


def refused(statement: str, *values: Any) -> str:
    """The name of the constraint that refused the statement."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        sql(statement, *values)
    return str(error.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def correct(filing: Filing, row: RegisterRow, **changes: str) -> RegisterRow:
    return actions.correct_row(
        actor=filing.city.who("hospital", "clerk"),
        row_id=row.pk,
        changes=changes,
        version=row.version,
    )


def texts(register: Register, version: int) -> list[list[str]]:
    return [
        [str(getattr(state, FIELD_OF_KEY[key])) for key in KEYS]
        for state in states_at(register, version)
    ]


def test_every_version_says_who_how_and_how_much(filing: Filing) -> None:
    clerk = filing.city.who("hospital", "clerk")
    lines = filing.lines(4)
    made = filing.upload(lines)
    first = made.rows.get(position=1)
    correct(filing, first, work_unit="另一单位")
    second = made.rows.get(position=2)
    actions.remove_row(actor=clerk, row_id=second.pk, version=second.version)
    actions.replace_file(
        actor=clerk, register_id=made.pk, content=filing.file(lines), name="改.xlsx"
    )
    actions.submit(actor=clerk, register_id=made.pk)
    told = [
        (
            item.version,
            item.action,
            item.made_by,
            (item.rows_total, item.rows_added, item.rows_changed, item.rows_removed),
        )
        for item in RegisterVersion.objects.filter(register=made).order_by("version")
    ]
    assert told == [
        (1, "unit:register:upload", clerk, (4, 4, 0, 0)),
        (2, "unit:register:correct", clerk, (4, 0, 1, 0)),
        (3, "unit:register:correct", clerk, (3, 0, 0, 1)),
        (4, "unit:register:replace", clerk, (4, 1, 1, 0)),
        (5, "unit:register:submit", clerk, (4, 0, 0, 0)),
    ]
    made.refresh_from_db()
    assert made.version == 5
    assert texts(made, 1) == texts(made, 4) != texts(made, 2)
    differences = compare(made, 1, 3)
    assert [(row.kind, row.row_id) for row in differences] == [
        ("changed", first.pk),
        ("removed", second.pk),
        ("moved", made.rows.get(position=3).pk),
        ("moved", made.rows.get(position=4).pk),
    ]
    (cell,) = differences[0].changes
    assert (cell.title, cell.before, cell.after) == (
        "工作单位",
        filing.city.hospital.name,
        "另一单位",
    )
    assert compare(made, 1, 4) == []


def test_id_numbers_whose_masks_look_the_same_are_told_apart(filing: Filing) -> None:
    (line,) = filing.lines(1)
    number = line.listed.person.id_number
    other = number[:8] + ("1" if number[8] != "1" else "2") + number[9:]
    made = filing.upload([line])
    correct(filing, made.rows.get(), id_number=other)
    (row,) = compare(made, 1, 2)
    (cell,) = row.changes
    assert cell.before == cell.after
    assert cell.hidden and cell.title == "身份证号码"
    assert number not in repr(row.state.__dict__.get("id_number_masked"))


def test_around_the_code_a_changed_row_makes_a_version(filing: Filing) -> None:
    made = filing.upload(filing.lines(3))
    row = made.rows.get(position=2)
    nobody_acts()
    sql("UPDATE registers_registerrow SET work_unit = '甲' WHERE id = %s", row.pk)
    end_of_transaction()
    made.refresh_from_db()
    line = RegisterVersion.objects.get(register=made, version=2)
    assert (made.version, line.rows_changed, line.action, line.made_by) == (2, 1, "", None)
    assert [cell.after for item in compare(made, 1, 2) for cell in item.changes] == ["甲"]
    sql("DELETE FROM registers_registerfinding WHERE row_id = %s", row.pk)
    sql("DELETE FROM registers_registerrow WHERE id = %s", row.pk)
    end_of_transaction()
    made.refresh_from_db()
    assert made.version == 3
    assert len(texts(made, 3)) == 2
    assert len(texts(made, 2)) == 3
    assert texts(made, 1)[1][1] == filing.city.hospital.name


def test_around_the_code_a_change_of_nothing_makes_no_version(filing: Filing) -> None:
    made = filing.upload(filing.lines(2))
    sql("UPDATE registers_registerrow SET work_unit = work_unit, grade = '' WHERE true")
    end_of_transaction()
    made.refresh_from_db()
    assert made.version == 1
    assert RowHistory.objects.count() == 2


def test_a_change_counts_once_whether_the_code_counts_before_or_after(filing: Filing) -> None:
    made = filing.upload(filing.lines(2))
    change = "UPDATE registers_registerrow SET work_unit = %s WHERE register_id = %s"
    count = "UPDATE registers_register SET version = %s WHERE id = %s"
    sql(change, "乙", made.pk)
    sql(count, 2, made.pk)
    sql(change, "丙", made.pk)
    end_of_transaction()
    sql(count, 3, made.pk)
    sql(change, "丁", made.pk)
    end_of_transaction()
    made.refresh_from_db()
    assert made.version == 3
    assert [texts(made, version)[0][1] for version in (1, 2, 3)] == [
        filing.city.hospital.name,
        "丙",
        "丁",
    ]
    assert list(
        RegisterVersion.objects.filter(register=made)
        .order_by("version")
        .values_list("version", "rows_changed")
    ) == [(1, 0), (2, 2), (3, 2)]


def test_the_history_is_written_by_nobody_else(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    row = made.rows.get()
    history, version = "registers_rowhistory", "registers_registerversion"
    alone = "row_history_is_written_by_the_rows_alone"
    assert refused(f"UPDATE {history} SET name = '他人'") == alone
    assert refused(f"UPDATE {history} SET version_to = 1") == alone
    assert refused(f"DELETE FROM {history}") == alone
    assert (
        refused(f"INSERT INTO {history} SELECT (h).* FROM (SELECT h FROM {history} h) x") == alone
    )
    for statement in (f"UPDATE {version} SET action = ''", f"DELETE FROM {version}"):
        assert refused(statement) == "register_version_is_written_by_the_register_alone"
    assert (
        refused("UPDATE registers_register SET version = version - 1 WHERE id = %s", made.pk)
        == "register_version_never_goes_back"
    )
    assert (
        refused("UPDATE registers_registerrow SET id = id + 1000000 WHERE id = %s", row.pk)
        == "row_stays_in_its_register"
    )
