"""The kinds of long work: a folder registers its own from ``ready``, by a function that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from zhicheng.organizations.models import Account


@dataclass(frozen=True)
class Product:
    """A file that the work made, to be fetched by whoever asked."""

    name: str
    content: bytes


class Finish(Protocol):
    """Says that the work is done: where its result is, what to tell, and a file where it made one.

    With a file and no ``url``, the work's own page offers it.
    """

    def __call__(self, url: str, message: str, product: Product | None = None) -> None:
        """Marks the work as done within the transaction at hand."""
        ...


@dataclass(frozen=True)
class Job:
    """What the function gets. ``finish`` has to be called within its transaction.

    So the work is marked as done by the very commit that does it: however often a job is started
    again after a crash, it is done once. Work in several transactions calls ``kept`` within each,
    so that a restart, which goes on behind what was kept, counts as the first attempt. ``token``
    names the work.
    """

    account: Account
    parameters: dict[str, Any]
    content: bytes
    finish: Finish
    token: str = ""
    kept: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Kind:
    """A kind of work: its name for people and the function that does it."""

    key: str
    label: str | Promise
    run: Callable[[Job], None]


_kinds: dict[str, Kind] = {}
_listeners: list[Callable[[Any], None]] = []


def hears_of_ends(listener: Callable[[Any], None]) -> None:
    """Registers a function that gets each ``Work`` as it ends, in the transaction that ends it."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_of_end(work: Any) -> None:
    """Tells the listeners that this work has ended."""
    for listener in _listeners:
        listener(work)


def register_kind(key: str, label: str | Promise, run: Callable[[Job], None]) -> None:
    """Makes a kind of work known; call it from an app's ``ready``."""
    _kinds[key] = Kind(key, label, run)


def kind_of(key: str) -> Kind:
    """The kind; raises KeyError for one that nobody registered."""
    return _kinds[key]


def label_of(key: str) -> str:
    """The kind's name for people."""
    return str(_kinds[key].label) if key in _kinds else key
