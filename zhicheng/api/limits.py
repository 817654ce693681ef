"""How often a key may ask: counted in PostgreSQL, the same for every web process."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import connection

from zhicheng.api.models import ApiKey
from zhicheng.api.problems import TooMany
from zhicheng.api.rules import WINDOW_SECONDS


def count_request(key: ApiKey) -> Mapping[str, str]:
    """Counts a request of the key; gives the RateLimit headers, raises TooMany beyond its rate.

    The headers are those of draft-ietf-httpapi-ratelimit-headers. Whole minutes, so that one
    statement counts.
    """
    now = int(time.time())
    began = now - now % WINDOW_SECONDS
    minute = datetime.fromtimestamp(began, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO api_requestcount (key_id, minute, requests) VALUES (%s, %s, 1)
            ON CONFLICT (key_id, minute) DO UPDATE
                SET requests = api_requestcount.requests + 1
            RETURNING requests
            """,
            [key.pk, minute],
        )
        (requests,) = cursor.fetchone()
        if requests == 1:
            cursor.execute(
                "DELETE FROM api_requestcount WHERE key_id = %s AND minute < %s",
                [key.pk, minute - timedelta(minutes=10)],
            )
            cursor.execute("UPDATE api_apikey SET last_used_at = now() WHERE id = %s", [key.pk])
    seconds = began + WINDOW_SECONDS - now
    limit = key.per_minute
    headers = {
        "RateLimit-Policy": f'"key";q={limit};w={WINDOW_SECONDS}',
        "RateLimit": f'"key";r={max(0, limit - requests)};t={seconds}',
    }
    if requests > limit:
        raise TooMany(seconds=seconds, limit=limit, headers=headers)
    return headers
