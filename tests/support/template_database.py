"""The migrated, empty database, made once and copied for every worker of every run.

Django's migrations spend a quarter of a minute on drawing the models of each step anew; a copy
takes a moment. The copy's name holds a digest of everything that the migrations come from, so a
change of any of it makes a new one from nothing.
"""

import fcntl
import hashlib
from pathlib import Path

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "migrated_"
MAKING = "being_migrated"


def migrated_database() -> str:
    """Gives the name of the migrated database on the tests' server, making it where it is missing.

    Call it before Django makes the tests' own database; leaves the connection as it was.
    """
    name = PREFIX + _digest()
    place = ROOT / "var" / "test"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = there_are(PREFIX)
        if name not in there:
            for old in there:
                on_server(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            _make(name)
    return name


def _digest() -> str:
    found = hashlib.sha256()
    # Migrations read files beside their folder, too: functions of the database, readings of signs.
    read = ("*/migrations/*.py", "**/*.sql", "search/data/*")
    files = sorted({path for each in read for path in (ROOT / "zhicheng").glob(each)})
    for path in [ROOT / "requirements.txt", *files]:
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _make(name: str) -> None:
    """Migrates under another name first: one that was broken off never looks finished."""
    given = connection.settings_dict["NAME"], connection.settings_dict["TEST"].get("NAME")
    connection.settings_dict["TEST"]["NAME"] = MAKING
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"] = given
    on_server(f'ALTER DATABASE "{MAKING}" RENAME TO "{name}"')


def there_are(prefix: str) -> list[str]:
    """The databases on the tests' server whose names begin so."""
    with _server() as server:
        rows = server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
    return [row[0] for row in rows]


def on_server(statement: str) -> None:
    """Runs one statement outside of any of the tests' databases."""
    with _server() as server:
        server.execute(statement)


def _server() -> "psycopg.Connection[tuple[str]]":
    """The server's own database: nobody may be connected to one that is copied or renamed."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    parameters = {
        key: value
        for key, value in parameters.items()
        if key in {"dbname", "user", "password", "host", "port"}
    }
    return psycopg.connect(**parameters, autocommit=True)
