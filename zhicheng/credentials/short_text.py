"""Chinese texts in few bytes: two for a character or for one of 1,800 words of the field.

UTF-8 takes three bytes a character; with it the names of an office, a specialty and a long name
don't fit a QR code that prints well on a certificate. One unit after the other:

| first byte | then | means |
|---|---|---|
| 00-7F | | this ASCII character |
| 80-FE | one byte | number ``(first - 0x80) * 256 + second``: below 20,992 the character \
U+4E00 + number, from there on the word of line ``number - 20,992`` of ``words-1.txt`` |
| FF | three bytes | the character with this code point |

The list of words belongs to the format: it is never changed, only followed by another under a new
version of the credential. Names are kept to the character; nothing is normalised.
"""

from functools import cache, lru_cache
from pathlib import Path

WORDS_FILE = Path(__file__).resolve().parent / "static" / "credentials" / "words-1.txt"
FIRST, CHARACTERS = 0x4E00, 20_992


class ShortTextError(ValueError):
    """The bytes are no text of this form."""


@cache
def words() -> tuple[str, ...]:
    """The list, in its order."""
    return tuple(WORDS_FILE.read_text("utf-8").splitlines())


@cache
def _units() -> dict[str, bytes]:
    return {word: _pair(CHARACTERS + number) for number, word in enumerate(words())}


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """How long the words are that begin with a character, the longest first."""
    found: dict[str, set[int]] = {}
    for word in words():
        found.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def _pair(number: int) -> bytes:
    return bytes((0x80 + (number >> 8), number & 0xFF))


@lru_cache(maxsize=4096)
def shorten(text: str) -> bytes:
    """The bytes of a text: at each place the longest word, else the character."""
    units, lengths = _units(), _lengths()
    parts = []
    at, end = 0, len(text)
    while at < end:
        for length in lengths.get(text[at], ()):
            unit = units.get(text[at : at + length])
            if unit is not None:
                parts.append(unit)
                at += length
                break
        else:
            code = ord(text[at])
            if code < 0x80:
                parts.append(bytes((code,)))
            elif FIRST <= code < FIRST + CHARACTERS:
                parts.append(_pair(code - FIRST))
            else:
                parts.append(b"\xff" + code.to_bytes(3, "big"))
            at += 1
    return b"".join(parts)


def restore(data: bytes) -> str:
    """The text of such bytes; raises ShortTextError."""
    signs = []
    at, end = 0, len(data)
    while at < end:
        first = data[at]
        size = 1 if first < 0x80 else 2 if first < 0xFF else 4
        if at + size > end:
            raise ShortTextError("a unit is cut off")
        if size == 1:
            signs.append(chr(first))
        elif size == 2:
            signs.append(_word((first - 0x80) << 8 | data[at + 1]))
        else:
            code = int.from_bytes(data[at + 1 : at + 4], "big")
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise ShortTextError("no such character")
            signs.append(chr(code))
        at += size
    return "".join(signs)


def _word(number: int) -> str:
    if number < CHARACTERS:
        return chr(FIRST + number)
    if number - CHARACTERS >= len(words()):
        raise ShortTextError("no such word")
    return words()[number - CHARACTERS]
