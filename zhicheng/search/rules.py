"""What a typed text may mean: a number, a name, letters of a name, an ID number. Pure."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.id_number import (
    LENGTH,
    is_clean,
    is_old_resident,
    kind_of,
    person_form,
    problems,
)
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.values.text import has_han, tidy_text

LONGEST = 60
SHORTEST_NUMBER = 4  # of a number that is looked up by its beginning
LONGEST_INITIALS = 10
LONGEST_SYLLABLE = 6
SHORTEST_ABBREVIATION = 3  # of a unit's name whose characters stand in it one after the other
MOST_SPLITS = 12
WRONG_LENGTH = "id_number.length"

_LETTERS = re.compile(r"[a-z]+")
_SERIAL = re.compile(r"[0-9]{1,12}")
_NUMBER = re.compile(r"[0-9A-Za-z-]+")
# What input methods and word processors make of a hyphen.
_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
)
# 17 to 19 figures, the last one perhaps an X: what becomes of an ID number by a slip of the hand.
_ID_LIKE = re.compile(r"[0-9]{16,18}[0-9X]")
_GAPS = re.compile(r"[\s.·_-]")
# The product's own numbers: two letters and a year, then figures and, of receipts, a check sign.
_OWN = re.compile(r"([A-Z]{2}(?:19|20)[0-9]{2})([0-9]*[0-9A-Z]?)")
_RECEIPT_FIGURES = 9
_YEAR = re.compile(
    r"(?P<sign>\D*?)[\s-]*(?P<year>(?:19|20)\d\d)(?:年|\s|-)*第?0*(?P<number>[1-9]\d{0,5})(?P<end>号?)"
)


@dataclass(frozen=True)
class Name:
    """Names whose initials and spelling begin so and, of typed characters, that are written so."""

    initials: str
    spelled: str = ""
    written: str = ""


@dataclass(frozen=True)
class Asked:
    """A text and how it can be read; its repr tells nothing, it could be an ID number."""

    text: str = field(repr=False)
    # As it stands in the blind indexes: of fifteen digits the eighteen that they became.
    id_number: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    serial: int | None = field(default=None, repr=False)
    letters: tuple[Name, ...] = field(default=(), repr=False)
    name: str = field(default="", repr=False)
    # Of what is nearly an ID number: the code of its fault, as ``values.id_number`` has them.
    fault: str = ""
    figures: int = 0  # how many it has

    @property
    def beginnings(self) -> Sequence[str]:
        """How the number may begin: as typed, in capitals, as the product writes it."""
        if not self.number:
            return ()
        written = own_number(self.number)
        return tuple(dict.fromkeys((self.number, self.number.upper(), *written)))

    @property
    def documents(self) -> Sequence[str]:
        """What numbers of documents may hold, if these were meant."""
        if self.letters or not any(sign.isdigit() for sign in self.text):
            return ()
        return document_numbers(self.text)

    @property
    def abbreviated(self) -> str:
        """What names that this may be short for look like: 市卫健委 for 重庆市卫生健康委员会."""
        if len(self.name) < SHORTEST_ABBREVIATION:
            return ""
        return ".*".join(re.escape(sign) for sign in self.name)

    @property
    def other_number(self) -> "Asked | None":
        """Read as no ID number: what has the form of a passport's may be a certificate's."""
        return replace(self, id_number="") if self.id_number and self.number else None

    @property
    def nothing(self) -> bool:
        """Whether there is too little to search for."""
        return len(self.text) < 2 and not has_han(self.text)


def read(text: str, syllables: Set[str], today: date) -> Asked:
    """What the text may mean.

    Eighteen signs with a right date and check digit are an ID number and nothing else. With a
    fault in them, or one sign more or less, they are nobody's number: they may be a certificate's.
    A passport, a permit of old and the fifteen digits of before 1999 have forms that certificate
    numbers have, too, so they are both.
    """
    plain = tidy_text(text[: LONGEST * 2])[0].strip()[:LONGEST]
    bare = re.sub(r"\s", "", plain.translate(_DASHES))
    figures = tidy_id_number(_GAPS.sub("", bare))[0]
    fault = _fault(figures, today) if _ID_LIKE.fullmatch(figures) else ""
    if is_clean(figures) and not fault:
        return Asked(plain, id_number=figures)
    # Numbers of old certificates have characters before their figures: 渝卫98-0417.
    numbered = _NUMBER.fullmatch(bare) or has_han(bare)
    number = bare if numbered and len(bare) >= SHORTEST_NUMBER else ""
    if fault:
        return Asked(plain, number=number, fault=fault, figures=len(figures))
    serial = int(bare) if _SERIAL.fullmatch(bare) else None
    letters = re.sub(r"[\s'’·-]", "", plain.lower().replace("ü", "v"))
    if not _LETTERS.fullmatch(letters):
        letters = ""
    id_number = tidy_id_number(plain)[0]
    if kind_of(id_number) is not None or is_old_resident(id_number):
        return Asked(plain, id_number=person_form(id_number), number=bare, serial=serial)
    return Asked(
        plain,
        number=number if any(sign.isdigit() for sign in number) else "",
        serial=serial,
        letters=tuple(names_of(letters, syllables)) if letters else (),
        name=tidy_name(plain)[0] if has_han(plain) else "",
    )


def _fault(figures: str, today: date) -> str:
    if len(figures) != LENGTH:
        return WRONG_LENGTH
    return next(iter(problems(figures, today)), "")


def own_number(text: str) -> Sequence[str]:
    """How the product writes the number that was typed without its hyphens, if it is its own."""
    match = _OWN.fullmatch(text.upper().replace("-", ""))
    if match is None:
        return ()
    head, rest = match.groups()
    if not rest:
        return (head,)
    written = [f"{head}-{rest}"] if rest.isdigit() else []
    if len(rest) > _RECEIPT_FIGURES:
        written.append(f"{head}-{rest[:-1]}-{rest[-1]}")
    return tuple(written)


def document_numbers(text: str) -> Sequence[str]:
    """Tidied, and with the year in brackets where it was typed without: 渝职改办2026年31号."""
    tidied = tidy_document_number(text)[0]
    match = _YEAR.fullmatch(tidy_text(text.translate(_DASHES))[0])
    # Figures alone are numbers of certificates and blanks.
    if match is None or not has_han(text):
        return (tidied,)
    written = f"{match['sign'].strip()}〔{match['year']}〕{match['number']}{match['end']}"
    return tuple(dict.fromkeys((tidied, written)))


def names_of(letters: str, syllables: Set[str]) -> Iterator[Name]:
    """As initials, and as syllables of which the last may be unfinished.

    Text that is no pinyin is a foreign name, whose letters are its initials and its spelling.
    """
    if len(letters) <= LONGEST_INITIALS:
        yield Name(letters)
    heads = _splits(letters, syllables)
    for head in heads:
        if head != letters:
            yield Name(head, letters)
    if not heads and len(letters) > LONGEST_INITIALS:
        yield Name(letters, letters)


def _beginnings(syllables: Set[str]) -> Set[str]:
    return {one[:length] for one in syllables for length in range(1, len(one) + 1)}


def _splits(letters: str, syllables: Set[str]) -> Sequence[str]:
    """The first letters of the ways to cut the letters into syllables, long ones first, each once.

    From the end on, so that each end is cut once, however many ways lead to it. An end hands on
    as many as are wanted of the whole: what comes later in it comes too late in every text.
    """
    beginnings = _beginnings(syllables)
    ends: list[Sequence[str]] = [()] * len(letters)
    for start in range(len(letters) - 1, -1, -1):
        initial, found = letters[start], dict[str, None]()
        if letters[start:] in beginnings:
            found[initial] = None
        for length in range(min(LONGEST_SYLLABLE, len(letters) - start - 1), 0, -1):
            if letters[start : start + length] in syllables:
                found |= {initial + rest: None for rest in ends[start + length]}
        ends[start] = tuple(found)[:MOST_SPLITS]
    return ends[0]
