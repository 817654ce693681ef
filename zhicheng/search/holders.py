"""Certificates by their holder's name: only through indexes that begin with whoever may see them.

Each relation in which an account's organisation may stand to a certificate is a branch of its own
that stops as soon as a page is full, so ten million certificates cost what ten thousand do.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.search.rules import Asked, Name

SPELLINGS = 8  # of one name at most: see keys.sql
_RELATIONS = ("issuing_unit_id", "approving_department_id", "reporting_unit_id", "endorser_id")


def certificates_named(account: Account, asked: Asked, start: int, count: int) -> list[int]:
    """Ids of certificates, exact names first, then in the order of their spelling."""
    names = _spelled(asked.name) if asked.name else list(asked.letters)
    if not names or account.role == Role.ADMINISTRATOR:
        return []
    scopes: Sequence[str] = ("",) if sees_all(account) else _RELATIONS
    parts, values = [], []
    for name in names:
        for scope in scopes:
            part, wanted = _branch(
                name, scope, account.organization_id, SPELLINGS * (start + count)
            )
            parts.append(part)
            values += wanted
    statement = (
        "SELECT certificate_id FROM ("
        + " UNION ALL ".join(parts)
        + ") found GROUP BY certificate_id"
        " ORDER BY bool_and(far), min(spelled), certificate_id OFFSET %s LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, start, count])
        return [pk for (pk,) in cursor.fetchall()]


def _spelled(name: str) -> list[Name]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT initials, spelled FROM search_spellings(%s)", [name])
        return [
            Name(initials, spelled.partition(" ")[0], name)
            for initials, spelled in cursor.fetchall()
        ]


def _branch(name: Name, scope: str, organization: int, count: int) -> tuple[str, list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if scope:
        where.append(f"{scope} = %s")
        values.append(organization)
    where += ["initials >= %s", "initials < %s"]
    values += [name.initials, _after(name.initials)]
    if name.spelled:
        where += ["spelled >= %s", "spelled < %s"]
        values += [name.spelled, _after(name.spelled)]
    if name.written:
        where.append("strpos(spelled, %s) > 0")
        values.append(f" {name.written}")
    # Whoever sees everything is served by the index of spellings where there is one.
    order = "spelled" if name.spelled and not scope else "initials, spelled"
    exact = name.written or name.spelled
    far = "right(spelled, %s) <> %s" if name.written else "split_part(spelled, ' ', 1) <> %s"
    told = [len(name.written) + 1, f" {name.written}"] if name.written else [exact]
    if not exact:
        far, told = "initials <> %s", [name.initials]
    part = (
        f"(SELECT certificate_id, spelled, {far} AS far FROM search_holderkey"
        f" WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s)"
    )
    return part, [*told, *values, count]


def _after(text: str) -> str:
    """The first text that doesn't begin with this one."""
    return text[:-1] + chr(ord(text[-1]) + 1)
