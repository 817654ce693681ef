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


WAYS = {"may_return": True, "may_carry_over": True, "may_transfer": True}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "fixed", "named", "values", "before"),
    [
        ("blanks_sparepolicy", {"round_up": True}, "rate", (0.5, 0.25, 0), "0012_lists"),
        ("blanks_sparedisposal", WAYS, "proposed", ("return", "transfer"), "0012_lists"),
        ("blanks_stocktakepolicy", {}, "months", (6, 12, 1), "0012_lists"),
        (
            "blanks_reorderpolicy",
            {"grade": "senior", "weeks": 4, "set_at": "2026-01-01"},
            "stock",
            (5, 7, 1),
            "0012_lists",
        ),
        (
            "certificates_printpolicy",
            {"set_at": "2026-01-01"},
            "required",
            (True, False),
            "0015_planned_anew",
        ),
    ],
)
def test_a_setting_made_twice_for_a_day_keeps_the_last_when_migrated_backward(
    table: str, fixed: dict[str, object], named: str, values: tuple[object, ...], before: str
) -> None:
    columns = ["valid_from", *fixed, named]
    with connection.cursor() as cursor:
        for value in values:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" VALUES ({', '.join(['%s'] * len(columns))})",
                ["2099-01-01", *fixed.values(), value],
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([(table.partition("_")[0], before)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {named} FROM {table}")
        assert cursor.fetchall() == [(values[-1],)]
