"""The sixteen characters of a report: nothing to mistake, and slips of the pen are noticed.

Fifteen characters come from chance (74 bits); the sixteenth checks them. The alphabet has no
0 and O, no 1, I and L. Its 31 signs are a prime number and each place has a weight of its own, so
every single wrong character and every swap of two is found.
"""

import secrets

from zhicheng.values.text import narrow

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 16
GROUP = 4
_PRIME = len(ALPHABET)
# 3 is a primitive root of 31: sixteen different weights, none of them zero.
_WEIGHTS = tuple(pow(3, place, _PRIME) for place in range(LENGTH))
_VALUES = {sign: value for value, sign in enumerate(ALPHABET)}


def make() -> str:
    """A new code."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The last character for the fifteen before it."""
    total = _sum(body)
    last = -total * pow(_WEIGHTS[-1], -1, _PRIME) % _PRIME
    return ALPHABET[last]


def tidy(text: str) -> str:
    """What was typed or scanned, as codes are written: capitals, no gaps, no hyphens."""
    return "".join(sign for sign in narrow(text)[0].upper() if sign.isalnum())


def is_code(text: str) -> bool:
    """Whether a tidied text can be a code at all: length, signs and check character."""
    return (
        len(text) == LENGTH and all(sign in _VALUES for sign in text) and _sum(text) % _PRIME == 0
    )


def grouped(code: str) -> str:
    """As it stands on paper: four groups of four."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _sum(text: str) -> int:
    return sum(_VALUES[sign] * weight for sign, weight in zip(text, _WEIGHTS, strict=False))
