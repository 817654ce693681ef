"""Processes of the interface's tests: founding a city with keys, and writing beside others.

    python -m tests.support.api_city found
    python -m tests.support.api_city write SEED SECONDS

Each answers with a line of JSON.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django

WRITERS = 8
PEOPLE_PER_WRITER = 400

ISSUE = """
INSERT INTO certificates_certificate (
    medium, origin, number, position, approved_person_id, state, name, sex, id_kind,
    id_number_cipher, id_number_index, id_number_masked, work_unit, specialty, qualification,
    grade, level, approval_date, document_number, issuing_unit_id, approving_department_id,
    embosser_id, issued_at, recipient, recipient_relation)
SELECT 'electronic', 'online', 'E' || p.id, 1, p.id, 'issued', p.name, p.sex, p.id_kind,
    p.id_number_cipher, p.id_number_index, p.id_number_masked, p.work_unit, p.specialty,
    p.qualification, p.grade, p.level, p.approval_date, d.number, d.approving_department_id,
    d.approving_department_id, d.approving_department_id, now(), '', ''
FROM approvals_approvedperson p JOIN approvals_approvaldocument d ON d.id = p.document_id
WHERE p.id = ANY(%s) AND d.channel = 'online'
RETURNING id
"""
LOSE = "UPDATE certificates_certificate SET lost_at = now() WHERE id = ANY(%s) AND lost_at IS NULL"
FIND = (
    "UPDATE certificates_certificate SET lost_at = NULL WHERE id = ANY(%s) AND lost_at IS NOT NULL"
)
END = (
    "UPDATE certificates_certificate SET voided_at = now(), void_reason = 'revoked'"
    " WHERE id = ANY(%s) AND voided_at IS NULL"
)


@contextmanager
def at_rest() -> Iterator[None]:
    """The guards of certificates rest, the feed's triggers don't: any change in any order."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def found() -> dict[str, Any]:
    """A city, keys of the office and the hospital, people of the online channel for each writer."""
    from django.utils import timezone

    from tests.support.city import announce, found_city
    from zhicheng.api.actions import create_key, offered_scopes
    from zhicheng.reference.loading import load_reference

    load_reference()
    city = found_city()
    keys = {}
    for name in ("office", "hospital", "health"):
        unit = getattr(city, name)
        keys[name] = create_key(
            actor=city.who(name, "officer"),
            organization=unit,
            name="测试系统",
            scopes=[scope.value for scope in offered_scopes(unit)],
            purpose="测试",
            expires_at=timezone.now() + timedelta(days=30),
            per_minute=60_000,
        ).text
    people = [
        [person.pk for person in announce(city, PEOPLE_PER_WRITER, channel="online")]
        for _ in range(WRITERS)
    ]
    return {"keys": keys, "people": people}


def write(seed: int, seconds: float, people: list[int]) -> dict[str, Any]:
    """Issues, loses, finds and ends certificates in transactions that overlap with others'.

    A transaction writes, waits a moment, perhaps writes more, and commits or takes all back: so
    their ends come in another order than their beginnings.
    """
    from django.db import connection, transaction

    chance = random.Random(seed)  # noqa: S311
    waiting, mine = list(people), []
    counted = {"issued": 0, "lost": 0, "found": 0, "void": 0}
    until = time.monotonic() + seconds

    class TakenBack(Exception):
        pass

    while time.monotonic() < until:
        told = dict.fromkeys(counted, 0)
        taken = [waiting.pop() for _ in range(min(len(waiting), chance.randint(0, 5)))]
        made: list[int] = []
        try:
            with transaction.atomic(), at_rest(), connection.cursor() as cursor:
                if taken:
                    cursor.execute(ISSUE, [taken])
                    made = [row[0] for row in cursor.fetchall()]
                    told["issued"] += len(made)
                time.sleep(chance.random() * 0.03)
                for kind, statement in (("lost", LOSE), ("found", FIND), ("void", END)):
                    if mine and chance.random() < (0.5 if kind != "void" else 0.1):
                        chosen = chance.sample(mine, min(len(mine), chance.randint(1, 4)))
                        if kind != "void":
                            cursor.execute(
                                "SELECT id FROM certificates_certificate"
                                " WHERE id = ANY(%s) AND voided_at IS NULL",
                                [chosen],
                            )
                            chosen = [row[0] for row in cursor.fetchall()]
                        cursor.execute(statement, [chosen])
                        told[kind] += cursor.rowcount
                        time.sleep(chance.random() * 0.02)
                if chance.random() < 0.15:
                    raise TakenBack
        except TakenBack:
            waiting = taken + waiting
            continue
        mine += made
        for kind, number in told.items():
            counted[kind] += number
    return counted


def main() -> None:
    """Answer the one command."""
    django.setup()
    match sys.argv[1:]:
        case ["found"]:
            answer = found()
        case ["write", seed, seconds]:
            answer = write(int(seed), float(seconds), json.loads(sys.stdin.read()))
        case _:
            raise SystemExit(2)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
