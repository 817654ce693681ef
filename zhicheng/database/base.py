"""Django's PostgreSQL backend for threads that keep their connection.

Getting a connection out of a pool and asking whether it still lives costs more than a question of
the public does. A thread keeps its own, and one that answered a moment ago is believed.
"""

import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg import RawCursor

BELIEVED_SECONDS = 1.0
_PLACE = re.compile(r"%\((\w+)\)s")


class DatabaseOperations(operations.DatabaseOperations):
    """As Django's; of a prepared statement the text is told, never the values."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """For whoever counts or shows statements while developing."""
        if isinstance(cursor, RawCursor):
            return sql
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked whether it lives only after a rest, or after a fault."""

    ops_class = DatabaseOperations
    _used = 0.0
    _kept: "RawCursor[Any] | None" = None

    def _cursor(self, name: str | None = None) -> Any:
        found = super()._cursor(name)  # type: ignore[misc]
        self._used = time.monotonic()
        return found

    def is_usable(self) -> bool:
        """Whether a statement would reach the server."""
        fresh = time.monotonic() - self._used < BELIEVED_SECONDS
        if fresh and not self.errors_occurred and self.connection is not None:
            return not self.connection.closed
        return bool(super().is_usable())

    def rows(self, text: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a fixed text that comes again and again, with places ``%(name)s``.

        The server prepares it and plans it once for a connection; the values travel beside it.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self._used = time.monotonic()
        raw, names = _raw(text)
        cursor = self._kept
        if cursor is None or cursor.connection is not self.connection or cursor.closed:
            if self.connection.prepare_threshold is None:
                self.connection.prepare_threshold = 0
            cursor = self._kept = RawCursor(self.connection)
            # Planning such a statement takes five times as long as running it, and its values
            # lie in a relation or equal a key: no plan for certain values is better.
            cursor.execute("SET plan_cache_mode = force_generic_plan", prepare=False)
        wrapped: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
        wrapped.execute(raw, [values[name] for name in names])
        return wrapped.fetchall()


@cache
def _raw(text: str) -> tuple[str, list[str]]:
    """The text with the server's own places, so that nobody reads it again for each question."""
    names = list(dict.fromkeys(_PLACE.findall(text)))
    numbered = _PLACE.sub(lambda found: f"${names.index(found[1]) + 1}", text)
    return numbered.replace("%%", "%"), names
