"""What the history of rows costs: the same changes with its triggers and without, in one run.

    .venv/bin/python -m benchmarks.row_history [ROWS]

Each round is rolled back, so that both find the same tables; the best of three rounds counts.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks.main_job import prepare

ROWS = 5_000
ROUNDS = 3
TRIGGERS = (
    "row_history_of_new_rows",
    "row_history_of_changed_rows",
    "row_history_of_removed_rows",
)


def run(rows: int) -> dict[str, dict[bool, float]]:
    """Seconds of each step, with (True) and without (False) the history."""
    from django.db import connection, transaction

    from tests.support.city import found_city
    from zhicheng.approvals.actions import import_list
    from zhicheng.demo.faults import FaultyCity
    from zhicheng.demo.people import people
    from zhicheng.demo.workbooks import approval_list, register
    from zhicheng.reference.loading import load_reference
    from zhicheng.registers import actions
    from zhicheng.registers.models import RegisterRow

    load_reference()
    city = found_city()
    clerk = city.who("hospital", "clerk")
    source = FaultyCity(unit=city.hospital.name, department=city.health.name)
    listed = [source.list_person(person=person) for person in islice(people(7), rows)]
    import_list(actor=city.who("office", "clerk"), content=approval_list(listed), name="list.xlsx")
    lines = [source.line(item) for item in listed]
    other = [line.but(工作单位="别的单位") for line in lines]
    file, again = (
        register(each, unit=city.hospital.name, year=2026, filler="甲", telephone="023")
        for each in (lines, other)
    )
    best: dict[str, dict[bool, float]] = {}

    def clock(step: str, kept: bool, work: Callable[[], object]) -> object:
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
        held = best.setdefault(step, {})
        held[kept] = min(seconds, held.get(kept, seconds))
        return result

    def round_of(kept: bool) -> None:
        made = clock(
            "upload",
            kept,
            lambda: actions.upload_register(actor=clerk, content=file, name="a.xlsx"),
        )
        pk = made.pk  # type: ignore[attr-defined]
        first, second = RegisterRow.objects.filter(register=pk).order_by("position")[:2]
        clock(
            "correct a row",
            kept,
            lambda: actions.correct_row(
                actor=clerk, row_id=second.pk, changes={"name": "某某"}, version=1
            ),
        )
        clock(
            "remove the first",
            kept,
            lambda: actions.remove_row(actor=clerk, row_id=first.pk, version=1),
        )
        clock(
            "the file again",
            kept,
            lambda: actions.replace_file(actor=clerk, register_id=pk, content=again, name="b.xlsx"),
        )

    for _round in range(ROUNDS):
        for kept in (True, False):
            with transaction.atomic():
                if not kept:
                    with connection.cursor() as cursor:
                        for name in TRIGGERS:
                            cursor.execute(f"DROP TRIGGER {name} ON registers_registerrow")
                round_of(kept)
                transaction.set_rollback(True)
    return best


def main() -> None:
    """Prints a line for each step."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    folder = Path(tempfile.mkdtemp(prefix="zhicheng-bench-"))
    try:
        prepare(folder)
        print(f"{rows} rows, seconds with and without the history of rows")
        for step, held in run(rows).items():
            print(f"  {step:18} {held[True]:6.2f} {held[False]:6.2f}")
    finally:
        from django.db import connection

        connection.close()
        from zhicheng import embedded

        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
