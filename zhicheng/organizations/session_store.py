"""The session engine (``SESSION_ENGINE``): Django's own, its rows saying whose login they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

# What a login leaves in its session (``sessions.note_login``).
CAME = "came"


class SessionStore(DatabaseStore):
    """Sessions in ``LoginSession``."""

    @classmethod
    def get_model_class(cls) -> Any:
        """The table."""
        from zhicheng.organizations.models_sessions import LoginSession

        return LoginSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row, with what the session says of its login."""
        row: Any = super().create_model_instance(data)
        came = data.get(CAME)
        if came and SESSION_KEY in data:
            row.account_id = int(data[SESSION_KEY])
            row.public_id = UUID(came["id"])
            row.began_at = datetime.fromisoformat(came["at"])
            row.address, row.browser = came["address"], came["browser"]
        return row
