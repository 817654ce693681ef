"""The migrations say what the models say, and go backward where a day was set more than once."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "named", "kind", "before"),
    [
        (
            "notifications_taskdeadline",
            "kind",
            "register.accept",
            ("notifications", "0002_skipped_events"),
        ),
        ("reissues_stepdeadline", "step", "acceptance", ("reissues", "0007_in_order")),
    ],
)
def test_a_day_that_was_set_twice_keeps_the_last_when_migrated_backward(
    table: str, named: str, kind: str, before: tuple[str, str]
) -> None:
    with connection.cursor() as cursor:
        for days in (7, 9, 3):
            cursor.execute(
                f"INSERT INTO {table} ({named}, valid_from, days, set_at)"
                " VALUES (%s, '2099-01-01', %s, now())",
                [kind, days],
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([before])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT days FROM {table} WHERE {named} = %s", [kind])
        assert cursor.fetchall() == [(3,)]
