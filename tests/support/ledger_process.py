"""A process that works on a ledger of its own and may be killed: ``tests/core/test_killed.py``.

Reads commands from its input and answers each with a line of JSON. ``DATABASE_URL`` names the
database.
"""

import json
import sys
import time
from typing import Any

import django

PEOPLE = 9_523  # with five per cent exactly 10,000
PIECES = 100


def prepare() -> dict[str, Any]:
    """Tables, a city, an accepted register for 10,000 blanks, and a store of many pieces."""
    from django.core.management import call_command
    from django.db import connections

    from tests.support.city import accepted_register, deliver, found_city

    call_command("migrate", verbosity=0)
    city = found_city()
    register = accepted_register(city, PEOPLE)
    for _ in range(PIECES):
        deliver(city, 110)
        deliver(city, 1, grade="senior")
    connections.close_all()
    return {"register": register.pk}


def _officer(name: str) -> Any:
    from zhicheng.organizations.models import Account

    return Account.objects.get(username=name)


def allot(register: int) -> dict[str, Any]:
    """The allotment that is interrupted."""
    from zhicheng.blanks import actions

    began = time.monotonic()
    actions.allot_register(actor=_officer("office.officer"), register_id=register)
    return {"seconds": time.monotonic() - began}


def withdraw(register: int) -> dict[str, Any]:
    """Takes the allotment back, so that it can be tried again."""
    from zhicheng.blanks import actions
    from zhicheng.blanks.models import Movement

    last = Movement.objects.filter(target__register=register, reason="allotment").latest("id")
    actions.correct(actor=_officer("office.officer2"), movement_id=last.pk, reason="再试一次")
    return {}


def check(register: int) -> dict[str, Any]:
    """What the database holds now, and whether every proof passes."""
    from zhicheng.audit.models import AuditEvent
    from zhicheng.audit.verify import verify
    from zhicheng.blanks.models import Allotment
    from zhicheng.certificates.reconcile import reconcile

    report, chain = reconcile(), verify()
    return {
        "reserved": report.stock["intermediate"].get("reserved", 0),
        "allotments": Allotment.objects.filter(register=register).count(),
        "events": AuditEvent.objects.filter(tag="office:allotment:allot").count(),
        "faults": report.faults + chain.faults,
    }


def main() -> None:
    """Answers until its input ends; after a fault the next command has a new connection."""
    django.setup()
    from django.db import connections

    commands = {"prepare": prepare, "allot": allot, "withdraw": withdraw, "check": check}
    for line in sys.stdin:
        name, *numbers = line.split()
        try:
            answer = commands[name](*map(int, numbers))
        except Exception as error:  # noqa: BLE001 - told to the test
            connections.close_all()
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
