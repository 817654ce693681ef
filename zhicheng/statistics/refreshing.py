"""Counts what changed: facts anew, their difference into the sums, all in one transaction.

One counter at a time holds the head's row. Whatever is committed before a batch is taken from the
queue is in it or still in the queue, never lost; ``rebuild`` counts everything anew and must come
to the same (``differences``).
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from zhicheng.protection import reveal
from zhicheng.statistics import sources
from zhicheng.statistics.groupings import groupings, number
from zhicheng.statistics.models import Pending
from zhicheng.statistics.rules import birth_year

AT_ONCE = 20_000
MANY = 200_000  # from here on everything is counted anew, that is quicker
_COLUMNS = ("year", *sources.CODES)


def refresh() -> int:
    """Counts everything that is committed and not counted yet; gives how many changes."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            _one_at_a_time(cursor)
            cursor.execute(
                "DELETE FROM statistics_pending WHERE id IN ("
                "SELECT id FROM statistics_pending ORDER BY id LIMIT %s) RETURNING kind, object_id",
                [AT_ONCE],
            )
            taken = cursor.fetchall()
            if taken:
                _take(cursor, taken)
            cursor.execute("UPDATE statistics_head SET as_of = %s", [timezone.now()])
        total += len(taken)
        if len(taken) < AT_ONCE:
            return total


def rebuild() -> None:
    """Counts everything anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        _one_at_a_time(cursor)
        cursor.execute("DELETE FROM statistics_pending")
        _rebuild(cursor)
        cursor.execute("UPDATE statistics_head SET as_of = %s", [timezone.now()])


def _take(cursor: CursorWrapper, taken: Sequence[tuple[str, int]]) -> None:
    people = {key for kind, key in taken if kind == "p"}
    certificates = {key for kind, key in taken if kind == "c"}
    organizations = sorted({key for kind, key in taken if kind == "o"})
    if organizations:
        people |= _concerned(cursor, "personfact", "person_id", "approvedperson", organizations)
        certificates |= _concerned(
            cursor, "certificatefact", "certificate_id", "certificate", organizations
        )
    if any(kind == "r" for kind, _key in taken) or len(people) + len(certificates) > MANY:
        cursor.execute("DELETE FROM statistics_pending")
        _rebuild(cursor)
    else:
        _count(cursor, sorted(people), sorted(certificates))


def _concerned(
    cursor: CursorWrapper, facts: str, key: str, table: str, organizations: Sequence[int]
) -> set[int]:
    """Whose unit or region these organisations may decide: they are it, or are called like it."""
    app = "approvals" if table == "approvedperson" else "certificates"
    cursor.execute(
        f"SELECT {key} FROM statistics_{facts} WHERE unit_id = ANY(%s) OR issuer_id = ANY(%s)"
        f" UNION SELECT t.id FROM {app}_{table} t JOIN organizations_organization o"
        " ON o.name = t.work_unit WHERE o.id = ANY(%s)",
        [list(organizations)] * 3,
    )
    return {found for (found,) in cursor.fetchall()}


def waiting() -> int:
    """How many changes aren't counted yet, as far as a thousand."""
    return Pending.objects.all()[:1000].count()


def _one_at_a_time(cursor: CursorWrapper) -> None:
    cursor.execute('INSERT INTO statistics_head ("only") VALUES (true) ON CONFLICT DO NOTHING')
    cursor.execute("SELECT FROM statistics_head FOR UPDATE")


def _count(cursor: CursorWrapper, people: Sequence[int], certificates: Sequence[int]) -> None:
    # A person's unit is that of the certificate, so a certificate's change is the person's too.
    cursor.execute(
        "SELECT approved_person_id FROM certificates_certificate"
        " WHERE id = ANY(%s) AND origin <> 'reissue' AND approved_person_id IS NOT NULL",
        [list(certificates)],
    )
    people = sorted({*people, *(key for (key,) in cursor.fetchall())})
    # A certificate's series, mode and channel are the person's; a successor takes its unit from
    # what it replaces.
    cursor.execute(
        "CREATE TEMPORARY TABLE counted_people ON COMMIT DROP AS SELECT unnest(%s::bigint[]) AS id",
        [people],
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE counted_certificates ON COMMIT DROP AS"
        " SELECT unnest(%s::bigint[]) AS id"
        " UNION SELECT id FROM certificates_certificate"
        " WHERE approved_person_id = ANY(%s::bigint[]) OR replaces_id = ANY(%s::bigint[])",
        [list(certificates), people, list(certificates)],
    )
    cursor.execute("ANALYZE counted_people")
    cursor.execute("ANALYZE counted_certificates")
    mine = "IN (SELECT id FROM counted_people)"
    theirs = "IN (SELECT id FROM counted_certificates)"
    _prepare(cursor, f"p.id {mine}", f"c.id {theirs}")
    _open_delta(cursor)
    _note(cursor, -1, f"f.person_id {mine}", f"f.certificate_id {theirs}")
    cursor.execute(f"DELETE FROM statistics_personfact WHERE person_id {mine}")
    cursor.execute(f"DELETE FROM statistics_certificatefact WHERE certificate_id {theirs}")
    _write_facts(cursor, f" WHERE p.id {mine}", f" AND c.id {theirs}")
    _note(cursor, 1, f"f.person_id {mine}", f"f.certificate_id {theirs}")
    _sum_up(cursor)
    for table in ("counted_people", "counted_certificates"):
        cursor.execute(f"DROP TABLE {table}")


def _rebuild(cursor: CursorWrapper) -> None:
    for table in ("personfact", "certificatefact", "rollup", "duration"):
        cursor.execute(f"DELETE FROM statistics_{table}")
    _prepare(cursor, "true", "true")
    _write_facts(cursor, "", "")
    cursor.execute("ANALYZE statistics_personfact")
    cursor.execute("ANALYZE statistics_certificatefact")
    _open_delta(cursor)
    _note(cursor, 1, "true", "true")
    _sum_up(cursor, empty=True)
    cursor.execute("ANALYZE statistics_rollup")
    cursor.execute("UPDATE statistics_head SET rebuilt_at = %s", [timezone.now()])


def _prepare(cursor: CursorWrapper, people: str, certificates: str) -> None:
    """Codes for new texts, and years of birth of new people."""
    narrowed = {"people": people, "certificates": certificates}
    cursor.execute(sources.NEW_TERMS.format(**narrowed))
    while True:
        cursor.execute(sources.WITHOUT_BIRTH_YEAR.format(**narrowed) + " LIMIT 20000")
        found = cursor.fetchall()
        if not found:
            return
        rows = [
            (bytes(index), birth_year(kind, reveal(bytes(cipher)))) for index, kind, cipher in found
        ]
        with cursor.copy("COPY statistics_birthyear (id_number_index, year) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _write_facts(cursor: CursorWrapper, people: str, certificates: str) -> None:
    cursor.execute(
        f"INSERT INTO statistics_personfact ({', '.join(sources.PERSON_COLUMNS)})"
        f" {sources.PERSON_FACTS} {people}"
    )
    cursor.execute(
        f"INSERT INTO statistics_certificatefact ({', '.join(sources.CERTIFICATE_COLUMNS)})"
        f" {sources.CERTIFICATE_FACTS} {certificates}"
    )


def _open_delta(cursor: CursorWrapper) -> None:
    columns = ", ".join(f"{name} integer" for name in _COLUMNS)
    cursor.execute(
        f"CREATE TEMPORARY TABLE delta (measure integer, {columns}, n integer) ON COMMIT DROP"
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE delta_days"
        " (step integer, issuer_id integer, year integer, days integer, n integer) ON COMMIT DROP"
    )


def _note(cursor: CursorWrapper, sign: int, people: str, certificates: str) -> None:
    columns = ", ".join(("measure", *_COLUMNS))
    for events in (
        sources.events_of_people(people),
        sources.events_of_certificates(certificates),
    ):
        cursor.execute(
            f"INSERT INTO delta ({columns}, n)"
            f" SELECT {columns}, {sign} * count(*) FROM ({events}) e GROUP BY {columns}"
        )
    cursor.execute(
        "INSERT INTO delta_days (step, issuer_id, year, days, n)"
        f" SELECT step, issuer_id, year, days, {sign} * count(*)"
        f" FROM ({sources.durations(certificates)}) e GROUP BY 1, 2, 3, 4"
    )


def _sum_up(cursor: CursorWrapper, *, empty: bool = False) -> None:
    """The difference into every kept sum; a sum of nothing goes. ``empty``: there is no sum yet."""
    columns = ", ".join(("measure", *_COLUMNS))
    cursor.execute(
        f"CREATE TEMPORARY TABLE net ON COMMIT DROP AS SELECT {columns}, sum(n)::integer AS n"
        f" FROM delta GROUP BY {columns} HAVING sum(n) <> 0"
    )
    cursor.execute("ANALYZE net")
    for grouping in groupings():
        names = [_COLUMNS[dimension - 1] for dimension in grouping]
        a, b, c = [*names, "-1"][:3]
        _add(
            cursor,
            "statistics_rollup",
            {"grouping": str(number(grouping)), "measure": "measure", "a": a, "b": b, "c": c},
            f"FROM net GROUP BY measure, {', '.join(names)}",
            empty=empty,
        )
    keys = {name: name for name in ("step", "issuer_id", "year", "days")}
    source = f"FROM delta_days GROUP BY {', '.join(keys)}"
    _add(cursor, "statistics_duration", keys, source, empty=empty)
    for table in ("net", "delta", "delta_days"):
        cursor.execute(f"DROP TABLE {table}")


def _add(
    cursor: CursorWrapper, table: str, keys: dict[str, str], source: str, *, empty: bool
) -> None:
    """Adds sums to a table's, in one statement: changed, gone, or new."""
    chosen = ", ".join(f"{expression} AS {name}" for name, expression in keys.items())
    same = " AND ".join(f"r.{name} = d.{name}" for name in keys)
    names = ", ".join(keys)
    if empty:
        cursor.execute(
            f"INSERT INTO {table} ({names}, n) SELECT {chosen}, sum(n)::integer {source}"
            " HAVING sum(n) <> 0"
        )
        return
    cursor.execute(
        f"""
        WITH d AS MATERIALIZED (
            SELECT {chosen}, sum(n)::integer AS n {source} HAVING sum(n) <> 0),
        changed AS (
            UPDATE {table} r SET n = r.n + d.n FROM d WHERE {same} AND r.n + d.n <> 0),
        gone AS (
            DELETE FROM {table} r USING d WHERE {same} AND r.n + d.n = 0)
        INSERT INTO {table} ({names}, n) SELECT {names}, n FROM d
        WHERE NOT EXISTS (SELECT FROM {table} r WHERE {same})
        """
    )


def differences() -> list[str]:
    """Where facts or sums aren't what a new count would come to; empty when all is right.

    Everything is counted anew within a transaction that is rolled back.
    """
    keys = {
        "personfact": sources.PERSON_COLUMNS,
        "certificatefact": sources.CERTIFICATE_COLUMNS,
        "rollup": ("grouping", "measure", "a", "b", "c", "n"),
        "duration": ("step", "issuer_id", "year", "days", "n"),
    }
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        _one_at_a_time(cursor)
        for table, names in keys.items():
            cursor.execute(
                f"CREATE TEMPORARY TABLE was_{table} ON COMMIT DROP AS"
                f" SELECT {', '.join(names)} FROM statistics_{table}"
            )
        _rebuild(cursor)
        for table, names in keys.items():
            now = f"SELECT {', '.join(names)} FROM statistics_{table}"
            was = f"SELECT * FROM was_{table}"
            cursor.execute(
                f"SELECT count(*) FROM (({now} EXCEPT ALL {was}) UNION ALL"
                f" ({was} EXCEPT ALL {now})) d"
            )
            (many,) = cursor.fetchone()
            if many:
                found.append(f"{table}: {many}")
        transaction.set_rollback(True)
    return found
