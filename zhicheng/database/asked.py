"""A statement that is asked or written beside a count, for one question or for many at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """What one question adds to the statement of all that are sent together.

    ``text`` reads the relation ``asked``, which has a row of ``values`` for each question and its
    ``columns`` (name to SQL type; never ``n``, which is the question's place).
    """

    text: str
    columns: Mapping[str, str]
    values: Mapping[str, Any]


def relation(columns: Mapping[str, str]) -> str:
    """The SQL of the relation ``asked``; its rows travel as one text, the place ``asked``."""
    typed = ", ".join(f'"{name}" {kind}' for name, kind in {"n": "int", **columns}.items())
    return f"SELECT * FROM json_to_recordset(%(asked)s::text::json) AS a ({typed})"


def rows(questions: Sequence[Mapping[str, Any]]) -> str:
    """The text of that place, from the values of each question.

    Raises ValueError, which tells no value, for the sign that no text of a database has: the
    server would name it together with all that stands around it.
    """
    numbered = [{"n": place, **values} for place, values in enumerate(questions)]
    if any("\0" in value for row in numbered for value in row.values() if isinstance(value, str)):
        raise ValueError("a text of a question has a NUL")
    return json.dumps(numbered, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
