"""Does a piece of work in the worker: once, in the name of whoever asked, telling how far it is.

The work is marked as done inside the action's own transaction (``Job.finish``). A worker that is
killed leaves it undone, and it is started again (``jobs.revive``); one that is killed after the
commit finds it done.
"""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import (
    IntegrityError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation

from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.values.progress import listening
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.refusals import from_database
from zhicheng.work.kinds import Job, Product, kind_of, tell_of_end
from zhicheng.work.models import UNFINISHED, Work, WorkState

MOST_ATTEMPTS = 3
EVERY_SECONDS = 0.2
_LOCK_SPACE = 0x776F726B  # "work": the first half of the advisory lock's key
logger = logging.getLogger("zhicheng.work")


class Busy(Exception):
    """Another process does this piece of work right now."""


def run(work_id: int) -> None:
    """Does the work, unless it is done; raises Busy when somebody else is at it."""
    with _sole(work_id) as teller:
        work = Work.objects.select_related("account__organization").get(pk=work_id)
        if work.is_finished:
            return
        if work.attempts >= MOST_ATTEMPTS:
            _end(work, WorkState.FAILED, _told(_fault()))
            return
        Work.objects.filter(pk=work_id).update(
            state=WorkState.RUNNING,
            started_at=timezone.now(),
            attempts=work.attempts + 1,
            step="",
            done=0,
            total=0,
        )
        with translation.override(work.language):
            _do(work, teller)


def _do(work: Work, teller: "_Teller") -> None:
    def finish(url: str, message: str, product: Product | None = None) -> None:
        if not connection.in_atomic_block:
            raise RuntimeError("work is finished within the action's transaction")
        teller.silent = True  # the row is ours from here to the commit
        _end(
            work,
            WorkState.DONE,
            None,
            result_url=url,
            result_message=message[:500],
            product=protect_bytes(product.content) if product else None,
            product_name=product.name[:200] if product else "",
        )

    def kept() -> None:
        Work.objects.filter(pk=work.pk).update(attempts=0)

    content = reveal_bytes(bytes(work.payload)) if work.payload is not None else b""
    try:
        with listening(teller.tell):
            kind_of(work.kind).run(
                Job(work.account, work.parameters, content, finish, str(work.token), kept)
            )
    except Refusal as refusal:
        _end(work, WorkState.REFUSED, _told(refusal))
        return
    except OperationalError:
        raise  # the database went away: whoever runs the job tries again
    except IntegrityError as error:
        _end(work, WorkState.REFUSED, _told(from_database(error)))
        return
    except Exception as error:
        # Frames and the kind of the error alone: its text may hold what the file said.
        logger.error("work %s (%s) failed: %s", work.pk, work.kind, _places(error))
        _end(work, WorkState.FAILED, _told(_fault()))
        return
    if not teller.silent:
        raise RuntimeError(f"{work.kind} did not say that it is finished")


def _end(work: Work, state: WorkState, refusal: dict[str, object] | None, **result: object) -> None:
    with transaction.atomic():
        ended = Work.objects.filter(pk=work.pk, state__in=UNFINISHED).update(
            state=state,
            refusal=refusal,
            payload=None,
            finished_at=timezone.now(),
            **result,
        )
        if ended:
            work.state = state
            tell_of_end(work)


def _told(refusal: Refusal) -> dict[str, object]:
    names = ("rule", "message", "clause", "found", "expected", "mend")
    return {name: hide_id_numbers(str(getattr(refusal, name))) for name in names}


def _fault() -> Refusal:
    return Refusal(
        "work.failed",
        "系统没有完成这项处理，没有任何内容被改动。",
        mend="请重新提出；仍不成功的，请告诉系统管理员。",
    )


def _places(error: Exception) -> str:
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return " < ".join([type(error).__name__, *(f"{f.name}:{f.lineno}" for f in frames)])


class _Teller:
    """Writes how far the work is, on a connection of its own: the work's is in a transaction."""

    def __init__(self, work_id: int, own: BaseDatabaseWrapper) -> None:
        self.work_id, self.own = work_id, own
        self.silent = False
        self.step, self.told_at = "", 0.0

    def tell(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.silent or (step == self.step and now - self.told_at < EVERY_SECONDS):
            return
        self.step, self.told_at = step, now
        with self.own.cursor() as cursor:
            cursor.execute(
                "UPDATE work_work SET step = %s, done = %s, total = %s"
                " WHERE id = %s AND state = 'running'",
                [step, done, total, self.work_id],
            )


@contextmanager
def _sole(work_id: int) -> Iterator[_Teller]:
    """Holds the work for this process alone, for as long as its connection lives."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, work_id])
            (held,) = cursor.fetchone()
        if not held:
            raise Busy(work_id)
        try:
            yield _Teller(work_id, own)
        finally:
            # A pooled connection lives on: the lock must not.
            if own.connection is not None and not own.connection.closed:
                with own.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, work_id])
    finally:
        own.close()


def run_with_fresh_connections(work_id: int) -> None:
    """As ``run``, for the worker's threads, whose connections may have died meanwhile."""
    close_old_connections()
    try:
        run(work_id)
    finally:
        close_old_connections()
