"""Keys of names: whether they are as they have to be, and anew.

Triggers write them with what they stand for. Whatever goes around the triggers (a restored table,
a repair by hand) makes people invisible to the search, and nobody would notice.
"""

from django.db import connection, transaction

from zhicheng.proofs.models import Subject
from zhicheng.proofs.queries import latest
from zhicheng.proofs.slices import Kept, Report, compare, slices

AT_ONCE = 200_000  # of each kind in an hour: ten million are gone through in two days


def _kept(
    kind: str, label: str, table: str, source: str, columns: tuple[str, ...], wanted: str
) -> Kept:
    names = ", ".join(columns)
    return Kept(
        f"search.{kind}", label, source, columns, f"SELECT {names} FROM search_{table}", wanted
    )


_UNITS = _kept(
    "units",
    "机构",
    "unitkey",
    "organizations_organization",
    ("organization_id", "initials", "spelled"),
    """
    SELECT o.id, s.initials, s.spelled FROM organizations_organization o
    CROSS JOIN LATERAL unnest(ARRAY[o.name, nullif(o.short_name, o.name)]) AS called
    CROSS JOIN LATERAL search_spellings(called) s WHERE called <> ''
    """,
)
_HOLDERS = _kept(
    "holders",
    "持证人",
    "holderkey",
    "certificates_certificate",
    (
        "certificate_id",
        "initials",
        "spelled",
        "issuing_unit_id",
        "approving_department_id",
        "reporting_unit_id",
        "endorser_id",
    ),
    """
    SELECT c.id, s.initials, s.spelled, c.issuing_unit_id, c.approving_department_id,
        r.reporting_unit_id, nullif(r.endorser_id, c.issuing_unit_id)
    FROM certificates_certificate c LEFT JOIN registers_register r ON r.id = c.register_id
    CROSS JOIN LATERAL search_spellings(c.name) s
    """,
)
_ROWS = _kept(
    "rows",
    "登记表人员",
    "rowkey",
    "registers_registerrow",
    (
        "row_id",
        "initials",
        "spelled",
        "number",
        "issuing_unit_id",
        "reporting_unit_id",
        "endorser_id",
    ),
    "SELECT * FROM search_rows_expected()",
)
_PEOPLE = _kept(
    "people",
    "核准文件人员",
    "personkey",
    "approvals_approvedperson",
    ("person_id", "initials", "spelled", "approving_department_id"),
    "SELECT * FROM search_people_expected()",
)
_KINDS = (_HOLDERS, _UNITS, _ROWS, _PEOPLE)


def check() -> Report:
    """All keys of all four tables, compared with the names and units of what they stand for.

    Proves that each key is there, that none is there that shouldn't be, and that those who may see
    what it stands for stand beside it. Ten million certificates take it a quarter of an hour; it
    locks nothing.
    """
    report = Report()
    for kept in _KINDS:
        compare(report, kept)
    return report


def check_next() -> Report:
    """The same of the next part, where the last kept proof says that it ended.

    Proves it for ``AT_ONCE`` certificates, rows and people each (a city that has no more: for all)
    and for all organisations, so what differs is found within a round: an hour in a small city,
    two days at ten million. One that was found is found again each hour until it is mended.
    """
    last = latest(Subject.SEARCH)
    begin = last.report.get("next") if last else None
    report = Report()
    for kept in _KINDS:
        compare(report, kept, begin=begin, most=AT_ONCE)
    return report


def rebuild() -> None:
    """All keys as they have to be.

    Whoever writes rows and people of documents meanwhile, or renames an organisation, waits until
    theirs are done. Keys of holders, which may be millions, are written where they differ alone,
    slice by slice, and nobody waits: a certificate comes together with its keys, and neither its
    name nor its units ever change.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_expected_anew()")
    _mend(_UNITS, "search_unitkey", "SHARE ROW EXCLUSIVE")
    # Only another rebuilding waits: two would write the same keys twice.
    _mend(_HOLDERS, "search_holderkey", "SHARE UPDATE EXCLUSIVE")


def _mend(kept: Kept, table: str, mode: str) -> None:
    names, key = ", ".join(kept.columns), kept.columns[0]
    for part in slices(kept.source):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
            cursor.execute(
                f"""
                WITH {kept.both}, wrong AS MATERIALIZED (
                    SELECT {key} FROM (TABLE wanted EXCEPT ALL TABLE there) AS missing
                    UNION SELECT {key} FROM (TABLE there EXCEPT ALL TABLE wanted) AS surplus
                ), gone AS (
                    DELETE FROM {table} WHERE {key} IN (TABLE wrong)
                )
                INSERT INTO {table} ({names}) SELECT * FROM wanted WHERE {key} IN (TABLE wrong)
                """,
                part.bounds,
            )
