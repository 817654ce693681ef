"""Searching a column for any part of a text."""

from string import ascii_letters, ascii_lowercase, ascii_uppercase

from django.db.models import F
from django.db.models.functions import Collate, Upper
from django.db.models.lookups import Contains

_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def containing(column: str, text: str) -> Contains:
    """Whether the text column has the text in it, Latin letters in either case.

    As ``icontains``, which turns every value into capitals by the rules of a language: of names,
    numbers and units in Chinese nearly all have none, and that took most of a search's time.
    """
    if not any(letter in ascii_letters for letter in text):
        return Contains(F(column), text)
    # By the plain order of characters, letters of ASCII alone have capitals.
    return Contains(Upper(Collate(F(column), "C")), text.translate(_CAPITALS))
