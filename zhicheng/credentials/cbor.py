"""The part of CBOR that a credential uses, in its one deterministic form (RFC 8949, 4.2).

Whole numbers, bytes, texts, arrays, maps, true, false and null; lengths stated, shortest heads,
the keys of a map in order and once. Whatever else stands in the bytes of a stranger's QR code is
refused before anything is made of it. A general decoder acts on tags (dates, regular expressions,
shared references) before we see them, and takes several forms for the same value.
"""

from typing import Any

MAX_DEPTH, MAX_ITEMS = 4, 32


class CborError(ValueError):
    """The bytes aren't what this reader takes."""


class Truncated(CborError):
    """The bytes end too early."""


def head(major: int, value: int) -> bytes:
    """A major type with its number in the shortest form."""
    if value < 24:
        return bytes((major << 5 | value,))
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes((major << 5 | extra,)) + value.to_bytes(size, "big")
    raise ValueError("the number is too large")


def encode(value: Any) -> bytes:
    """The value's bytes; ValueError for a kind that isn't used here."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode("utf-8")
        return head(3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise ValueError(f"no CBOR for {type(value).__name__}")


def decode(data: bytes) -> Any:
    """The one value that the bytes are; raises CborError."""
    reader = Reader(data)
    value = reader.value()
    reader.end()
    return value


class Reader:
    """Reads values one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def end(self) -> None:
        """Raises CborError when bytes are left."""
        if self._at != len(self._data):
            raise CborError("bytes follow the value")

    def head(self) -> tuple[int, int]:
        """The next major type and its number."""
        first = self._take(1)[0]
        major, value = first >> 5, first & 31
        if value < 24:
            return major, value
        if value > 27:
            raise CborError("a length is not stated")
        size = 1 << (value - 24)
        value = int.from_bytes(self._take(size), "big")
        if value < (24 if size == 1 else 1 << 4 * size):
            raise CborError("a number is longer than it need be")
        return major, value

    def value(self, depth: int = 0) -> Any:
        """The next value."""
        if depth > MAX_DEPTH:
            raise CborError("nested too deep")
        major, number = self.head()
        match major:
            case 0:
                return number
            case 1:
                return -1 - number
            case 2:
                return self._take(number)
            case 3:
                return self._text(number)
            case 4:
                return [self.value(depth + 1) for _ in range(self._counted(number))]
            case 5:
                return self._map(self._counted(number), depth)
            case 7 if number in (20, 21, 22):
                return {20: False, 21: True, 22: None}[number]
        raise CborError("a kind of value that isn't used")

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        before = b""
        for _ in range(size):
            start = self._at
            key = self.value(depth + 1)
            written = self._data[start : self._at]
            if not isinstance(key, int | str) or isinstance(key, bool) or written <= before:
                raise CborError("the keys of a map are out of order")
            before = written
            found[key] = self.value(depth + 1)
        return found

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise CborError("a text is not UTF-8") from None

    def _counted(self, size: int) -> int:
        if size > MAX_ITEMS:
            raise CborError("too many items")
        return size

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise Truncated("the bytes end too early")
        taken = self._data[self._at : end]
        self._at = end
        return taken
