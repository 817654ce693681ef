"""Counts what changed: facts anew, their difference into the sums, all in one transaction.

One counter at a time holds the head's row. Whatever is committed before a batch is taken from the
queue is in it or still in the queue, never lost; ``rebuild`` counts everything anew and must come
to the same (``differences``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from zhicheng.protection import reveal
from zhicheng.statistics import papers, sources
from zhicheng.statistics.groupings import groupings, number
from zhicheng.statistics.models import Pending
from zhicheng.statistics.papers import PAPERS
from zhicheng.statistics.rules import birth_year

AT_ONCE = 20_000
MANY = 200_000  # from here on everything is counted anew, that is quicker
_COLUMNS = ("year", *sources.CODES)
_FACTS = ("personfact", "certificatefact", "selfissuedfact")


def refresh() -> int:
    """Counts everything that is committed and not counted yet; gives how many changes."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            _one_at_a_time(cursor)
            taken = _take_some(cursor)
        total += taken
        if taken < AT_ONCE:
            return total


def count_in_this_moment() -> None:
    """Counts everything that isn't yet, and freezes what this transaction sees of all others'.

    Called first in a transaction: what it reads from then on is of one moment, and all of that is
    counted. Whoever else counts waits until the transaction ends.
    """
    with connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0:  # inside somebody else's (a test's) it is theirs
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Before the moment begins, so that nobody counts across it.
        cursor.execute("LOCK TABLE statistics_head IN EXCLUSIVE MODE")
        _one_at_a_time(cursor)
        while _take_some(cursor) == AT_ONCE:
            pass


def _take_some(cursor: CursorWrapper) -> int:
    cursor.execute(
        "DELETE FROM statistics_pending WHERE id IN ("
        "SELECT id FROM statistics_pending ORDER BY id LIMIT %s) RETURNING kind, object_id",
        [AT_ONCE],
    )
    taken = cursor.fetchall()
    if taken:
        _take(cursor, taken)
    cursor.execute("UPDATE statistics_head SET as_of = %s", [timezone.now()])
    return len(taken)


def rebuild() -> None:
    """Counts everything anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        _one_at_a_time(cursor)
        cursor.execute("DELETE FROM statistics_pending")
        _rebuild(cursor)
        cursor.execute("UPDATE statistics_head SET as_of = %s", [timezone.now()])


def _take(cursor: CursorWrapper, taken: Sequence[tuple[str, int]]) -> None:
    changed: defaultdict[str, set[int]] = defaultdict(set)
    for kind, key in taken:
        changed[kind].add(key)
    people, certificates, own = changed["p"], changed["c"], changed["s"]
    organizations = sorted(changed["o"])
    if organizations:
        cursor.execute(
            "SELECT certificate_id FROM statistics_selfissuedfact WHERE unit_id = ANY(%s)",
            [organizations],
        )
        own |= {key for (key,) in cursor.fetchall()}
        people |= _concerned(cursor, "personfact", "person_id", "approvedperson", organizations)
        certificates |= _concerned(
            cursor, "certificatefact", "certificate_id", "certificate", organizations
        )
    if changed["r"] or len(people) + len(certificates) + len(own) > MANY:
        cursor.execute("DELETE FROM statistics_pending")
        _rebuild(cursor)
    else:
        _count(cursor, sorted(people), sorted(certificates), sorted(own), changed)


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


def _count(
    cursor: CursorWrapper,
    people: Sequence[int],
    certificates: Sequence[int],
    own: Sequence[int],
    changed: Mapping[str, set[int]],
) -> None:
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
    cursor.execute(
        "CREATE TEMPORARY TABLE counted_own ON COMMIT DROP AS SELECT unnest(%s::bigint[]) AS id",
        [list(own)],
    )
    counted = ("counted_people", "counted_certificates", "counted_own")
    for table in counted:
        cursor.execute(f"ANALYZE {table}")
    mine, theirs, units = (f"IN (SELECT id FROM {table})" for table in counted)
    facts = (f"f.person_id {mine}", f"f.certificate_id {theirs}", f"f.certificate_id {units}")
    _prepare(cursor, f"p.id {mine}", f"c.id {theirs}", f"s.id {units}")
    _open_delta(cursor)
    _note(cursor, -1, *facts)
    for table, where in zip(_FACTS, facts, strict=True):
        cursor.execute(f"DELETE FROM statistics_{table} f WHERE {where}")
    _write_facts(cursor, sources.COUNTED)
    _note(cursor, 1, *facts)
    for paper, ids in papers.of_changes(changed):
        _count_papers(cursor, paper, ids)
    _sum_up(cursor)
    for table in counted:
        cursor.execute(f"DROP TABLE {table}")


def _count_papers(cursor: CursorWrapper, paper: papers.Paper, ids: Sequence[int]) -> None:
    table = paper.counted()
    cursor.execute(
        f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS SELECT unnest(%s::bigint[]) AS id",
        [list(ids)],
    )
    cursor.execute(f"ANALYZE {table}")
    mine = f"{paper.mine()} AND f.object_id IN (SELECT id FROM {table})"
    _note_days(cursor, -1, papers.durations(mine))
    cursor.execute(f"DELETE FROM statistics_stepfact f WHERE {mine}")
    _write_steps(cursor, paper, everything=False)
    _note_days(cursor, 1, papers.durations(mine))
    cursor.execute(f"DROP TABLE {table}")


def _write_steps(cursor: CursorWrapper, paper: papers.Paper, *, everything: bool) -> None:
    cursor.execute(
        f"INSERT INTO statistics_stepfact ({', '.join(papers.COLUMNS)})"
        f" {paper.facts(everything=everything)}"
    )


def _rebuild(cursor: CursorWrapper) -> None:
    for table in (*_FACTS, "stepfact", "rollup", "duration"):
        cursor.execute(f"DELETE FROM statistics_{table}")
    _prepare(cursor, "true", "true", "true")
    _write_facts(cursor, sources.EVERYTHING)
    for paper in PAPERS:
        _write_steps(cursor, paper, everything=True)
    for table in (*_FACTS, "stepfact"):
        cursor.execute(f"ANALYZE statistics_{table}")
    _open_delta(cursor)
    _note(cursor, 1, "true", "true", "true")
    _note_days(cursor, 1, papers.durations())
    _sum_up(cursor, empty=True)
    cursor.execute("ANALYZE statistics_rollup")
    cursor.execute("ANALYZE statistics_duration")
    cursor.execute("UPDATE statistics_head SET rebuilt_at = %s", [timezone.now()])


def _prepare(cursor: CursorWrapper, people: str, certificates: str, own: str) -> None:
    """Codes for new texts, and years of birth of new people."""
    narrowed = {"people": people, "certificates": certificates, "own": own}
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


def _write_facts(cursor: CursorWrapper, begin: Mapping[str, str]) -> None:
    for table, columns, statement in (
        ("personfact", sources.PERSON_COLUMNS, sources.PERSON_FACTS),
        ("certificatefact", sources.CERTIFICATE_COLUMNS, sources.CERTIFICATE_FACTS),
        ("selfissuedfact", sources.SELF_ISSUED_COLUMNS, sources.SELF_ISSUED_FACTS),
    ):
        cursor.execute(
            f"INSERT INTO statistics_{table} ({', '.join(columns)}) {statement.format(**begin)}"
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


def _note(cursor: CursorWrapper, sign: int, people: str, certificates: str, own: str) -> None:
    columns = ", ".join(("measure", *_COLUMNS))
    for events in (
        sources.events_of_people(people),
        sources.events_of_certificates(certificates),
        sources.events_of_self_issued(own),
    ):
        cursor.execute(
            f"INSERT INTO delta ({columns}, n)"
            f" SELECT {columns}, {sign} * count(*) FROM ({events}) e GROUP BY {columns}"
        )
    _note_days(cursor, sign, sources.durations(certificates))


def _note_days(cursor: CursorWrapper, sign: int, durations: str) -> None:
    cursor.execute(
        "INSERT INTO delta_days (step, issuer_id, year, days, n)"
        f" SELECT step, issuer_id, year, days, {sign} * count(*)"
        f" FROM ({durations}) e GROUP BY 1, 2, 3, 4"
    )


def _sum_up(cursor: CursorWrapper, *, empty: bool = False) -> None:
    """The difference into every kept sum; a sum of nothing goes. ``empty``: there is no sum yet."""
    columns = ", ".join(("measure", *_COLUMNS))
    cursor.execute(
        f"CREATE TEMPORARY TABLE net ON COMMIT DROP AS SELECT {columns}, sum(n)::integer AS n"
        f" FROM delta GROUP BY {columns} HAVING sum(n) <> 0"
    )
    cursor.execute("ANALYZE net")
    if empty:
        _every_sum(cursor)
    else:
        _change_sums(cursor)
    for table in ("net", "delta", "delta_days"):
        cursor.execute(f"DROP TABLE {table}")


def _every_sum(cursor: CursorWrapper) -> None:
    """All sums into empty tables, one grouping after the other: each needs little memory."""
    for grouping in groupings():
        names = [_COLUMNS[dimension - 1] for dimension in grouping]
        a, b, c = [*names, "-1"][:3]
        cursor.execute(
            "INSERT INTO statistics_rollup (grouping, measure, a, b, c, n)"
            f" SELECT {number(grouping)}, measure, {a}, {b}, {c}, sum(n)::integer FROM net"
            f" GROUP BY measure, {', '.join(names)}"
        )
    cursor.execute(
        "INSERT INTO statistics_duration (step, issuer_id, year, days, n)"
        " SELECT step, issuer_id, year, days, sum(n)::integer FROM delta_days GROUP BY 1, 2, 3, 4"
    )


def _change_sums(cursor: CursorWrapper) -> None:
    """The difference into all groupings by one statement, whose plan knows how little it is."""
    places = [tuple(grouping) + (0,) * (3 - len(grouping)) for grouping in groupings()]
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE changed_sums ON COMMIT DROP AS
        SELECT g.grouping, e.measure, e.codes[g.a] AS a, e.codes[g.b] AS b,
            coalesce(e.codes[nullif(g.c, 0)], -1) AS c, sum(e.n)::integer AS n
        FROM (SELECT measure, ARRAY[{", ".join(_COLUMNS)}] AS codes, n FROM net) e
        CROSS JOIN unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS g (grouping, a, b, c)
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(e.n) <> 0
        """,
        [[number(grouping) for grouping in groupings()], *map(list, zip(*places, strict=True))],
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE changed_days ON COMMIT DROP AS"
        " SELECT step, issuer_id, year, days, sum(n)::integer AS n"
        " FROM delta_days GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0"
    )
    for table, change, names in (
        ("rollup", "changed_sums", ("grouping", "measure", "a", "b", "c")),
        ("duration", "changed_days", ("step", "issuer_id", "year", "days")),
    ):
        cursor.execute(f"ANALYZE {change}")
        cursor.execute(
            f"""
            MERGE INTO statistics_{table} r USING {change} d
            ON {" AND ".join(f"r.{name} = d.{name}" for name in names)}
            WHEN MATCHED AND r.n + d.n = 0 THEN DELETE
            WHEN MATCHED THEN UPDATE SET n = r.n + d.n
            WHEN NOT MATCHED THEN INSERT ({", ".join(names)}, n)
                VALUES ({", ".join(f"d.{name}" for name in names)}, d.n)
            """
        )
        cursor.execute(f"DROP TABLE {change}")


def differences() -> list[str]:
    """Where facts or sums aren't what a new count would come to; empty when all is right.

    Everything is counted anew within a transaction that is rolled back.
    """
    keys = {
        "personfact": sources.PERSON_COLUMNS,
        "certificatefact": sources.CERTIFICATE_COLUMNS,
        "selfissuedfact": sources.SELF_ISSUED_COLUMNS,
        "stepfact": papers.COLUMNS,
        "rollup": ("grouping", "measure", "a", "b", "c", "n"),
        "duration": ("step", "issuer_id", "year", "days", "n"),
    }
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        count_in_this_moment()
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
