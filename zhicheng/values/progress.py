"""How far a long step is: said where the work is done, heard by whoever runs it.

``report`` costs next to nothing when nobody listens, so pure rules may call it too.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
# Step as people call it, how many are done, of how many (0: not known).
Listener = Callable[[str, int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)
EVERY = 500


def report(step: str, done: int = 0, total: int = 0) -> None:
    """Says that ``step`` is so far; to nobody, when nobody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(step, done, total)


def counted(step: str, items: Iterable[T], total: int) -> Iterator[T]:
    """The items, with a report at the first, the last and every few hundred between."""
    if _listener.get() is None:
        yield from items
        return
    report(step, 0, total)
    for number, item in enumerate(items, start=1):
        yield item
        if number % EVERY == 0:
            report(step, number, total)
    report(step, total, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Whatever is reported within the block goes to ``listener``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
