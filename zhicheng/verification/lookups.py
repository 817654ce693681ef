"""Records every question and tells holders who asked: the only writer of :class:`Lookup`.

A hit and a miss write the same one row by the same one statement, so that the record doesn't
tell what the answer conceals.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.database.asked import Asked, relation, rows
from zhicheng.protection import blind_index, protect_bytes, reveal_bytes
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.verification.models import AddressKey, Lookup, Way
from zhicheng.verification.models_lookups import DIGEST_BYTES

NEIGHBOURS = 4  # last characters in which neighbouring numbers differ
SHORTEST = 8


@dataclass(frozen=True)
class Question:
    """One question and what it found; names and numbers as they were typed.

    ``found`` are the numbers of the certificates that the answer shows. ``hit`` is needed only
    where an answer names no certificate and still says yes.
    """

    way: Way
    found: Sequence[str] = ()
    name: str = ""
    id_number: str = ""
    number: str = ""
    address: str = ""
    organization_id: int | None = None
    client: str = ""
    hit: bool | None = None


@dataclass(frozen=True)
class Look:
    """What the holder of a certificate learns of one question that showed it."""

    at: datetime
    way: str
    organization: str
    client: str

    @property
    def way_label(self) -> str:
        """The way in words."""
        return str(Way(self.way).label)


def record_lookup(
    *,
    way: str,
    found: Iterable[str] = (),
    name: str = "",
    id_number: str = "",
    number: str = "",
    address: str = "",
    organization_id: int | None = None,
    client: str = "",
    hit: bool | None = None,
) -> None:
    """Records one question; ``address`` is the visitor's (``web.asking.address_of``)."""
    record_lookups(
        [
            Question(
                Way(way),
                tuple(found),
                name,
                id_number,
                number,
                address,
                organization_id,
                client,
                hit,
            )
        ]
    )


def lookup_record(
    *,
    way: str,
    found: Iterable[str] = (),
    name: str = "",
    id_number: str = "",
    number: str = "",
    address: str = "",
    hit: bool | None = None,
) -> Asked:
    """The record of one public question, to be written together with its count."""
    asked = Question(Way(way), tuple(found), name, id_number, number, address, hit=hit)
    return Asked(_insert(), _COLUMNS, _row(asked, timezone.now()))


def record_lookups(questions: Sequence[Question]) -> None:
    """Records many questions of one moment by one statement: those of a batch."""
    if not questions:
        return
    now = timezone.now()
    asked = rows([_row(question, now) for question in questions])
    connection.rows(  # type: ignore[attr-defined]
        f"WITH asked AS ({relation(_COLUMNS)}) {_insert()} RETURNING NULL", {"asked": asked}
    )


_COLUMNS = {
    "at": "timestamptz",
    "way": "text",
    "hit": "boolean",
    "found": "text[]",
    "person": "bytea",
    "number": "bytea",
    "prefix": "bytea",
    "name": "bytea",
    "address": "bytea",
    "organization_id": "bigint",
    "client": "text",
}
_NAMES = ", ".join(_COLUMNS)
_INSERT = f"INSERT INTO verification_lookup ({_NAMES}) SELECT {_NAMES} FROM asked"
_FAST = "CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS fast"


def _insert() -> str:
    # A question isn't worth waiting for the disk; what else a transaction holds may be.
    return _INSERT if connection.in_atomic_block else f"{_INSERT} {_FAST}"


def _row(question: Question, now: datetime) -> dict[str, object]:
    person = tidy_id_number(question.id_number)[0]
    number = question.number.strip()
    name = tidy_name(question.name)[0]
    found = [item for item in question.found if item]
    shared = (person or number)[:-NEIGHBOURS] if len(person or number) >= SHORTEST else ""
    return {
        "at": now,
        "way": str(question.way),
        "hit": bool(found) if question.hit is None else question.hit,
        "found": found,
        "person": digest("person", person),
        "number": digest("number", number),
        "prefix": digest("prefix", shared),
        "name": digest("name", name),
        "address": address_digest(question.address, timezone.localdate(now)),
        "organization_id": question.organization_id,
        "client": question.client[:100],
    }


def digest(kind: str, text: str) -> bytes | None:
    """The keyed digest of something asked; None of nothing.

    Not the blind index of the certificates: a stolen table of lookups can't be joined with them.
    """
    return blind_index(f"lookup {kind} {text}")[:DIGEST_BYTES] if text else None


def address_digest(address: str, day: date) -> bytes | None:
    """The digest of an address on this day; the same address has another one tomorrow."""
    if not address:
        return None
    return hmac.digest(_key_of(day), address.encode(), hashlib.sha256)[:DIGEST_BYTES]


_keys: dict[date, bytes] = {}


def _key_of(day: date) -> bytes:
    if day in _keys:
        return _keys[day]
    AddressKey.objects.bulk_create(
        [AddressKey(day=day, key_cipher=protect_bytes(os.urandom(32)))], ignore_conflicts=True
    )
    key = reveal_bytes(bytes(AddressKey.objects.get(pk=day).key_cipher))
    if not connection.in_atomic_block:  # what isn't committed may never have been
        _keys.clear()
        _keys[day] = key
    return key


def lookups_of(numbers: Sequence[str], limit: int = 500) -> list[Look]:
    """The questions whose answers showed any of these certificates, newest first.

    What other people typed in vain isn't among them: it may have meant somebody else.
    """
    found = (
        Lookup.objects.filter(found__overlap=list(numbers))
        .order_by("-at")
        .values_list("at", "way", "organization__name", "client")[:limit]
    )
    return [Look(at, way, name or _("公众"), client) for at, way, name, client in found]
