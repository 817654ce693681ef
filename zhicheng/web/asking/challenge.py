"""Gives challenges and takes each solution once, whichever web process gave it."""

import os
import time
from datetime import UTC, datetime
from enum import StrEnum

from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from zhicheng.web.asking import counting, questions, rules
from zhicheng.web.asking.rules import Limits, Ticket

TOKEN, WORK, ANSWER = "challenge", "challenge_work", "challenge_answer"
FIELDS = (TOKEN, WORK, ANSWER)


class Fault(StrEnum):
    """Why what came with a question solves nothing."""

    NONE = ""
    STALE = "stale"
    WRONG = "wrong"
    EARLY = "early"
    TOO_MANY = "too_many"


def _key() -> bytes:
    return salted_hmac("zhicheng.web.asking", "challenge", algorithm="sha256").digest()


def give(address: str, bits: int) -> str:
    """A new challenge's token."""
    ticket = Ticket(int(time.time()), bits, os.urandom(rules.NONCE_BYTES))
    return rules.sign(ticket, address, _key())


def words_of(token: str, address: str) -> str:
    """The question in words of a token just given, in the visitor's language."""
    ticket = rules.read(token, address, _key(), int(time.time()))
    if ticket is None:
        return ""
    asked = questions.question(rules.seed_of(ticket, _key()))
    return asked.english if (get_language() or "").startswith("en") else asked.chinese


def solved(request: HttpRequest, address: str, limits: Limits) -> tuple[bool, Fault]:
    """Whether the request bears the solution of a challenge of ours; it is used up by this."""
    token = request.POST.get(TOKEN, "")
    if not token:
        return False, Fault.NONE
    now = int(time.time())
    ticket = rules.read(token, address, _key(), now)
    if ticket is None:
        return False, Fault.STALE
    if rules.work_is_done(token, request.POST.get(WORK, ""), ticket.bits):
        return (True, Fault.NONE) if _used(ticket) else (False, Fault.STALE)
    answer = request.POST.get(ANSWER, "")
    if not answer.strip():
        return False, Fault.WRONG
    if not rules.was_read(ticket, now):
        return False, Fault.EARLY
    if 0 < limits.texts_hour < counting.count_text(address):
        return False, Fault.TOO_MANY
    # One try for each question: five words would be guessed in five.
    if not _used(ticket):
        return False, Fault.STALE
    asked = questions.question(rules.seed_of(ticket, _key()))
    return (True, Fault.NONE) if questions.is_right(asked, answer) else (False, Fault.WRONG)


def _used(ticket: Ticket) -> bool:
    """Uses a challenge up; False when it was used before."""
    until = datetime.fromtimestamp(ticket.issued + rules.VALID_SECONDS, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO verification_usedchallenge (nonce, expires_at) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [ticket.nonce, until],
        )
        return cursor.rowcount == 1
