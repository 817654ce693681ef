"""Keys of people who wait for their certificate: whether they are as they have to be, and anew."""

from django.db import connection

_KEYS = (
    (
        "登记表人员",
        "search_rowkey",
        "search_rows_expected()",
        "row_id, initials, spelled, number, issuing_unit_id, reporting_unit_id, endorser_id",
    ),
    (
        "核准文件人员",
        "search_personkey",
        "search_people_expected()",
        "person_id, initials, spelled, approving_department_id",
    ),
)


def differences() -> list[str]:
    """How many keys are missing and how many are too many, of each kind that isn't right."""
    found = []
    with connection.cursor() as cursor:
        for label, table, expected, columns in _KEYS:
            # One statement, so that both are of one moment.
            cursor.execute(
                f"""
                WITH there AS MATERIALIZED (SELECT {columns} FROM {table}),
                    wanted AS MATERIALIZED (SELECT {columns} FROM {expected})
                SELECT (SELECT count(*) FROM (TABLE wanted EXCEPT ALL TABLE there) AS missing),
                    (SELECT count(*) FROM (TABLE there EXCEPT ALL TABLE wanted) AS surplus)
                """
            )
            missing, surplus = cursor.fetchone()
            if missing or surplus:
                found.append(f"{label}：缺 {missing} 条，多 {surplus} 条")
    return found


def rebuild() -> None:
    """All of them anew; whoever writes such people meanwhile waits until it is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_expected_anew()")
