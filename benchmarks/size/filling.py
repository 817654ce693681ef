"""Fills an empty, migrated database: no triggers, indexes built afterwards."""

import base64
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.size import statements as sql
from benchmarks.size.founding import SPECIALTIES, SURNAMES, found, given_names, titles

if TYPE_CHECKING:
    from benchmarks.size.database import City

# In the order of their foreign keys, so that emptying one never empties a filled one.
STEPS = (
    ("approvals_approvaldocument", "documents", sql.DOCUMENTS),
    ("registers_register", "registers", sql.REGISTERS),
    ("approvals_approvedperson", "people", sql.PEOPLE),
    ("", "reissued ones", sql.REISSUES),
    ("registers_registerrow", "rows", sql.ROWS),
    ("certificates_certificate", "certificates", sql.CERTIFICATES),
    ("", "counts of registers", sql.MADE),
    ("reissues_reissue", "applications", sql.APPLICATIONS),
    ("", "successors", sql.SUCCESSORS),
    ("", "corrections", sql.CORRECTIONS),
    ("certificates_filling", "fillings", sql.FILLINGS),
    ("certificates_issuerecord", "issue records", sql.ISSUES),
    ("", "custodies", sql.CUSTODIES),
    ("blanks_allotment", "allotments", sql.ALLOTMENTS),
    ("", "spoilage", sql.SPOILAGE),
    ("verification_legacyrecord", "old ledgers", sql.LEGACY),
    ("audit_auditevent", "audit events", sql.EVENTS),
    ("search_holderkey", "keys of names", "SELECT search_holders_anew()"),
    ("", "who waits", "SELECT search_expected_anew()"),
)


def fill(city: "City", say: Callable[[str], None]) -> None:
    """Founds the city and makes everything that is on file in it."""
    from django.db import connection

    found()
    names = titles()
    values = _values(city.certificates)
    connection.close()
    with city.connect() as database:
        database.execute("SET session_replication_role = replica")
        database.execute("SET maintenance_work_mem = '1GB'")
        database.execute("SET work_mem = '256MB'")
        database.execute("SET max_parallel_maintenance_workers = 1")
        database.execute(
            "CREATE UNLOGGED TABLE bench_title (series_no int, series text, level_no int,"
            " name text, level text, grade text)"
        )
        with database.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_title VALUES (%s, %s, %s, %s, %s, %s)", names)
        for statement in (*sql.BATCHES.split(";\n"), *sql.PERSON.split(";\n")):
            _run(database, statement, values)
        tables = [table for table, _label, _statement in STEPS if table]
        with database.transaction():
            # In the transaction that emptied it a table takes rows without a journal.
            database.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            database.execute(
                "UPDATE pg_index SET indisready = false, indisvalid = false"
                " WHERE indrelid = ANY(%s::regclass[])",
                [tables],
            )
            # Those that work even for a replica.
            always = database.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
                " WHERE tgenabled = 'A' AND tgrelid = ANY(%s::regclass[])",
                [tables],
            ).fetchall()
            for table, trigger in always:
                database.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
            for _table, label, statement in STEPS:
                began = time.perf_counter()
                for part in statement.split(";\n"):
                    _run(database, part, values)
                say(f"{label:16} {time.perf_counter() - began:6.1f} s")
            for table, trigger in always:
                database.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{trigger}"')
            _build(database, tables, say)
        began = time.perf_counter()
        for part in sql.PHOTOS.split(";\n"):
            _run(database, part, values)
        say(f"{'photos':16} {time.perf_counter() - began:6.1f} s")
        _settle(database)
        began = time.perf_counter()
        database.execute("VACUUM (ANALYZE, PARALLEL 0)")
        say(f"{'statistics':16} {time.perf_counter() - began:6.1f} s")
        database.execute("CREATE TABLE bench_made AS SELECT now() AS at")
        database.execute("CHECKPOINT")


def _build(
    database: "psycopg.Connection[Any]", tables: list[str], say: Callable[[str], None]
) -> None:
    """The indexes, which were switched off."""
    for table in tables:
        began = time.perf_counter()
        # The successors' and all others' rows are in by now.
        database.execute(f"REINDEX TABLE {table}")
        say(f"{table:32} indexes {time.perf_counter() - began:6.1f} s")


def _settle(database: "psycopg.Connection[Any]") -> None:
    """Sequences go on after the highest id."""
    found = database.execute(
        "SELECT format('%I', s.relname), format('%I', t.relname), format('%I', a.attname)"
        " FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
        " JOIN pg_class t ON t.oid = d.refobjid"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
        " WHERE s.relkind = 'S' AND t.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for sequence, table, column in found:
        database.execute(
            f"SELECT setval('{sequence}', greatest(1, (SELECT max({column}) FROM {table})))"
        )
    database.execute(
        'INSERT INTO audit_audithead ("only", sequence, digest)'
        " SELECT true, sequence, digest FROM audit_auditevent ORDER BY sequence DESC LIMIT 1"
        ' ON CONFLICT ("only") DO UPDATE SET sequence = EXCLUDED.sequence, digest = EXCLUDED.digest'
    )


def _run(database: "psycopg.Connection[Any]", statement: str, values: dict[str, Any]) -> None:
    # Client-side binding: what the statements name differs, and some can't be prepared.
    psycopg.ClientCursor(database).execute(statement, values)


def _values(certificates: int) -> dict[str, Any]:
    from django.conf import settings

    from zhicheng.protection import protect

    key = base64.b64decode(settings.ZHICHENG_KEYS["index"]).ljust(64, b"\0")
    batches = -(-certificates // sql.BATCH)
    given = given_names()
    from zhicheng.reference.models import Region

    areas = Region.objects.exclude(code="").filter(valid_to=None).count()
    return {
        "count": certificates,
        "batch": sql.BATCH,
        "batches": batches,
        "first": 0,
        "last": certificates - 1,
        "areas": areas,
        "cipher": protect("500103198502141014"),
        "inner": bytes(byte ^ 0x36 for byte in key),
        "outer": bytes(byte ^ 0x5C for byte in key),
        "surnames": list(SURNAMES),
        "surname_count": len(SURNAMES),
        "given": given,
        "given_count": len(given),
        "specialties": list(SPECIALTIES),
        "specialty_count": len(SPECIALTIES),
        "events": max(1000, certificates // 10),
    }
