"""The elements of a numbering pattern, and what the languages of two patterns share; pure.

A pattern is fixed text with elements in braces: ``渝{年}{等级}{流水5}{校验}``. Each element is a
few alternatives, each alternative a sequence of character sets, so that a pattern is a small
automaton: whether a number can be read in two ways, and whether two units' rules can make the same
number, are decided exactly, not by rules of thumb.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import ascii_uppercase, digits

Alternative = tuple[frozenset[str], ...]
DIGITS = frozenset(digits)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|([^{}]+)|(.)")
_SEQUENCE = re.compile(r"流水(\d{1,2})")
LONGEST_SEQUENCE = 9


class Part(StrEnum):
    """What an element stands for."""

    TEXT = "text"
    YEAR = "year"
    REGION = "region"
    UNIT = "unit"
    GRADE = "grade"
    SEQUENCE = "sequence"
    CHECK = "check"


_NAMED = {
    "年": (Part.YEAR, 4),
    "年2": (Part.YEAR, 2),
    "区县": (Part.REGION, 6),
    "单位": (Part.UNIT, 0),
    "等级": (Part.GRADE, 0),
    "校验": (Part.CHECK, 1),
}


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of a pattern: ``text`` for fixed text, ``width`` in characters where it has one."""

    part: Part
    text: str = ""
    width: int = 0


class BadPattern(ValueError):
    """The pattern can't be read; the message says why, in Chinese."""


def read_pattern(pattern: str) -> list[Element]:
    """The elements of a pattern; raises BadPattern."""
    found = []
    for match in _PLACEHOLDER.finditer(pattern):
        name, text, stray = match.groups()
        if stray is not None:
            raise BadPattern("花括号须成对，例如 {流水5}")
        if text is not None:
            found.append(Element(Part.TEXT, text))
            continue
        sequence = _SEQUENCE.fullmatch(name)
        if sequence is not None:
            found.append(Element(Part.SEQUENCE, width=int(sequence[1])))
        elif name in _NAMED:
            part, width = _NAMED[name]
            found.append(Element(part, width=width))
        else:
            raise BadPattern(
                f"不认识的部分“{{{name}}}”，可用 {{年}}、{{年2}}、{{区县}}、{{单位}}、{{等级}}、"
                "{流水5}、{校验}"
            )
    return found


def fixed(text: str) -> list[Alternative]:
    """Exactly this text."""
    return [tuple(frozenset(char) for char in text)]


def one_of(texts: Sequence[str]) -> list[Alternative]:
    """One of these texts."""
    return [alternative for text in texts for alternative in fixed(text)]


def any_digits(width: int) -> list[Alternative]:
    """So many digits."""
    return [(DIGITS,) * width]


def counted(width: int, *, leading_zeros: bool) -> list[Alternative]:
    """A running number: of this width with leading zeros, or of up to so many digits."""
    if leading_zeros:
        return any_digits(width)
    return [(DIGITS - {"0"}, *(DIGITS,) * (length - 1)) for length in range(1, width + 1)]


def year(width: int) -> list[Alternative]:
    """A year of this or the last century with four digits, or its last two."""
    return [*one_century("19"), *one_century("20")] if width == 4 else any_digits(2)


def one_century(century: str) -> list[Alternative]:
    """The hundred years that begin so."""
    return [(*fixed(century)[0], DIGITS, DIGITS)]


CHECK_CHARACTERS = {
    "mod_11_2": DIGITS | {"X"},
    "luhn": DIGITS,
    "mod_37_36": DIGITS | set(ascii_uppercase),
}
# The ID number of somebody, as far as its form tells (GB 11643).
ID_NUMBER_LANGUAGE: list[list[Alternative]] = [
    any_digits(6),
    year(4),
    [(frozenset("01"), DIGITS, frozenset("0123"), DIGITS)],
    [(DIGITS, DIGITS, DIGITS, DIGITS | {"X"})],
]
Language = Sequence[Sequence[Alternative]]
# A place in a language: (element, alternative, offset); offset 0 means between two elements.
_Place = tuple[int, int, int]


def _steps(language: Language, place: _Place) -> Iterator[tuple[frozenset[str], _Place]]:
    """Every character set that may follow, and the place after it."""
    element, taken, offset = place
    if element == len(language):
        return
    for index, alternative in enumerate(language[element]):
        if offset and index != taken:
            continue
        last = offset + 1 == len(alternative)
        yield alternative[offset], (element + 1, 0, 0) if last else (element, index, offset + 1)


def ambiguous(language: Language) -> str:
    """A text that can be read in two ways; empty where every text has one reading."""
    start: _Place = (0, 0, 0)
    end: _Place = (len(language), 0, 0)
    seen = {(start, start, False)}
    waiting = [(start, start, False, "")]
    while waiting:
        left, right, parted, text = waiting.pop()
        if parted and left == right == end:
            return text
        for first, (chars, left_next) in enumerate(_steps(language, left)):
            for second, (others, right_next) in enumerate(_steps(language, right)):
                shared = chars & others
                now = parted or left != right or first != second
                state = (left_next, right_next, now)
                if shared and state not in seen:
                    seen.add(state)
                    waiting.append((*state, text + min(shared)))
    return ""


def shared(one: Language, other: Language) -> str:
    """A text that both languages hold; empty where they have none in common."""
    start: tuple[_Place, _Place] = ((0, 0, 0), (0, 0, 0))
    end = ((len(one), 0, 0), (len(other), 0, 0))
    seen = {start}
    waiting = [(start, "")]
    while waiting:
        (left, right), text = waiting.pop()
        if (left, right) == end:
            return text
        for chars, left_next in _steps(one, left):
            for others, right_next in _steps(other, right):
                both = chars & others
                if both and (left_next, right_next) not in seen:
                    seen.add((left_next, right_next))
                    waiting.append(((left_next, right_next), text + min(both)))
    return ""


def expression(alternatives: Sequence[Alternative]) -> str:
    """The alternatives as a regular expression."""
    return "|".join("".join(_character(chars) for chars in one) for one in alternatives)


def _character(chars: frozenset[str]) -> str:
    if chars == DIGITS:
        return "[0-9]"
    if len(chars) == 1:
        return re.escape(min(chars))
    return f"[{re.escape(''.join(sorted(chars)))}]"
