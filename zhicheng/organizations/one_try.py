"""Of the tries at one name's password from one address, one is judged at a time (N18).

Whether a name is locked out is asked before a password is judged, and a wrong one is counted after:
of many at once all would be judged under the count of before.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from zhicheng.organizations.guesses import lock_refusal

# As long as the few that are judged before the name is locked out take on a busy machine, and more.
_LONGEST_WAIT = "20s"


@contextmanager
def one_at_a_time(username: str, address: str) -> Iterator[None]:
    """Around the question whether the name is locked out, the judgement, and the count.

    The lock is the session's: a failure is counted and recorded in transactions of its own, which
    stay whatever the page does then. Raises Refusal where too many wait.
    """
    key = f"login {address} {username}"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LONGEST_WAIT])
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    except OperationalError as error:
        raise lock_refusal() from error
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
