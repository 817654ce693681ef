"""Writes many rows of a table in two statements, however many they are."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """``count`` fresh primary keys of the table, so that rows can refer to each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Adds the rows by COPY; ``fields`` are field names (``register_id``), in the rows' order.

    Constraints and triggers hold as with any insert. Fields that are left out get the column's
    own default, which Django doesn't set: name all that have no null.
    """
    known = {field.attname: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{known[name]}"' for name in fields)
    with connection.cursor() as cursor:
        statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def update_rows(
    model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Sets the ``fields`` of rows given as (id, value, value ...), in one statement."""
    known = {field.attname: field for field in model._meta.concrete_fields}
    taken = [known[name] for name in fields]
    arrays = ", ".join(
        f"%s::{kind}[]" for kind in ("bigint", *(field.db_type(connection) for field in taken))
    )
    names = ", ".join(f'"{field.column}"' for field in taken)
    settings = ", ".join(f'"{field.column}" = changed."{field.column}"' for field in taken)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET {settings}'
            f' FROM unnest({arrays}) AS changed ("id", {names})'
            f' WHERE "{table}"."id" = changed."id"',
            [list(column) for column in zip(*rows, strict=True)],
        )


def remove_rows(model: type[models.Model], field: str, value: int) -> None:
    """Deletes the rows with this value, without loading them first; foreign keys still hold."""
    column = {item.attname: item.column for item in model._meta.concrete_fields}[field]
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" = %s', [value])


def remove_ids(model: type[models.Model], ids: Sequence[int]) -> None:
    """Deletes the rows with these primary keys in one statement; foreign keys still hold."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "id" = ANY(%s)', [list(ids)])
