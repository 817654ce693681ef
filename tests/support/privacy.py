"""Invariant 10: no ID number in clear, looked for in a plain dump of every table.

A dump writes binary columns as long runs of hexadecimal digits, in which eighteen digits can stand
by chance; a real ID number has a real birth date and the right check character, and stands between
characters that are no hexadecimal digits. Binary columns are looked through as bytes as well.
"""

import re
from collections.abc import Iterable

from django.db import connection

from zhicheng.values.id_number import EARLIEST_BIRTH, birth_date, check_digit

_TEXT = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_BYTES = re.compile(rb"(?<!\d)[1-9]\d{16}[0-9Xx](?!\d)")
_HEX = re.compile(r"\\\\x([0-9a-f]{36,})")


def is_id_number(text: str) -> bool:
    """Whether it is one by date and check character."""
    born = birth_date(text)
    return (
        born is not None and born >= EARLIEST_BIRTH and check_digit(text[:17]) == text[17].upper()
    )


def id_numbers_in(text: str) -> list[str]:
    """Every ID number in clear, also inside binary values as COPY writes them."""
    found = [match for match in _TEXT.findall(text) if is_id_number(match)]
    for run in _HEX.findall(text):
        content = bytes.fromhex(run[: len(run) // 2 * 2])
        found += [
            match.decode() for match in _BYTES.findall(content) if is_id_number(match.decode())
        ]
    return found


def dump() -> Iterable[tuple[str, str]]:
    """(table, all its rows as COPY writes them) of every table of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Of a partitioned table, its partitions hold the rows.
            "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
            " AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                yield table, b"".join(bytes(part) for part in copy).decode("utf-8", "replace")


def assert_no_id_number_in_clear(*numbers: str) -> None:
    """Fails when a table shows one; ``numbers`` are those that must be looked for by all means."""
    for table, text in dump():
        found = id_numbers_in(text)
        assert not found, f"{table} holds {len(found)} ID numbers in clear"
        for number in numbers:
            assert number not in text, f"{table} holds an ID number in clear"
            assert number.encode().hex() not in text, f"{table} holds one as plain bytes"
