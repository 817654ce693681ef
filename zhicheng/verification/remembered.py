"""Statements that are put together once: building a query costs more than its rows do.

The rows of several query sets make one statement. What it says can't depend on the values that
come later, so a hit and a miss send the same text; the server prepares it once in a connection.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from zhicheng.database.asked import Asked

Build = Callable[..., Sequence[QuerySet[Any, Any]]]
_TYPES = {bytes: "bytea", str: "text"}


class Remembered:
    """All rows of the query sets that ``build`` gives for the values of a question.

    Each query set gives the same columns. Values are bytes or texts that have to equal a column;
    those that are in the query sets from the beginning stand in the text itself, so that the
    planner may use an index for them alone.
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self._texts: dict[tuple[tuple[str, type], ...], str] = {}
        self._many: dict[str, str] = {}

    def __call__(self, **values: bytes | str) -> list[tuple[Any, ...]]:
        """The rows for these values."""
        return connection.rows(self.text(**values), values)  # type: ignore[attr-defined]

    def text(self, **values: bytes | str) -> str:
        """The statement for values of these kinds."""
        key = tuple((name, type(value)) for name, value in values.items())
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _text(self._build, key)
        return text

    def asked(self, **values: bytes | str) -> Asked:
        """The same for one question of many that are sent together."""
        text = self.text(**values)
        many = self._many.get(text)
        if many is None:
            many = text
            for name in values:
                many = many.replace(f"%({name})s", f'asked."{name}"')
            self._many[text] = many
        return Asked(many, {name: _TYPES[type(value)] for name, value in values.items()}, values)


def _text(build: Build, key: tuple[tuple[str, type], ...]) -> str:
    # Two values that are alike would be taken for one another.
    stand_ins: dict[str, Any] = {
        name: f"\x01{place}".encode() if kind is bytes else f"\x01{place}"
        for place, (name, kind) in enumerate(key)
    }
    used: set[str] = set()
    parts = []
    for found in build(**stand_ins):
        text, parameters = found.query.sql_with_params()
        pieces = text.split("%s")
        if len(pieces) != len(parameters) + 1:
            raise ValueError("a remembered query has one place for each parameter")
        put = [pieces[0]]
        for parameter, piece in zip(parameters, pieces[1:], strict=True):
            plain = getattr(parameter, "obj", parameter)
            plain = bytes(plain) if isinstance(plain, memoryview | bytearray) else plain
            name = next((name for name, value in stand_ins.items() if value == plain), None)
            if name is None:
                put.append(_literal(plain))
            else:
                used.add(name)
                put.append(f"%({name})s")
            put.append(piece)
        parts.append("".join(put))
    if used != set(stand_ins):
        raise ValueError("a remembered query has a place for each of its values")
    return "(" + ") UNION ALL (".join(parts) + ")"


def _literal(value: Any) -> str:
    plain = str(value) if isinstance(value, str) else value
    return sql.Literal(plain).as_string(None).replace("%", "%%")
