"""Emptying the database after a test whose data were committed.

A browser that closes leaves requests behind that the server still answers, in other connections;
emptying the tables under them ends in a deadlock, or one of them writes into the next test.
"""

import time
from collections.abc import Callable

from django.core.management.base import CommandError
from django.db import connection
from psycopg.errors import DeadlockDetected

PATIENCE_SECONDS = 10.0
_OTHERS_AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
)


def others_at_work() -> int:
    """How many other connections of this test's database are in a statement or a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS_AT_WORK)
        return int(cursor.fetchone()[0])


def when_quiet(empty: Callable[[], None], *, attempts: int = 5) -> None:
    """Calls ``empty`` once nobody else works in the database; again where it met somebody.

    Raises CommandError where it failed for another reason, or every time.
    """
    for attempt in range(1, attempts + 1):
        end = time.monotonic() + PATIENCE_SECONDS
        while others_at_work() and time.monotonic() < end:
            time.sleep(0.02)
        try:
            empty()
            break
        except CommandError as error:
            cause = error.__cause__ and error.__cause__.__cause__
            if attempt == attempts or not isinstance(cause, DeadlockDetected):
                raise
