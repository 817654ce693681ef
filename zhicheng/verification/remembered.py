"""Statements that are put together once: building a query costs more than its rows do.

A function that gives a query set for exact values runs once for each set of names; from then on
its statement goes to the database with the new values. What it says can't depend on them, so a
hit and a miss send the same text.
"""

from collections import namedtuple
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from django.db.models import QuerySet

_Plan = tuple[str, list[Any], Callable[..., Any]]


class _Place:
    """Stands for a value that comes later."""

    def __init__(self, name: str) -> None:
        self.name = name


def remembered(build: Callable[..., QuerySet[Any]]) -> Callable[..., list[Any]]:
    """Rows of the query set that ``build`` gives, with its columns by name and in their order.

    Values are bytes or texts that have to equal a column; others (lists, for ``…__in``) are asked
    the usual way.
    """
    plans: dict[tuple[tuple[str, type], ...], _Plan] = {}

    @wraps(build)
    def rows(**where: Any) -> list[Any]:
        key = tuple((name, type(value)) for name, value in where.items())
        if any(kind not in (bytes, str) for _name, kind in key):
            found = build(**where)
            _sql, _parameters, row = _plan(found, {})
            return [row(*one) for one in _values(found)]
        plan = plans.get(key)
        if plan is None:
            # Two values that are alike would be taken for one another.
            stand_ins = {
                name: f"\x01{number}".encode() if kind is bytes else f"\x01{number}"
                for number, (name, kind) in enumerate(key)
            }
            plan = plans[key] = _plan(build(**stand_ins), stand_ins)
        sql, parameters, row = plan
        given = [where[one.name] if isinstance(one, _Place) else one for one in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return [row(*one) for one in cursor.fetchall()]

    return rows


def _values(found: QuerySet[Any]) -> QuerySet[Any]:
    if found._fields is not None:  # type: ignore[attr-defined]
        return found
    columns = [field.attname for field in found.model._meta.concrete_fields]
    return found.values_list(*columns, *found.query.annotations)


def _plan(found: QuerySet[Any], stand_ins: dict[str, Any]) -> _Plan:
    query = _values(found).query
    sql, parameters = query.sql_with_params() if stand_ins else ("", ())
    places = []
    for parameter in parameters:
        plain = getattr(parameter, "obj", parameter)
        plain = bytes(plain) if isinstance(plain, memoryview | bytearray) else plain
        name = next((name for name, value in stand_ins.items() if value == plain), None)
        places.append(parameter if name is None else _Place(name))
    used = {place.name for place in places if isinstance(place, _Place)}
    if used != set(stand_ins):
        raise ValueError("a remembered query has a place for each of its values")
    selected = query.selected or {}
    names = [str(name).replace("__", "_") for name in selected]
    return sql, places, namedtuple("Row", names)
