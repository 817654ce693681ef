"""Searching a column for any part of a text."""

from string import ascii_lowercase, ascii_uppercase

from django.db.models import F
from django.db.models.functions import Collate, Upper
from django.db.models.lookups import Contains, IContains, PatternLookup

_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def containing(column: str, text: str) -> PatternLookup:
    """Whether the text column has the text in it, letters in either case.

    ``icontains`` turns every value into capitals by the rules of a language: of names, numbers and
    units in Chinese nearly all have none, and that took most of a search's time.
    """
    if text.lower() == text.upper():
        return Contains(F(column), text)
    if not text.isascii() and _without_ascii(text).lower() != _without_ascii(text).upper():
        return IContains(F(column), text)
    # By the plain order of characters, letters of ASCII alone have capitals.
    return Contains(Upper(Collate(F(column), "C")), text.translate(_CAPITALS))


def _without_ascii(text: str) -> str:
    return "".join(letter for letter in text if not letter.isascii())
