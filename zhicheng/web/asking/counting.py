"""Counts questions in PostgreSQL, the same for every web process: one statement a question."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from zhicheng.database.writing import Writing
from zhicheng.protection import blind_index
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.web.asking import rules
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


def _minute_of(seconds: float) -> int:
    return int(seconds) // _MINUTE * _MINUTE


def _hour_of(seconds: float) -> int:
    return int(seconds) // _HOUR * _HOUR


def key_of(text: str) -> bytes:
    """What is kept of an address or person that is counted."""
    return blind_index(f"asking {text}")[:12]


def count(address: str, subjects: list[str]) -> Counts:
    """Counts a question of an address about these subjects; gives what was counted so far."""
    return count_and_ask(address, subjects)[0]


def count_and_ask(
    address: str, subjects: list[str], beside: Writing | None = None
) -> tuple[Counts, list[tuple[Any, ...]]]:
    """As :func:`count`; ``beside`` is asked in the same statement, and its rows are given too."""
    now = timezone.now().timestamp()
    minute, hour = _minute_of(now), _hour_of(now)
    by_address, everybody = key_of(f"address {address}"), key_of(EVERYBODY)
    of_minute = _Window(key_of(f"minute {address}"), minute)
    of_hour = _Window(by_address, hour)
    of_all = _Window(everybody, minute, secrets.randbelow(SLOTS))
    of_subjects = [_Window(key_of(subject), hour) for subject in subjects]
    of_pair = [_Window(key_of(f"{subject} by {address}"), hour) for subject in subjects[::2]]
    rows, besides = _counted(
        [of_minute, of_hour, of_all, *of_subjects, *of_pair],
        of_hour=_Window(by_address, hour - _HOUR),
        of_all=of_all,
        beside=beside,
    )

    def asked(window: _Window) -> int:
        return rows.get(window, (0, 0))[0]

    before = rows.get(_Window(by_address, hour - _HOUR), (0, 0))
    all_rows = [row for window, row in rows.items() if window.key == everybody]
    elapsed = (now - hour) / _HOUR
    counts = Counts(
        address_minute=asked(of_minute),
        address_hour=asked(of_hour),
        misses_hour=rules.sliding(rows[of_hour][1], before[1], elapsed),
        subject_hour=max(map(asked, of_subjects), default=0),
        pair_hour=max(map(asked, of_pair), default=0),
        all_minute=sum(questions for questions, _misses in all_rows),
        all_misses=sum(misses for _questions, misses in all_rows),
    )
    return counts, besides


def count_miss(address: str, missed: bool, also: Sequence[Writing] = ()) -> None:
    """Notes how a question ended; a hit runs the same statement and adds nothing."""
    now = timezone.now().timestamp()
    windows = [
        _Window(key_of(f"address {address}"), _hour_of(now)),
        _Window(key_of(EVERYBODY), _minute_of(now), secrets.randbelow(SLOTS)),
    ]
    _add(windows, questions=0, misses=int(missed), also=also)


def count_text(address: str) -> int:
    """Counts an answer in words of an address; gives how many there were in this hour."""
    window = _Window(key_of(f"texts {address}"), _hour_of(timezone.now().timestamp()))
    return _add([window], questions=1, misses=0)[window][0]


_INSERT = """
INSERT INTO verification_askingcount (key, began, slot, questions, misses)
SELECT w.key, to_timestamp(w.began), w.slot, %(questions)s::int, %(misses)s::int
FROM unnest(%(keys)s::text::bytea[], %(begun)s::text::bigint[], %(slots)s::text::smallint[])
    AS w (key, began, slot)
ORDER BY w.key, w.began, w.slot
ON CONFLICT (key, began, slot) DO UPDATE
    SET questions = verification_askingcount.questions + EXCLUDED.questions,
        misses = verification_askingcount.misses + EXCLUDED.misses
RETURNING key, extract(epoch FROM began)::bigint AS began, slot, questions, misses
"""
_COUNTS = """
SELECT key, began, slot, questions, misses FROM counted
UNION ALL
SELECT key, extract(epoch FROM began)::bigint, slot, questions, misses
FROM verification_askingcount WHERE key = %(hour)s AND began = to_timestamp(%(before)s::bigint)
UNION ALL
SELECT key, extract(epoch FROM began)::bigint, slot, questions, misses
FROM verification_askingcount
WHERE key = %(all)s AND began = to_timestamp(%(minute)s::bigint) AND slot <> %(slot)s::smallint
"""
_COUNT = f"WITH counted AS ({_INSERT}) {_COUNTS}"


def _counted(
    windows: list[_Window], *, of_hour: _Window, of_all: _Window, beside: Writing | None
) -> tuple[Mapping[_Window, tuple[int, int]], list[tuple[Any, ...]]]:
    values = {
        "questions": 1,
        "misses": 0,
        **_columns(windows),
        "hour": of_hour.key,
        "before": of_hour.began,
        "all": of_all.key,
        "minute": of_all.began,
        "slot": of_all.slot,
    }
    if beside is None:
        return _run(_COUNT, values), []
    rows = connection.rows(  # type: ignore[attr-defined]
        _beside(beside.text), {**values, **beside.values}
    )
    counts = {}
    for told in rows[0][0].split(","):
        key, began, slot, questions, misses = told.split()
        window = _Window(bytes.fromhex(key), int(began), int(slot))
        counts[window] = (int(questions), int(misses))
    return counts, [row[2:] for row in rows if row[1]]


@cache
def _beside(text: str) -> str:
    """Both in one: the counts as one text before each row; one row is there in any case."""
    return (
        f"WITH counted AS ({_INSERT}), counts AS ({_COUNTS})"
        " SELECT (SELECT string_agg(concat_ws(' ', encode(key, 'hex'), began, slot, questions,"
        " misses), ',') FROM counts), beside.*"
        f" FROM (SELECT 1) AS one LEFT JOIN (SELECT true, f.* FROM ({text}) AS f) AS beside"
        " ON true"
    )


def _add(
    windows: list[_Window], *, questions: int, misses: int, also: Sequence[Writing] = ()
) -> Mapping[_Window, tuple[int, int]]:
    values = {"questions": questions, "misses": misses, **_columns(windows)}
    if not also:
        return _run(_INSERT, values)
    written = ", ".join(f"written_{place} AS ({one.text})" for place, one in enumerate(also))
    for one in also:
        values |= one.values
    return _run(f"WITH {written} {_INSERT}", values)


def _columns(windows: list[_Window]) -> dict[str, Any]:
    # As texts: making arrays of Python's lists costs more than the statement.
    different = list(dict.fromkeys(windows))
    keys, begun, slots = zip(*different, strict=True)
    return {
        "keys": "{" + ",".join(f'"\\\\x{key.hex()}"' for key in keys) + "}",
        "begun": "{" + ",".join(map(str, begun)) + "}",
        "slots": "{" + ",".join(map(str, slots)) + "}",
    }


def _run(statement: str, values: Mapping[str, Any]) -> dict[_Window, tuple[int, int]]:
    rows = connection.rows(statement, values)  # type: ignore[attr-defined]
    return {
        _Window(bytes(key), began, slot): (questions, misses)
        for key, began, slot, questions, misses in rows
    }
