"""Django's PostgreSQL backend for threads that keep their connection.

Getting a connection out of a pool and asking whether it still lives costs more than a question of
the public does. A thread keeps its own, and one that answered a moment ago is believed.
"""

import time
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

BELIEVED_SECONDS = 1.0


class DatabaseOperations(base.DatabaseOperations):
    """As Django's; of a prepared statement the text is told, never the values."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """For whoever counts or shows statements while developing."""
        if isinstance(cursor, base.ServerBindingCursor):
            return sql
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked whether it lives only after a rest, or after a fault."""

    ops_class = DatabaseOperations
    _used = 0.0

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

    def prepared(self) -> CursorWrapper:
        """A cursor whose statements the server prepares: for fixed texts that come again and again.

        The values travel beside the text, and the plan is made once for a connection.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self._used = time.monotonic()
        if self.connection.prepare_threshold is None:
            self.connection.prepare_threshold = 0
        cursor: Any = base.ServerBindingCursor
        found: CursorWrapper = self._prepare_cursor(cursor(self.connection))  # type: ignore[attr-defined]
        return found
