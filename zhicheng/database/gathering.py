"""Questions of many threads that are sent together, in one statement.

Sending a statement costs more than the rows that it finds. Whoever comes while the server is at
work waits, and one of those who wait sends for all of them: the more ask, the less each costs.
Alone, a thread sends at once.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

A = TypeVar("A")
R = TypeVar("R")
MOST = 64


class _Waiting(Generic[A, R]):
    """A question of a thread that waits: for its answer, or for its turn to send."""

    __slots__ = ("asked", "error", "leads", "result", "wake")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.result: R | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.wake = threading.Lock()
        self.wake.acquire()


class Gathering(Generic[A, R]):
    """One statement's questions. ``send`` takes some of them and gives as many results, in order.

    A thread within a transaction sends for itself alone: what it asks belongs to its transaction.
    """

    def __init__(self, send: Callable[[Sequence[A]], Sequence[R]], most: int = MOST) -> None:
        self._send, self._most = send, most
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[A, R]] = []
        self._led = False

    def ask(self, asked: A) -> R:
        """The result of this question. Raises what sending it raises."""
        if connection.in_atomic_block:
            return self._send([asked])[0]
        mine: _Waiting[A, R] = _Waiting(asked)
        with self._lock:
            self._waiting.append(mine)
            if not self._led:
                self._led = mine.leads = True
        if not mine.leads:
            mine.wake.acquire()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]

    def _lead(self) -> None:
        with self._lock:
            together = self._waiting[: self._most]
            del self._waiting[: self._most]
        try:
            _answer(self._send, together)
        finally:
            with self._lock:
                if self._waiting:
                    following = self._waiting[0]
                    following.leads = True
                    following.wake.release()
                else:
                    self._led = False
            for one in together:
                if not one.leads:
                    one.wake.release()


def _answer(send: Callable[[Sequence[A]], Sequence[R]], together: list[_Waiting[A, R]]) -> None:
    try:
        for one, result in zip(together, send([one.asked for one in together]), strict=True):
            one.result = result
    except (OperationalError, InterfaceError) as error:
        # The server is away, or was too slow: asking again for each would only add to it.
        for one in together:
            one.error = _copy(error)
    except DatabaseError as error:
        if len(together) == 1:
            together[0].error = error
            return
        for one in together:  # what is wrong with one question is no matter of the others
            _answer(send, [one])
    except BaseException as error:
        for one in together:
            one.error = _copy(error)
        raise


def _copy(error: Any) -> BaseException:
    """An error of its own for each thread: raising writes into it."""
    try:
        copied: BaseException = type(error)(*error.args)
    except Exception:
        return RuntimeError(type(error).__name__)
    copied.__cause__ = error
    return copied
