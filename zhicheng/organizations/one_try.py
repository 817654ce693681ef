"""Of the tries at one name's password from one address, one is judged at a time (N18).

Whether a name is locked out is asked before a password is judged, and a wrong one is counted after:
of many at once all would be judged under the count of before.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from zhicheng.values.refusal import Refusal

BUSY = "login.busy"
# As long as the few that are judged before the name is locked out take: whoever waits holds one of
# the server's threads.
LONGEST_WAIT = 5.0


@contextmanager
def one_at_a_time(username: str, address: str) -> Iterator[None]:
    """Around the question whether the name is locked out, the judgement, and the count.

    The lock is the session's: a failure is counted and recorded in transactions of its own, which
    stay whatever the page does then. Raises Refusal where too many wait: nothing was judged then.
    """
    key = f"login {address} {username}"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [f"{LONGEST_WAIT * 1000:.0f}ms"]
            )
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Refusal(
            BUSY,
            "这个用户名还有别的登录正在核对，这一次没有核对。",
            clause="N18",
            mend="请过几秒再试。",
        ) from error
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
