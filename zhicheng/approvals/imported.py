"""Who wants to hear of an import, once it is on file: later folders register from ``ready``."""

from collections.abc import Callable, Sequence

from zhicheng.organizations.guard import Actor

Listener = Callable[[Actor, Sequence[str]], None]
_listeners: list[Listener] = []


def hears_of_imports(listener: Listener) -> Listener:
    """Registers a function that gets who imported, and the numbers of the documents.

    It hears after the commit, so whatever it can't do leaves the import as it is.
    """
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def tell_imported(actor: Actor, numbers: Sequence[str]) -> None:
    """Tells them all."""
    for listener in _listeners:
        listener(actor, numbers)
