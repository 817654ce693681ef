"""People by their name: only through indexes that begin with whoever may see them.

Each relation in which an account's organisation may stand to a certificate, a row of a register
or an approved person is a branch of its own that stops as soon as a page is full, so ten million
cost what ten thousand do. Rows and people that have their certificate have no keys: it is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.search.rules import Asked, Name

SPELLINGS = 8  # of one name at most: see keys.sql


@dataclass(frozen=True)
class Keys:
    """A table of keys: what its lines stand for, and the columns that say who may see that."""

    table: str
    found: str
    relations: Sequence[str]
    # Whether whoever sees everything is served by an index of spellings.
    by_spelling: bool = False


CERTIFICATES = Keys(
    "search_holderkey",
    "certificate_id",
    ("issuing_unit_id", "approving_department_id", "reporting_unit_id", "endorser_id"),
    by_spelling=True,
)
ROWS = Keys("search_rowkey", "row_id", ("issuing_unit_id", "reporting_unit_id", "endorser_id"))
PEOPLE = Keys("search_personkey", "person_id", ("approving_department_id",))


def named(keys: Keys, account: Account, asked: Asked, start: int, count: int) -> list[int]:
    """Ids of what has such a name, exact names first, then in the order of their spelling."""
    names = _spelled(asked.name) if asked.name else list(asked.letters)
    many = SPELLINGS * (start + count)
    branches = [
        _branch(keys, name, scope, account.organization_id, many)
        for name in names
        for scope in _scopes(keys, account)
    ]
    return _ids(keys, branches, "bool_and(far), min(spelled)", start, count)


def numbered(
    keys: Keys, account: Account, beginnings: Sequence[str], start: int, count: int
) -> list[int]:
    """Ids of what has a number that begins so, in the order of the numbers."""
    branches = []
    for text in beginnings:
        for scope in _scopes(keys, account):
            where, values = _scoped(scope, account.organization_id)
            where += ["number >= %s", "number < %s"]
            part = (
                f"(SELECT {keys.found}, number FROM {keys.table} WHERE {' AND '.join(where)}"
                " ORDER BY number LIMIT %s)"
            )
            branches.append(
                (part, [*values, text, _after(text), SPELLINGS * (start + count)]),
            )
    return _ids(keys, branches, "min(number)", start, count)


def _scopes(keys: Keys, account: Account) -> Sequence[str]:
    if account.role == Role.ADMINISTRATOR:
        return ()
    return ("",) if sees_all(account) else keys.relations


def _ids(
    keys: Keys, branches: Sequence[tuple[str, list[Any]]], order: str, start: int, count: int
) -> list[int]:
    if not branches:
        return []
    statement = (
        f"SELECT {keys.found} FROM ("
        + " UNION ALL ".join(part for part, _values in branches)
        + f") found GROUP BY {keys.found} ORDER BY {order}, {keys.found} OFFSET %s LIMIT %s"
    )
    values = [value for _part, wanted in branches for value in wanted]
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


def _scoped(scope: str, organization: int) -> tuple[list[str], list[Any]]:
    return ([f"{scope} = %s"], [organization]) if scope else ([], [])


def _branch(
    keys: Keys, name: Name, scope: str, organization: int, count: int
) -> tuple[str, list[Any]]:
    where, values = _scoped(scope, organization)
    where += ["initials >= %s", "initials < %s"]
    values += [name.initials, _after(name.initials)]
    if name.spelled:
        where += ["spelled >= %s", "spelled < %s"]
        values += [name.spelled, _after(name.spelled)]
    if name.written:
        where.append("strpos(spelled, %s) > 0")
        values.append(f" {name.written}")
    by_spelling = keys.by_spelling and name.spelled and not scope
    order = "spelled" if by_spelling else "initials, spelled"
    exact = name.written or name.spelled
    far = "right(spelled, %s) <> %s" if name.written else "split_part(spelled, ' ', 1) <> %s"
    told = [len(name.written) + 1, f" {name.written}"] if name.written else [exact]
    if not exact:
        far, told = "initials <> %s", [name.initials]
    part = (
        f"(SELECT {keys.found}, spelled, {far} AS far FROM {keys.table}"
        f" WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s)"
    )
    return part, [*told, *values, count]


def _after(text: str) -> str:
    """The first text that doesn't begin with this one."""
    return text[:-1] + chr(ord(text[-1]) + 1)
