"""Where the city lies: an embedded server under ``var/bench``, a database for each size."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
# A change of the generator or of a table that it fills: databases of before are made anew.
FORM = 3
SERVER = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
    "synchronous_commit": "off",
    "fsync": "off",
    "full_page_writes": "off",
}
_server: str = ""


@dataclass
class City:
    """A database with a city in it."""

    name: str
    url: str
    certificates: int

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection, each statement its own transaction."""
        return psycopg.connect(self.url, autocommit=True)

    def use(self) -> None:
        """From here on Django's connection of this process goes there."""
        from django.db import connection

        connection.close()
        connection.close_pool()  # its connections go to where this went before
        connection.settings_dict["NAME"] = self.name

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the product needs to work on this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.size.settings",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def tables(self) -> list[tuple[str, int, str]]:
        """Name, rows (as the planner knows them) and size with indexes, largest first."""
        with self.connect() as database:
            found = database.execute(
                "SELECT relname, reltuples::bigint, pg_size_pretty(pg_total_relation_size(oid))"
                " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND reltuples > 0 ORDER BY pg_total_relation_size(oid) DESC LIMIT 20"
            ).fetchall()
        return [(str(name), int(rows), str(size)) for name, rows, size in found]


def prepare() -> None:
    """Starts the server and Django; once in a process, before anything of the product is used."""
    global _server
    from zhicheng import embedded

    # What ten million certificates need; the embedded server has 128 MB otherwise.
    os.environ.setdefault("ZHICHENG_SHARED_BUFFERS", "2GB")
    first = not (FOLDER / "postgres").exists()
    url = embedded.acquire(FOLDER)
    with psycopg.connect(url, autocommit=True) as server:
        settings = dict(server.execute("SELECT name, setting FROM pg_settings").fetchall())
        if first or settings["wal_level"] != "minimal":
            for name, value in SERVER.items():
                server.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    if first or settings["wal_level"] != "minimal":
        embedded.release(FOLDER)
        embedded.stop_now(FOLDER)
        url = embedded.acquire(FOLDER)
    _server = url
    os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.size.settings"
    import django

    django.setup()


def city_of(certificates: int, *, anew: bool = False) -> City:
    """The city with so many certificates on file; made when there is none of this size."""
    name = f"zhicheng_size_{certificates}_{FORM}"
    at = _server.index("?host=")
    user = _server[: _server.index("@") + 1]
    city = City(name, f"{user}/{quote(name)}{_server[at:]}", certificates)
    with psycopg.connect(_server, autocommit=True) as server:
        there = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if there and not anew:
            with city.connect() as database:
                made = database.execute("SELECT to_regclass('bench_made')").fetchone()
            if made and made[0]:
                _migrate(city)
                return city
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    from benchmarks.size.filling import fill

    began = time.perf_counter()
    _migrate(city)
    fill(city, _say)
    _say(f"{certificates:,} certificates on file in {time.perf_counter() - began:.0f} s")
    return city


def _migrate(city: City) -> None:
    from django.core.management import call_command

    city.use()
    call_command("migrate", verbosity=0)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)
