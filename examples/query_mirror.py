#!/usr/bin/env python3
"""Mirrors the certificates into SQLite and keeps them right: the sample for a query system.

    pip install ./clients/python
    ZHICHENG_KEY=zck_… python examples/query_mirror.py https://zs.example.gov.cn mirror.sqlite

Begins with a bulk export, then follows the feed of changes. A page of changes and the position
after it are one transaction of SQLite: killed at any moment and started again, it goes on where it
was. A change that comes again (its number isn't above the position) is passed over. What a change
carries is the certificate as it is now, so the last change always leaves the truth.
"""

import argparse
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zhicheng_client import Client

COLUMNS = (
    "number",
    "id_number",
    "name",
    "sex",
    "work_unit",
    "specialty",
    "qualification",
    "level",
    "grade",
    "approval_date",
    "document_number",
    "issuing_unit",
    "approving_department",
    "medium",
    "source",
    "status",
    "issued_at",
    "lost_at",
    "voided_at",
    "replaces",
    "replaced_by",
)
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS certificates (
    {", ".join(f"{name} TEXT" for name in COLUMNS)}, PRIMARY KEY (number));
CREATE INDEX IF NOT EXISTS certificates_by_person ON certificates (name, id_number);
CREATE TABLE IF NOT EXISTS state (only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS journal (sequence INTEGER PRIMARY KEY, number TEXT, kind TEXT);
"""
PUT = f"""INSERT INTO certificates ({", ".join(COLUMNS)})
VALUES ({", ".join(f":{name}" for name in COLUMNS)})
ON CONFLICT (number) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}
"""  # noqa: S608 - our own names


class Mirror:
    """The SQLite file; ``whole`` asks for whole ID numbers, for which the key needs the scope."""

    def __init__(self, client: Client, path: Path, *, whole: bool = False) -> None:
        self.client = client
        self.numbers: Any = "whole" if whole else "masked"
        self.database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.executescript(SCHEMA)

    @property
    def position(self) -> int | None:
        """Up to which number it is right; None when it holds nothing yet."""
        row = self.database.execute("SELECT position FROM state").fetchone()
        return None if row is None else int(row[0])

    def load(self) -> int:
        """Everything from a bulk export, in one transaction; gives how many."""
        with self.client.export_certificates(format_="ndjson", id_numbers=self.numbers) as export:
            rows = (json.loads(line) for line in export.lines() if line.strip())
            self._begin()
            try:
                self.database.execute("DELETE FROM certificates")
                count = self._put(rows)
                self._settle(export.position)
            except BaseException:
                self.database.execute("ROLLBACK")
                raise
            self.database.execute("COMMIT")
        return count

    def follow(self, limit: int = 500) -> int:
        """Everything that changed since, page by page; gives how many changes."""
        applied = 0
        while True:
            page = self.client.list_changes(
                after=self.position or 0, limit=limit, id_numbers=self.numbers
            )
            applied += self.apply(page["changes"], page["position"])
            if not page["more"]:
                return applied

    def apply(self, changes: Iterable[Mapping[str, Any]], position: int) -> int:
        """A page of changes, once: what stands below the position was applied before."""
        self._begin()
        try:
            before = self.position or 0
            fresh = [change for change in changes if change["sequence"] > before]
            self._put(change["certificate"] for change in fresh)
            self.database.executemany(
                "INSERT INTO journal VALUES (?, ?, ?)",
                [(c["sequence"], c["certificate"]["number"], c["kind"]) for c in fresh],
            )
            self._settle(max(position, before))
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")
        return len(fresh)

    def _begin(self) -> None:
        # Takes the write lock before the position is read: two mirrors on one file take turns.
        self.database.execute("BEGIN IMMEDIATE")

    def _put(self, certificates: Iterable[Mapping[str, Any]]) -> int:
        count = 0
        for certificate in certificates:
            self.database.execute(PUT, {name: certificate[name] for name in COLUMNS})
            count += 1
        return count

    def _settle(self, position: int) -> None:
        self.database.execute(
            "INSERT INTO state VALUES (1, ?)"
            " ON CONFLICT (only_one) DO UPDATE SET position = excluded.position",
            [position],
        )


def main() -> None:
    """Begin where it was, and follow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="https://…")
    parser.add_argument("file", type=Path)
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--once", action="store_true", help="catch up and end")
    parser.add_argument("--no-export", action="store_true", help="begin with the feed alone")
    parser.add_argument("--limit", type=int, default=500, help="changes in a page")
    parser.add_argument("--whole", action="store_true", help="whole ID numbers")
    given = parser.parse_args()
    client = Client(given.address, os.environ["ZHICHENG_KEY"])
    mirror = Mirror(client, given.file, whole=given.whole)
    if mirror.position is None and not given.no_export:
        sys.stderr.write(f"loaded {mirror.load()}, position {mirror.position}\n")
    while True:
        applied = mirror.follow(given.limit)
        if applied:
            sys.stderr.write(f"applied {applied}, position {mirror.position}\n")
        if given.once:
            return
        time.sleep(given.every)


if __name__ == "__main__":
    main()
