"""Triggers that see old and new rows side by side join them by a plan of each time."""

import re

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

QUOTED = re.compile(r"(\$\w*\$).*?\1|'(?:[^']|'')*'", re.DOTALL)


def _functions() -> list[tuple[str, str, str, str]]:
    """(name, source, name of the old rows, name of the new rows)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.prosrc, t.tgoldtable, t.tgnewtable FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL"
        )
        return cursor.fetchall()


def test_old_and_new_rows_are_joined_behind_execute() -> None:
    """Else the plan of the session's first call stays: a nested loop, made for a row or two.

    After one corrected cell, the acceptance of five thousand rows took twelve seconds on the same
    connection, and grew with the square of them.
    """
    found = _functions()
    assert len(found) >= 8
    static = [
        name
        for name, source, old, new in found
        for words in [set(re.findall(r"\w+", QUOTED.sub(" ", source)))]
        if old in words and new in words
    ]
    assert not static


def test_a_static_join_would_be_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION joined_for_a_test() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM fresh JOIN past ON past.id = fresh.id WHERE fresh.name <> 'past';
                RETURN NULL;
            END $$;
            CREATE TRIGGER joined_for_a_test AFTER UPDATE ON organizations_organization
                REFERENCING OLD TABLE AS past NEW TABLE AS fresh
                FOR EACH STATEMENT EXECUTE FUNCTION joined_for_a_test();
            """
        )
    with pytest.raises(AssertionError, match="joined_for_a_test"):
        test_old_and_new_rows_are_joined_behind_execute()
