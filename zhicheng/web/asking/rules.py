"""When a question is answered, challenged or refused; what solves a challenge. Pure.

A limit of an address that is passed asks for a challenge first, and refuses only at its multiple.
The limit of a person asked about refuses nobody but the address that asks about this person again
and again: whoever could exhaust it for others would lock the holder out.
"""

import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass
from enum import StrEnum

SOLVED_FACTOR = 5  # how much more often an address may ask that solves a challenge each time
EASIEST, HARDEST = 18, 22  # leading zero bits: 0.2 to 3 s of a desk computer, 1 to 15 s of a phone
VALID_SECONDS = 30 * 60
READING_SECONDS = 5  # nobody reads and answers a question in words sooner
NONCE_BYTES = 16
_MAC_BYTES = 16


@dataclass(frozen=True)
class Limits:
    """The limits of an installation; 0 is none (docs/resistance.md says what each is for)."""

    address_minute: int = 30
    address_hour: int = 300
    misses_hour: int = 3
    subject_hour: int = 10
    subject_most: int = 0
    pair_hour: int = 10
    texts_hour: int = 20
    all_challenge: int = 3000
    all_refuse: int = 12000
    all_misses: int = 600


@dataclass(frozen=True)
class Counts:
    """What was counted up to and with this question; misses only of questions before it."""

    address_minute: int = 0
    address_hour: int = 0
    misses_hour: float = 0
    subject_hour: int = 0
    pair_hour: int = 0
    all_minute: int = 0
    all_misses: int = 0


class Verdict(StrEnum):
    """What becomes of a question."""

    ANSWER = "answer"
    CHALLENGE = "challenge"
    REFUSE = "refuse"


class Why(StrEnum):
    """Which limit decided."""

    NONE = ""
    ADDRESS_MINUTE = "address_minute"
    ADDRESS_HOUR = "address_hour"
    MISSES = "misses"
    SUBJECT = "subject"
    PAIR = "pair"
    EVERYBODY = "everybody"


def judge(counts: Counts, limits: Limits, *, solved: bool) -> tuple[Verdict, Why]:
    """Whether the question is answered, and which limit says no; ``solved``: a challenge is."""
    for count, limit, why in (
        (counts.all_minute, limits.all_refuse, Why.EVERYBODY),
        (counts.address_hour, limits.address_hour * SOLVED_FACTOR, Why.ADDRESS_HOUR),
        (counts.subject_hour, limits.subject_most, Why.SUBJECT),
        (counts.pair_hour, limits.pair_hour, Why.PAIR),
        (counts.address_minute, limits.address_minute * SOLVED_FACTOR, Why.ADDRESS_MINUTE),
    ):
        if 0 < limit < count:
            return Verdict.REFUSE, why
    if solved:
        return Verdict.ANSWER, Why.NONE
    for tried, limit, why in (
        (counts.misses_hour + 1, limits.misses_hour, Why.MISSES),  # after so many, not beyond
        (counts.address_minute, limits.address_minute, Why.ADDRESS_MINUTE),
        (counts.address_hour, limits.address_hour, Why.ADDRESS_HOUR),
        (counts.subject_hour, limits.subject_hour, Why.SUBJECT),
        (counts.all_minute, limits.all_challenge, Why.EVERYBODY),
        (counts.all_misses, limits.all_misses, Why.EVERYBODY),
    ):
        if 0 < limit < tried:
            return Verdict.CHALLENGE, why
    return Verdict.ANSWER, Why.NONE


def sliding(now: int, before: int, elapsed: float) -> float:
    """A count of the last hour from those of this clock hour and the one before.

    ``elapsed`` is how much of this hour is over, 0 to 1.
    """
    return now + before * (1 - elapsed)


def bits_for(counts: Counts, limits: Limits) -> int:
    """How hard the proof of work is: one bit, twice the work, for each doubling of the trials.

    Of the address that missed, and of the person whom everybody asks about.
    """
    times = max(
        counts.misses_hour / max(1, limits.misses_hour),
        counts.subject_hour / max(1, limits.subject_hour),
    )
    return min(HARDEST, EASIEST + max(0, int(times).bit_length() - 1))


# ---- addresses -------------------------------------------------------------------------------


def client_address(value: str, proxies: int) -> str:
    """Whose question it is: ``value`` of the header to which each proxy appended what it saw.

    Our own ``proxies`` wrote the last ones; whatever stands before them the client may have made
    up. IPv6 counts by its /64, which is one household's.
    """
    parts = [part.strip() for part in value.split(",")]
    text = parts[-min(len(parts), max(1, proxies))]
    return network_of(text)


def network_of(text: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64; anything else as it is written."""
    bare = text.strip().strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return text.strip()[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


# ---- challenges ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ticket:
    """A challenge as its token says it: when it was given, how hard, which one."""

    issued: int
    bits: int
    nonce: bytes


def sign(ticket: Ticket, address: str, key: bytes) -> str:
    """The token: whoever gives it back has it from us, for this address."""
    body = struct.pack(">QB", ticket.issued, ticket.bits) + ticket.nonce
    return (body + _mac(body, address, key)).hex()


def read(token: str, address: str, key: bytes, now: int) -> Ticket | None:
    """The challenge of a token; None when it is forged, of another address, or too old."""
    try:
        raw = bytes.fromhex(token) if len(token) <= 200 and token.isascii() else b""
    except ValueError:
        return None
    if len(raw) != 9 + NONCE_BYTES + _MAC_BYTES:
        return None
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, address, key)):
        return None
    issued, bits = struct.unpack(">QB", body[:9])
    if not issued <= now < issued + VALID_SECONDS:
        return None
    return Ticket(issued, bits, body[9:])


def _mac(body: bytes, address: str, key: bytes) -> bytes:
    return hmac.digest(key, body + address.encode(), hashlib.sha256)[:_MAC_BYTES]


def work_is_done(token: str, answer: str, bits: int) -> bool:
    """Whether SHA-256 of ``token:answer`` begins with so many zero bits."""
    if not (answer.isascii() and answer.isdigit() and len(answer) <= 20):
        return False
    digest = hashlib.sha256(f"{token}:{answer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - bits) == 0


def was_read(ticket: Ticket, now: int) -> bool:
    """Whether there was time to read a question in words."""
    return now >= ticket.issued + READING_SECONDS


def seed_of(ticket: Ticket, key: bytes) -> int:
    """What the question in words of this challenge is made from; nobody else can compute it."""
    return int.from_bytes(hmac.digest(key, b"words" + ticket.nonce, hashlib.sha256)[:8], "big")
