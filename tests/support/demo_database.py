"""The demo city in a database of its own, told once and copied for whoever looks at it.

Telling the city's year takes half a minute. So it is told into a template that all workers of a
run share (and later runs, until something of the product changes), and every worker works on a
copy of that: what it writes there stays there, with nothing to roll back. A browser's callbacks
have connections of their own, which is why the city is committed.
"""

import fcntl
import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, transaction

from tests.support.template_database import ROOT, migrated_database, on_server, there_are

PREFIX = "demo_"
MAKING = "being_told"
PAGES_COME_FROM = ("walking", "doors", "answers")
KEPT = ROOT / "var" / "test" / "demo"


@cache
def digest() -> str:
    """Of everything that the city and its pages come from; it is told anew on another day."""
    found = hashlib.sha256(date.today().isoformat().encode())  # noqa: DTZ011
    sources = [ROOT / "requirements.txt"]
    sources += [ROOT / "tests" / "support" / f"{name}.py" for name in PAGES_COME_FROM]
    for kind in ("py", "html", "po", "md", "csv", "json", "sql", "typ", "txt"):
        sources += ROOT.glob(f"zhicheng/**/*.{kind}")
    for path in sorted(sources):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


@contextmanager
def demo_database(worker: str) -> Iterator[None]:
    """Within, every connection of this process goes to this worker's copy of the demo city."""
    with _alone():
        template = _told(migrated_database())
        mine = f"copy_of_demo_{worker}"
        on_server(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
        on_server(f'CREATE DATABASE "{mine}" TEMPLATE "{template}"')
    try:
        with _connected_to(mine):
            yield
    finally:
        on_server(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')


def kept(name: str, make: Callable[[], Any]) -> Any:
    """What ``make`` finds in the city, once for all workers; what it writes is rolled back."""
    path = KEPT / f"{name}-{digest()}.pickle"
    with _alone():
        if not path.exists():
            for old in KEPT.glob(f"{name}-*.pickle"):
                old.unlink()
            with transaction.atomic():
                found = make()
                transaction.set_rollback(True)
            path.write_bytes(pickle.dumps(found))
    return pickle.loads(path.read_bytes())  # noqa: S301 - written by ourselves


@contextmanager
def _alone() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """The settings of a connection are one dictionary for all contexts of this process."""
    given = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = given


def _told(empty: str) -> str:
    """The template's name; tells the city under another name first, like the migrated one."""
    name = PREFIX + digest()
    there = there_are(PREFIX)
    if name in there:
        return name
    from zhicheng.credentials.actions import generate
    from zhicheng.credentials.models import SigningKey
    from zhicheng.demo.load import load
    from zhicheng.organizations.guard import CONSOLE

    for old in (*there, MAKING):
        on_server(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
    on_server(f'CREATE DATABASE "{MAKING}" TEMPLATE "{empty}"')
    with _connected_to(MAKING):
        if not SigningKey.objects.exists():
            generate(actor=CONSOLE)
        assert load(KEPT / "accounts.json")
    on_server(f'ALTER DATABASE "{MAKING}" RENAME TO "{name}"')
    return name
