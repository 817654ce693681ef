"""Counts questions in PostgreSQL, the same for every web process.

One statement for each, or for all that wait at the same moment (``database.gathering``): then each
is told what was counted up to it, as if they had come one after the other.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from zhicheng.database.asked import Asked, rows
from zhicheng.database.gathering import Gathering
from zhicheng.protection import blind_index
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.web.asking import rules, statements
from zhicheng.web.asking.rules import Counts, Limits

SLOTS = 8  # of the overall count: as many visitors can be counted at once
NEIGHBOURS = 4
EVERYBODY = "everybody"

_NAMES = {
    "address_minute": "ZHICHENG_QUESTIONS_PER_MINUTE",
    "address_hour": "ZHICHENG_QUESTIONS_PER_HOUR",
    "misses_hour": "ZHICHENG_MISSES_PER_HOUR",
    "subject_hour": "ZHICHENG_QUESTIONS_ABOUT_ONE_PER_HOUR",
    "pair_hour": "ZHICHENG_QUESTIONS_ABOUT_ONE_BY_ADDRESS_PER_HOUR",
    "texts_hour": "ZHICHENG_TEXT_ANSWERS_PER_HOUR",
    "all_challenge": "ZHICHENG_CHALLENGE_ALL_PER_MINUTE",
    "all_misses": "ZHICHENG_CHALLENGE_ALL_MISSES_PER_MINUTE",
    "all_refuse": "ZHICHENG_REFUSE_ALL_PER_MINUTE",
}


def limits() -> Limits:
    """The limits of this installation."""
    set_here = {
        field: int(getattr(settings, name))
        for field, name in _NAMES.items()
        if hasattr(settings, name)
    }
    return Limits(**set_here)


def address_of(request: HttpRequest) -> str:
    """Whose question this is: an IPv4 address or an IPv6 /64 (docs/resistance.md: proxies)."""
    header = getattr(settings, "ZHICHENG_ADDRESS_HEADER", "REMOTE_ADDR")
    proxies = int(getattr(settings, "ZHICHENG_ADDRESS_PROXIES", 1))
    return rules.client_address(request.META.get(header, ""), proxies)


def subjects_of(*, id_number: str, number: str, name: str) -> list[str]:
    """Whom a question is about, whether or not they exist: what a limit per person counts.

    The number itself, and the name with what neighbouring numbers share: that is how somebody who
    knows name and birthday would try the last four digits.
    """
    person, bare = tidy_id_number(id_number)[0], tidy_name(name)[0]
    found = []
    for kind, text in (("person", person), ("number", number.strip())):
        if text:
            found.append(f"{kind} {text}")
            found.append(f"{kind} of {bare} {text[:-NEIGHBOURS]}")
    return found


class _Window(NamedTuple):
    """What is counted from when on; ``began`` in seconds since 1970, whole minutes or hours."""

    key: bytes
    began: int
    slot: int = 0


_MINUTE, _HOUR = 60, 3600
_Totals = Mapping[_Window, tuple[int, int]]
_NOTHING = (0, 0)


def _minute_of(seconds: float) -> int:
    return int(seconds) // _MINUTE * _MINUTE


def _hour_of(seconds: float) -> int:
    return int(seconds) // _HOUR * _HOUR


def key_of(text: str) -> bytes:
    """What is kept of an address or person that is counted."""
    return blind_index(f"asking {text}")[:12]


# Addresses come again and again; people are not kept in the memory.
_key_of_address = lru_cache(4096)(key_of)


class _Question(NamedTuple):
    """A question that is counted: the keys of what it counts for, and what is asked with it."""

    minute: bytes
    hour: bytes
    subjects: Sequence[bytes]
    pairs: Sequence[bytes]
    beside: Asked | None


class _Ending(NamedTuple):
    """How a question of an address ended, and what is written of it."""

    hour: bytes
    missed: bool
    also: Sequence[Asked]


_Counted = tuple[Counts, Sequence[tuple[Any, ...]]]
_gatherings: dict[object, Gathering[Any, Any]] = {}


def _gathering(kind: object, send: Callable[[Sequence[Any]], Sequence[Any]]) -> Gathering[Any, Any]:
    """Of the questions that are one statement."""
    return _gatherings.get(kind) or _gatherings.setdefault(kind, Gathering(send))


def count(address: str, subjects: Sequence[str]) -> Counts:
    """Counts a question of an address about these subjects; gives what was counted so far."""
    return count_and_ask(address, subjects)[0]


def count_and_ask(
    address: str, subjects: Sequence[str], beside: Asked | None = None
) -> tuple[Counts, Sequence[tuple[Any, ...]]]:
    """As :func:`count`; ``beside`` is asked in the same statement, and its rows are given too."""
    question = _Question(
        _key_of_address(f"minute {address}"),
        _key_of_address(f"address {address}"),
        [key_of(subject) for subject in subjects],
        [key_of(f"{subject} by {address}") for subject in subjects[::2]],
        beside,
    )
    gathering = _gathering(("count", beside and beside.text), _count_together)
    counted: _Counted = gathering.ask(question)
    return counted


def _count_together(questions: Sequence[_Question]) -> list[_Counted]:
    now = timezone.now().timestamp()
    minute, hour = _minute_of(now), _hour_of(now)
    of_all = _Window(_key_of_address(EVERYBODY), minute, secrets.randbelow(SLOTS))
    windows = [
        {
            of_all,
            _Window(one.minute, minute),
            *(_Window(key, hour) for key in (one.hour, *one.subjects, *one.pairs)),
        }
        for one in questions
    ]
    later = Counter(window for each in windows for window in each)
    values = {
        **_columns(later, {}),
        "hours": _bytes_array({one.hour for one in questions}),
        "before": hour - _HOUR,
        "all": of_all.key,
        "minute": minute,
        "slot": of_all.slot,
    }
    totals, found = _sent(values, [one.beside for one in questions if one.beside])
    everybody = [row for window, row in totals.items() if window.key == of_all.key]
    all_minute, all_misses = (sum(each) for each in zip(*everybody, strict=True))
    elapsed = (now - hour) / _HOUR
    counted: list[_Counted] = []
    for place, (one, each) in enumerate(zip(questions, windows, strict=True)):
        later.subtract(each)

        def asked(key: bytes, began: int = hour) -> int:
            window = _Window(key, began)
            return totals[window][0] - later[window]

        before = totals.get(_Window(one.hour, hour - _HOUR), _NOTHING)
        counts = Counts(
            address_minute=asked(one.minute, minute),
            address_hour=asked(one.hour),
            misses_hour=rules.sliding(totals[_Window(one.hour, hour)][1], before[1], elapsed),
            subject_hour=max(map(asked, one.subjects), default=0),
            pair_hour=max(map(asked, one.pairs), default=0),
            all_minute=all_minute - later[of_all],
            all_misses=all_misses,
        )
        counted.append((counts, found.get(place, ())))
    return counted


def _sent(
    values: Mapping[str, Any], besides: Sequence[Asked]
) -> tuple[_Totals, Mapping[int, list[tuple[Any, ...]]]]:
    """The counts, and what was found for the question in each place."""
    if not besides:
        return _run(statements.COUNT, values), {}
    text = statements.count_and_ask(besides[0].text, tuple(besides[0].columns.items()))
    asked = rows([one.values for one in besides])
    totals: dict[_Window, tuple[int, int]] = {}
    found: dict[int, list[tuple[Any, ...]]] = {}
    for place, told, there, *row in connection.rows(  # type: ignore[attr-defined]
        text, {**values, "asked": asked}
    ):
        if told and not totals:
            for line in told.split(","):
                key, began, slot, questions, misses = line.split()
                window = _Window(bytes.fromhex(key), int(began), int(slot))
                totals[window] = (int(questions), int(misses))
        if there:
            found.setdefault(place, []).append(tuple(row))
    return totals, found


def count_miss(address: str, missed: bool, also: Sequence[Asked] = ()) -> None:
    """Notes how a question ended; a hit runs the same statement and adds nothing."""
    kind = ("miss", *(one.text for one in also))
    _gathering(kind, _end_together).ask(
        _Ending(_key_of_address(f"address {address}"), missed, also)
    )


def _end_together(endings: Sequence[_Ending]) -> list[None]:
    now = timezone.now().timestamp()
    hour = _hour_of(now)
    of_all = _Window(_key_of_address(EVERYBODY), _minute_of(now), secrets.randbelow(SLOTS))
    misses = Counter({of_all: 0})
    for one in endings:
        misses[_Window(one.hour, hour)] += one.missed
        misses[of_all] += one.missed
    values = _columns({}, misses)
    also = endings[0].also
    if not also:
        _run(statements.INSERT, values)
    else:
        columns = {name: kind for one in also for name, kind in one.columns.items()}
        text = statements.count_and_write(tuple(one.text for one in also), tuple(columns.items()))
        asked = [
            {name: value for one in each.also for name, value in one.values.items()}
            for each in endings
        ]
        _run(text, {**values, "asked": rows(asked)})
    return [None] * len(endings)


def count_text(address: str) -> int:
    """Counts an answer in words of an address; gives how many there were in this hour."""
    window = _Window(key_of(f"texts {address}"), _hour_of(timezone.now().timestamp()))
    return _run(statements.INSERT, _columns({window: 1}, {}))[window][0]


def _columns(questions: Mapping[_Window, int], misses: Mapping[_Window, int]) -> dict[str, str]:
    # As texts: making arrays of Python's lists costs more than the statement.
    windows = list({**questions, **misses})
    return {
        "keys": _bytes_array(window.key for window in windows),
        "begun": _array(window.began for window in windows),
        "slots": _array(window.slot for window in windows),
        "questions": _array(questions.get(window, 0) for window in windows),
        "misses": _array(misses.get(window, 0) for window in windows),
    }


def _array(values: Iterable[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _bytes_array(values: Iterable[bytes]) -> str:
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def _run(statement: str, values: Mapping[str, Any]) -> dict[_Window, tuple[int, int]]:
    rows = connection.rows(statement, values)  # type: ignore[attr-defined]
    return {
        _Window(bytes(key), began, slot): (questions, misses)
        for key, began, slot, questions, misses in rows
    }
