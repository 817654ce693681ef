"""The ledger at size: 10 million blanks and 1 million movements against 10,000 and 1,000.

    .venv/bin/python -m benchmarks.ledger [--full | BLANKS MOVEMENTS]

A small part of that by default.
Both cities lie in databases of one PostgreSQL that flushes to disk. Every movement on file went
through the ledger's own trigger (COPY into the journal, a commit for every few thousand). Then the
same three things are asked in turn of both, so that a busy machine slows both: an allotment (the
real action, with lock, rules and audit), what an organisation held at a past moment, and a
blank's whole life. At the end the books of both are proven.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BLANKS, MOVEMENTS = 300_000, 30_000
FULL = (10_000_000, 1_000_000)
SMALL = (10_000, 1_000)
GRADES = ("senior", "intermediate", "junior")
REGISTERS = 20  # of one unit: in both cities units of the same size are asked
LOT = 240  # blanks of one register, moved by about fifty movements
COMMIT = 500
ROUNDS = 60
PEOPLE = 25
STATES = ("in_transit", "unit", "spare", "filling", "on_certificate", "spoiled")


class Database:
    """A database of its own in the embedded server, and the city in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.city: Any = None

    def use(self) -> None:
        """From here on everything goes to this database."""
        from django.db import connection

        if connection.settings_dict["NAME"] != self.name:
            connection.close()
            connection.settings_dict["NAME"] = self.name

    def found(self) -> None:
        """Migrates it and founds the city, its units beyond the usual ones and its accounts."""
        from django.core.management import call_command
        from django.db import connection

        from tests.support.city import found_city

        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}"')
        self.use()
        call_command("migrate", verbosity=0)
        self.city = found_city()


def execute(sql: str, *parameters: Any) -> list[Any]:
    """One statement; its rows, if it gives any."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def open_accounts(registers: int) -> dict[tuple[int, str], int]:
    """Units, registers and the accounts that the movements need: {(register, state): account}."""
    wanted = max(1, registers // REGISTERS)
    execute(
        "INSERT INTO organizations_organization"
        " (name, short_name, kind, has_authority, is_approving_department, uscc, valid_from)"
        " SELECT '单位' || g, '', 'district_office', true, false, '', '2018-01-01'"
        " FROM generate_series(1, %s) g",
        wanted,
    )
    units = [
        pk
        for (pk,) in execute(
            "SELECT id FROM organizations_organization WHERE name LIKE '单位%%' ORDER BY id"
        )
    ]
    execute(
        "INSERT INTO registers_register (number, reporting_unit_id, issuing_unit_id, year, filler,"
        " telephone, state, version, row_count, error_count, warning_count, source_name,"
        " source_sha256, sheet_name, created_at, changed_at, return_reason)"
        " SELECT 'B' || g, (%s::bigint[])[g %% %s + 1], (%s::bigint[])[g %% %s + 1], 2026, '', '',"
        " 'draft', 1, 0, 0, 0, '', '', '', now(), now(), '' FROM generate_series(0, %s) g",
        units,
        wanted,
        units,
        wanted,
        registers - 1,
    )
    execute(
        "INSERT INTO blanks_custody (organization_id, state, grade, register_id)"
        " SELECT CASE s WHEN 'reserved' THEN o.id ELSE r.issuing_unit_id END, s,"
        " (%s::text[])[substr(r.number, 2)::int %% 3 + 1], r.id"
        " FROM registers_register r, unnest(%s::text[]) s, organizations_organization o"
        " WHERE r.number LIKE 'B%%' AND o.kind = 'municipal_office'",
        list(GRADES),
        ["reserved", *STATES],
    )
    execute(
        "INSERT INTO blanks_custody (organization_id, state, grade) SELECT o.id, s, g"
        " FROM organizations_organization o, unnest(%s::text[]) s, unnest(%s::text[]) g"
        " WHERE o.kind = 'municipal_office'",
        ["printer", "store", "returned_spoiled", "destroyed"],
        list(GRADES),
    )
    accounts = {
        (number, state): pk
        for number, state, pk in execute(
            "SELECT substr(r.number, 2)::int, c.state, c.id FROM blanks_custody c"
            " JOIN registers_register r ON r.id = c.register_id"
        )
    }
    for pk, state, grade in execute(
        "SELECT id, state, grade FROM blanks_custody WHERE register_id IS NULL"
    ):
        accounts[-1 - GRADES.index(grade), state] = pk
    return accounts


def movements(
    accounts: dict[tuple[int, str], int], first: list[int], registers: int
) -> Iterator[tuple[int, int, int, int, str]]:
    """The life of register after register: (first, last + 1, source, target, reason)."""
    ahead = list(first)
    for register in range(registers):
        grade = register % 3
        office = -1 - grade
        start, end = ahead[grade], ahead[grade] + LOT
        ahead[grade] = end
        people = start + LOT * 20 // 21

        def go(a: int, b: int, source: str, target: str, reason: str) -> Any:
            pair = (register, office)  # noqa: B023 - used at once
            return (
                a,
                b,
                accounts[pair[source in POOLS], source],
                accounts[pair[target in POOLS], target],
                reason,
            )

        yield go(start, end, "store", "reserved", "allotment")
        yield go(start, end, "reserved", "in_transit", "hand_over")
        yield go(start, people, "in_transit", "unit", "receipt")
        yield go(people, end, "in_transit", "spare", "receipt")
        spare, step = people, (people - start) // 13
        for part in range(13):
            low = start + part * step
            high = people if part == 12 else low + step
            yield go(low, high, "unit", "filling", "filling")
            if register % 40 and part % 2:  # one spoiled, a spare takes its place, one issued less
                yield go(low + 3, low + 4, "filling", "spoiled", "spoilage")
                yield go(spare, spare + 1, "spare", "filling", "spare")
                yield go(low, low + 3, "filling", "on_certificate", "issue")
                yield go(low + 4, high, "filling", "on_certificate", "issue")
                yield go(spare, spare + 1, "filling", "on_certificate", "issue")
                if register % 3:
                    yield go(low + 3, low + 4, "spoiled", "returned_spoiled", "return_spoiled")
                if register % 3 == 1:
                    yield go(low + 3, low + 4, "returned_spoiled", "destroyed", "destruction")
                spare += 1
            elif part % 4:
                yield go(low, high, "filling", "on_certificate", "issue")


POOLS = ("store", "returned_spoiled", "destroyed")


def load(blanks: int, wanted: int) -> tuple[int, float]:
    """Prints and moves through the ledger's trigger; gives the movements and their seconds."""
    from django.db import connection, transaction

    registers = max(6, wanted // 50)
    accounts = open_accounts(registers)
    share = blanks // 3
    first = [1 + share * number for number in range(3)]
    for number, start in enumerate(first):
        run = max(share // 30, 1)
        for low in range(start, start + share, run):
            high = min(low + run, start + share)
            execute(
                "INSERT INTO blanks_printrun"
                " (serials, grade, printer, received_on, custody_id, recorded_at)"
                " VALUES (int8range(%s, %s), %s, '', now(), %s, now())",
                low,
                high,
                GRADES[number],
                accounts[-1 - number, "printer"],
            )
            execute(
                "INSERT INTO blanks_movement"
                " (serials, source_id, target_id, reason, note, moved_at)"
                " VALUES (int8range(%s, %s), %s, %s, 'delivery', '', now())",
                low,
                high,
                accounts[-1 - number, "printer"],
                accounts[-1 - number, "store"],
            )
    # These registers have no people: the guard that counts them is off while they are loaded.
    guard = "TRIGGER register_never_holds_more_than_people_and_spares"
    execute(f"ALTER TABLE blanks_movement DISABLE {guard}")
    lines = movements(accounts, first, registers)
    statement = (
        "COPY blanks_movement (serials, source_id, target_id, reason, note, moved_at) FROM STDIN"
    )
    done, started, waiting = 0, time.perf_counter(), True
    while waiting and done < wanted:
        waiting = False
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            for line in lines:
                low, high, source, target, reason = line
                copy.write_row((f"[{low},{high})", source, target, reason, "", "2026-01-01"))
                done += 1
                waiting = True
                if done % COMMIT == 0 or done >= wanted:
                    break
        if done % 100_000 == 0:
            spent = time.perf_counter() - started
            print(f"    {done:9,} movements {spent:6.0f} s", flush=True)
    spent = time.perf_counter() - started
    execute(f"ALTER TABLE blanks_movement ENABLE {guard}")
    execute("VACUUM ANALYZE")
    return done, spent


def ask(databases: list[Database]) -> list[tuple[str, list[float]]]:
    """Medians in milliseconds of the three questions, in turn of each database."""
    from tests.support.city import accepted_register
    from zhicheng.blanks import actions
    from zhicheng.blanks.queries.past import counts_at, shelves
    from zhicheng.certificates.queries.life import life

    prepared: dict[str, dict[str, Any]] = {}
    for database in databases:
        database.use()
        prepared[database.name] = {
            "registers": [accepted_register(database.city, PEOPLE) for _ in range(ROUNDS)],
            "moment": execute(
                "SELECT moved_at FROM blanks_movement ORDER BY id"
                " OFFSET (SELECT count(*) / 2 FROM blanks_movement) LIMIT 1"
            )[0][0],
            "units": [
                pk
                for (pk,) in execute(
                    "SELECT DISTINCT issuing_unit_id FROM registers_register"
                    " WHERE number LIKE 'B%%' ORDER BY 1 LIMIT %s",
                    ROUNDS,
                )
            ],
            "serials": [
                serial
                for (serial,) in execute(
                    "SELECT lower(serials) FROM blanks_movement WHERE reason = 'spoilage'"
                    " ORDER BY md5(id::text) LIMIT %s",
                    ROUNDS,
                )
            ],
        }
    questions: list[tuple[str, Callable[[dict[str, Any], Any, int], object]]] = [
        (
            "allotment",
            lambda it, city, turn: actions.allot_register(
                actor=city.who("office", "officer"), register_id=it["registers"][turn].pk
            ),
        ),
        (
            "the office's balance at a past moment",
            lambda it, city, _turn: counts_at(city.office.pk, it["moment"]),
        ),
        (
            "a unit's balance at a past moment",
            lambda it, _city, turn: counts_at(it["units"][turn % len(it["units"])], it["moment"]),
        ),
        (
            "a unit's serials at a past moment",
            lambda it, _city, turn: shelves(it["units"][turn % len(it["units"])], it["moment"]),
        ),
        (
            "a blank's life",
            lambda it, city, turn: life(
                city.who("office", "officer"), it["serials"][turn % len(it["serials"])]
            ),
        ),
    ]
    results = []
    for label, question in questions:
        spent: dict[str, list[float]] = {database.name: [] for database in databases}
        for block in range(0, ROUNDS, 10):
            for database in databases:
                database.use()
                execute("SELECT 1")
                question_once = prepared[database.name]
                for turn in range(block, block + 10):
                    started = time.perf_counter()
                    question(question_once, database.city, turn)
                    spent[database.name].append(time.perf_counter() - started)
        medians = [statistics.median(spent[database.name]) * 1000 for database in databases]
        results.append((label, medians))
    return results


def main(blanks: int = BLANKS, wanted: int = MOVEMENTS) -> None:
    """Runs in a folder of its own, which goes away."""
    from zhicheng import embedded

    folder = Path(tempfile.mkdtemp(prefix="zhicheng-bench-"))
    try:
        os.environ["DATABASE_URL"] = embedded.acquire(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "zhicheng.settings.test"
        import django

        django.setup()
        small, big = Database("ledger_small"), Database("ledger_big")
        for database, size in ((small, SMALL), (big, (blanks, wanted))):
            database.found()
            print(f"  {size[0]:,} blanks, {size[1]:,} movements", flush=True)
            done, spent = load(*size)
            cost = spent / done * 1e6
            print(f"    {done:,} through the trigger in {spent:.1f} s: {cost:.0f} µs a movement")
        for label, (little, much) in ask([small, big]):
            verdict = "" if much < 50 and much <= 1.5 * little else "   <-- too slow"
            print(
                f"  {label:38} {little:7.2f} ms   {much:7.2f} ms   ratio {much / little:5.2f}"
                f"{verdict}"
            )
        prove(big)
    finally:
        from django.db import connection

        connection.close()
        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def prove(database: Database) -> None:
    """The proofs of the ledger over everything, timed."""
    from django.utils import timezone

    from zhicheng.blanks.queries import stock
    from zhicheng.blanks.queries.past import shelves
    from zhicheng.blanks.queries.supply import a_year, spoilage, supply
    from zhicheng.blanks.reconcile import Report, check_ledger, one_moment

    database.use()
    moment = execute(
        "SELECT min(moved_at) + (max(moved_at) - min(moved_at)) / 2 FROM blanks_movement"
    )
    for label, query in (
        (
            "the office's serials at a past moment",
            lambda: shelves(database.city.office.pk, moment[0][0]),
        ),
        ("the office's serials now", lambda: shelves(database.city.office.pk)),
        ("the city's stock table", stock.city_stock),
        ("what each unit holds", lambda: list(stock.holders())),
        ("the units' spoilage in a year", lambda: spoilage(*a_year())),
        ("the pace and the cover of the store", lambda: supply(timezone.now())),
    ):
        started = time.perf_counter()
        query()
        print(f"  {label:38} {(time.perf_counter() - started) * 1000:10.1f} ms", flush=True)
    started = time.perf_counter()
    report = Report()
    with one_moment():
        check_ledger(report)
    print(f"  the ledger's proofs: {time.perf_counter() - started:.1f} s")
    for table, size in execute(
        "SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE relname"
        " IN ('blanks_movement', 'blanks_holding', 'blanks_holdinghistory', 'blanks_custody')"
    ):
        print(f"    {table} {size}")
    if not report.passed:
        raise SystemExit(f"the books don't balance: {report.faults[:3]}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--full"]:
        main(*FULL)
    else:
        main(*(int(item) for item in sys.argv[1:]))
