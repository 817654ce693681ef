"""What a typed text may mean: a number, a name, letters of a name, an ID number. Pure."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from zhicheng.values.id_number import is_clean, is_old_resident, kind_of, person_form
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.values.text import has_han, tidy_text

LONGEST = 60
SHORTEST_NUMBER = 4  # of a number that is looked up by its beginning
LONGEST_INITIALS = 10
LONGEST_SYLLABLE = 6
MOST_SPLITS = 12

_LETTERS = re.compile(r"[a-z]+")
_SERIAL = re.compile(r"[0-9]{1,12}")
_NUMBER = re.compile(r"[0-9A-Za-z-]+")


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

    @property
    def other_number(self) -> "Asked | None":
        """Read as no ID number: what has the form of a passport's may be a certificate's."""
        return replace(self, id_number="") if self.id_number and self.number else None

    @property
    def nothing(self) -> bool:
        """Whether there is too little to search for."""
        return len(self.text) < 2 and not has_han(self.text)


def read(text: str, syllables: Set[str]) -> Asked:
    """What the text may mean.

    Eighteen signs are an ID number and nothing else. A passport, a permit of old and the fifteen
    digits of before 1999 have forms that certificate numbers have, too, so they are both.
    """
    plain = tidy_text(text[: LONGEST * 2])[0].strip()[:LONGEST]
    id_number = tidy_id_number(plain)[0]
    if is_clean(id_number):
        return Asked(plain, id_number=id_number)
    bare = re.sub(r"\s", "", plain)
    # Numbers of old certificates have characters before their figures: 渝卫98-0417.
    numbered = _NUMBER.fullmatch(bare) or has_han(bare)
    number = bare if numbered and len(bare) >= SHORTEST_NUMBER else ""
    serial = int(bare) if _SERIAL.fullmatch(bare) else None
    letters = re.sub(r"[\s'’·-]", "", plain.lower().replace("ü", "v"))
    if not _LETTERS.fullmatch(letters):
        letters = ""
    if kind_of(id_number) is not None or is_old_resident(id_number):
        return Asked(plain, id_number=person_form(id_number), number=bare, serial=serial)
    return Asked(
        plain,
        number=number if any(sign.isdigit() for sign in number) else "",
        serial=serial,
        letters=tuple(names_of(letters, syllables)) if letters else (),
        name=tidy_name(plain)[0] if has_han(plain) else "",
    )


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
