"""Identity document numbers: tidying, judging, masking (GB 11643).

The area code is never judged: districts change, people born before 1997 carry Sichuan codes, and
residents from Hong Kong, Macao and Taiwan carry 81, 82, 83. A faulty number is never repaired.
"""

import re
from datetime import date
from functools import lru_cache

from zhicheng.values.text import CASE, SPACES, Cell, Codes, cell_text, narrow, strip_spaces

MALFORMED = "id_number.malformed"
CHECKSUM = "id_number.checksum"
BIRTH_DATE = "id_number.birth_date"
PRECISION_LOST = "id_number.precision_lost"

RESIDENT = "resident"
PERMIT = "permit"
PASSPORT = "passport"

LENGTH = 18
_FORM = re.compile(r"[0-9]{17}[0-9X]")
# Cyrillic Х/х, multiplication signs and stars that people type for X; the lower case x.
_X = str.maketrans(dict.fromkeys("xХх×✕✖╳⨯☓Χχ", "X"))
_SCIENTIFIC = re.compile(r"\d\.\d+E\+?\d+", re.IGNORECASE)
# Permanent residence cards before 2023 (three letters, twelve digits) and passports.
_OLD_PERMIT = re.compile(r"[A-Z]{3}\d{12}")
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{6,9}")
_MASKED = re.compile(r"[0-9A-Z]{0,3}\*{3,}[0-9A-Z]{0,4}")
EARLIEST_BIRTH = date(1900, 1, 1)


_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_SIGNS = "10X98765432"


@lru_cache(maxsize=20_000)
def _weight(digits: str, place: int) -> int:
    """What these digits at this place add to the sum; areas, years and days come again."""
    return sum(int(d) * w for d, w in zip(digits, _WEIGHTS[place:], strict=False))


def check_digit(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    total = _weight(first17[:6], 0) + _weight(first17[6:10], 6)
    total += _weight(first17[10:14], 10) + _weight(first17[14:17], 14)
    return _SIGNS[total % 11]


@lru_cache(maxsize=50_000)
def _born(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def mask(text: str) -> str:
    """The number as it may be shown: ``500***********1234``; shorter ones show less."""
    if len(text) >= 12:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    if len(text) >= 6:
        return text[:1] + "*" * (len(text) - 3) + text[-2:]
    return "*" * len(text)


def is_masked(text: str) -> bool:
    """Whether this is what :func:`mask` leaves of a number."""
    return _MASKED.fullmatch(text) is not None


def birth_date(number: str) -> date | None:
    """The date in digits 7-14; None when it isn't a real date or there is none."""
    return _born(number[6:14])


def is_male(number: str) -> bool | None:
    """Whether the 17th digit is odd; None for numbers that don't tell."""
    if not _FORM.fullmatch(number):
        return None
    return int(number[16]) % 2 == 1


def kind_of(number: str) -> str | None:
    """What kind of document has numbers of this form: resident, permit, passport, or None."""
    if _FORM.fullmatch(number):
        return PERMIT if number[0] == "9" or number[:2] in ("81", "82", "83") else RESIDENT
    if _OLD_PERMIT.fullmatch(number):
        return PERMIT
    if _PASSPORT.fullmatch(number):
        return PASSPORT
    return None


_OLD_RESIDENT = re.compile(r"[0-9]{15}")


def is_old_resident(number: str) -> bool:
    """Whether it is a number of fifteen digits (GB 11643-1989) with a real birth date in it."""
    return _OLD_RESIDENT.fullmatch(number) is not None and _born("19" + number[6:12]) is not None


def person_form(number: str) -> str:
    """What stands for the person: of a number of fifteen digits the eighteen that it became.

    A tidied number goes in. The rule of 1999 adds the century and the check digit, so both
    numbers are one person's; the record keeps the number that it was written with.
    """
    if not is_old_resident(number):
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_digit(first17)


def is_clean(text: str) -> bool:
    """Whether it has the form of a resident's number and needs no tidying."""
    return _FORM.fullmatch(text) is not None


def tidy(cell: Cell) -> tuple[str, Codes]:
    """(text, codes): no spaces, ASCII width, capital X. Digits are never touched."""
    text = cell if isinstance(cell, str) else cell_text(cell)
    if _FORM.fullmatch(text):
        return text, ()
    new, codes = strip_spaces(text)
    # An apostrophe before digits is the mark by which people tell Excel that it is text.
    bare = new.lstrip("'‘’`")
    if bare != new and not codes:
        codes = (SPACES,)
    narrowed, width = narrow(bare, everything=True)
    upper = narrowed.translate(_X).upper()
    return upper, (*codes, *width, *((CASE,) if upper != narrowed else ()))


def precision_lost(cell: Cell) -> bool:
    """Whether Excel destroyed the number: kept as a number of more than 15 digits.

    Judged by the cell's type, never by the digits: one destroyed number in eleven still passes
    the check digit.
    """
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return abs(cell) >= 10**15
    return isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip()) is not None


def problems(number: str, today: date) -> list[str]:
    """The code of the one fault at the root, or nothing, for a tidied 18-character number.

    The order matters: a date that can't be is the root of a check digit that doesn't fit.
    """
    if not _FORM.fullmatch(number):
        return [MALFORMED]
    born = birth_date(number)
    if born is None or not EARLIEST_BIRTH <= born <= today:
        return [BIRTH_DATE]
    if check_digit(number) != number[17]:
        return [CHECKSUM]
    return []


def is_adults(number: str, today: date) -> bool:
    """Whether this is the ID number of somebody old enough to work, typed in another column.

    Certificate numbers of 18 digits with region and date in them have recent years instead.
    """
    if problems(number, today):
        return False
    born = birth_date(number)
    return born is not None and born.year <= today.year - 14


# Between letters or digits it is a part of something longer: a digest, a token, a serial.
_WITHIN = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")


def holds_adults(text: str, today: date) -> bool:
    """Whether a whole ID number, by date and check digit, stands somewhere in the text."""
    if len(text) < LENGTH:
        return False
    return any(is_adults(match[0].upper(), today) for match in _WITHIN.finditer(text))
