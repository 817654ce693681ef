"""Two people at once on one register, on real connections."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.registers import actions
from zhicheng.registers.cell_edits import Cell, RowEdit, Saved
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.refusal import Conflict, Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Runs the steps in threads that start together; gives results or refusals in order."""
    barrier = threading.Barrier(len(steps))
    results: list[object] = [None] * len(steps)

    def run(place: int, step: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            results[place] = step()
        except Refusal as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, step)) for place, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    return results


def test_of_two_corrections_of_a_row_one_wins_and_the_other_hears_of_it() -> None:
    filing = Filing(found_city())
    made = filing.upload(filing.lines(2))
    row = made.rows.get(position=1)
    clerk = filing.city.who("hospital", "clerk")

    def step(value: str) -> Callable[[], object]:
        return lambda: actions.correct_row(
            actor=clerk, row_id=row.pk, changes={"work_unit": value}, version=1
        )

    results = at_once(step("甲医院"), step("乙医院"))
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(lost) == 1
    row.refresh_from_db()
    assert row.work_unit in ("甲医院", "乙医院")
    assert row.work_unit in lost[0].found
    assert row.version == 2


def test_corrections_of_two_rows_both_stay() -> None:
    filing = Filing(found_city())
    made = filing.upload(filing.lines(2))
    clerk = filing.city.who("hospital", "clerk")

    def step(position: int) -> Callable[[], object]:
        row = made.rows.get(position=position)
        return lambda: actions.correct_row(
            actor=clerk,
            row_id=row.pk,
            changes={"work_unit": f"第{position}医院"},
            version=1,
        )

    results = at_once(step(1), step(2))
    assert not [result for result in results if isinstance(result, Refusal)]
    units = made.rows.order_by("position").values_list("work_unit", flat=True)
    assert list(units) == ["第1医院", "第2医院"]
    made.refresh_from_db()
    assert made.warning_count == 2
    assert made.findings.filter(code="work_unit.differs").count() == 2


def test_corrections_of_two_cells_of_a_row_both_stay() -> None:
    filing = Filing(found_city())
    made = filing.upload(filing.lines(1))
    row = made.rows.get()
    clerk = filing.city.who("hospital", "clerk")

    def step(key: str) -> Callable[[], object]:
        cell = Cell("某某", seen=str(getattr(row, key)))
        return lambda: actions.change_cells(
            actor=clerk, register_id=made.pk, edits=[RowEdit(row.pk, 1, {key: cell})]
        )

    results = at_once(step("work_unit"), step("specialty"))
    assert [isinstance(result, Saved) and not result.held for result in results] == [True, True]
    row.refresh_from_db()
    assert (row.work_unit, row.specialty, row.version) == ("某某", "某某", 3)


def test_of_two_acceptances_with_one_number_only_one_succeeds() -> None:
    filing = Filing(found_city())
    first, second = filing.lines(2)
    one = filing.filed([first])
    two = filing.filed([second.but(证书编号=first.certificate_number)])
    officers = filing.city.who("office", "officer"), filing.city.who("office", "officer2")

    def step(register: Register, place: int) -> Callable[[], object]:
        return lambda: actions.accept(actor=officers[place], register_id=register.pk)

    results = at_once(step(one, 0), step(two, 1))
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert len(refusals) == 1
    assert refusals[0].clause == "N6"
    assert Register.objects.filter(state=RegisterState.ACCEPTED).count() == 1


def test_a_register_is_accepted_once() -> None:
    filing = Filing(found_city())
    made = filing.filed(filing.lines(1))

    def step(role: str) -> Callable[[], object]:
        officer = filing.city.who("office", role)
        return lambda: actions.accept(actor=officer, register_id=made.pk)

    results = at_once(step("officer"), step("officer2"))
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.rule for refusal in refusals] == ["lifecycle.wrong_state"]
