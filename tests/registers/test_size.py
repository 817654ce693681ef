"""A register's size doesn't change how many statements a step takes."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.filing import Filing
from zhicheng.registers import actions
from zhicheng.registers.models import Register


def counted(step: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as made:
        step()
    return len(made)


def walk(filing: Filing, size: int) -> dict[str, int]:
    """Statements of every step for a register of ``size`` rows, a third of them faulty."""
    city = filing.city
    clerk = city.who("hospital", "clerk")
    lines = filing.lines(size)
    extra = filing.lines(size // 3)
    faulty = [
        line.but(专业名称="外科学") if place % 3 == 0 else line for place, line in enumerate(lines)
    ]
    content = filing.file(faulty)
    held: list[Register] = []
    counts = {
        "upload": counted(
            lambda: held.append(
                actions.upload_register(actor=clerk, content=content, name="a.xlsx")
            )
        )
    }
    made = held[0]
    counts["replace"] = counted(
        lambda: actions.replace_file(
            actor=clerk, register_id=made.pk, content=content, name="b.xlsx"
        )
    )
    row = made.rows.get(position=2)
    counts["correct"] = counted(
        lambda: actions.correct_row(
            actor=clerk, row_id=row.pk, changes={"work_unit": "另一单位"}, version=1
        )
    )
    counts["accept suggestions"] = counted(
        lambda: actions.accept_suggestions(
            actor=clerk, register_id=made.pk, code="approval.specialty_differs"
        )
    )
    missing = [
        finding.suggested_person_id or 0
        for finding in made.findings.filter(code="approval.person_missing")
    ]
    assert len(missing) >= len(extra)
    counts["add"] = counted(
        lambda: actions.add_people(actor=clerk, register_id=made.pk, person_ids=missing)
    )
    for added in made.rows.filter(position__gt=size):
        last = added
    counts["remove"] = counted(lambda: actions.remove_row(actor=clerk, row_id=last.pk, version=1))
    made = actions.replace_file(
        actor=clerk, register_id=made.pk, content=filing.file(lines), name="c.xlsx"
    )
    counts["print"] = counted(lambda: actions.print_register(actor=clerk, register_id=made.pk))
    counts["submit"] = counted(lambda: actions.submit(actor=clerk, register_id=made.pk))
    counts["endorse"] = counted(
        lambda: actions.endorse(actor=city.who("health", "officer"), register_id=made.pk)
    )
    counts["accept"] = counted(
        lambda: actions.accept(actor=city.who("office", "officer"), register_id=made.pk)
    )
    return counts


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_register(filing: Filing) -> None:
    walk(filing, 3)  # fills what is kept from call to call
    assert walk(filing, 6) == walk(filing, 90)
