"""Questions of many threads that are sent together, in one statement.

Sending a statement costs more than the rows that it finds. Whoever comes while the server is at
work waits, and one of those who wait sends for all of them: the more ask, the less each costs.
Alone, a thread sends at once.

What goes wrong with the statement of several is nobody's own fault, perhaps: then each sends for
itself, through its own connection, and raises its own error.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connection

A = TypeVar("A")
R = TypeVar("R")
MOST = 64
# So long a thread waits for others; then it sends for itself. A connection that hangs may not hold
# up the whole process.
PATIENCE_SECONDS = 5.0
logger = logging.getLogger(__name__)


class _Waiting(Generic[A, R]):
    """A question of a thread that waits: for its result, or for its turn to send."""

    __slots__ = ("asked", "leads", "results", "wake")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.results: list[R] = []  # one; or none, then it sends for itself
        self.leads = False
        self.wake = threading.Lock()
        self.wake.acquire()


class Gathering(Generic[A, R]):
    """One statement's questions. ``send`` takes some of them and gives as many results, in order.

    A thread within a transaction sends for itself alone: what it asks belongs to its transaction.
    """

    def __init__(
        self,
        send: Callable[[Sequence[A]], Sequence[R]],
        *,
        most: int = MOST,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._send, self._most, self._patience = send, most, patience
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[A, R]] = []
        self._led = False

    def ask(self, asked: A) -> R:
        """The result of this question. Raises what sending it raises."""
        if not connection.in_atomic_block:
            mine: _Waiting[A, R] = _Waiting(asked)
            if self._has_turn(mine):
                self._lead(mine)
            if mine.results:
                return mine.results[0]
        return self._send([asked])[0]

    def _has_turn(self, mine: _Waiting[A, R]) -> bool:
        """Whether this thread is to send now; else somebody did for it, or couldn't."""
        with self._lock:
            if not self._led:
                self._led = mine.leads = True
                return True
            self._waiting.append(mine)
        if not mine.wake.acquire(timeout=self._patience):
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                # Else it is on its way with somebody who hangs: better asked twice than never.
        return mine.leads

    def _lead(self, mine: _Waiting[A, R]) -> None:
        with self._lock:
            others = self._waiting[: self._most - 1]
            del self._waiting[: self._most - 1]
        together = [mine, *others]
        try:
            results = self._send([one.asked for one in together])
            for one, result in zip(together, results, strict=True):
                one.results = [result]
        except Exception as error:
            if not others:
                raise
            # Never its text, which may hold what was asked.
            logger.warning("%d questions are sent singly: %s", len(together), type(error).__name__)
        finally:
            with self._lock:
                if self._waiting:
                    following = self._waiting.pop(0)
                    following.leads = True
                    following.wake.release()
                else:
                    self._led = False
            for one in others:
                one.wake.release()
