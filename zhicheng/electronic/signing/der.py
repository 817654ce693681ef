"""DER (X.690) as far as a signature needs it: encoding from the inside out.

A general library builds an object for every node, which costs several times what the signature
itself does; these few functions cost next to nothing. Reading is left to the library.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

NULL = b"\x05\x00"


def tagged(tag: int, content: bytes) -> bytes:
    """A value with its tag and length."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*items: bytes) -> bytes:
    """SEQUENCE."""
    return tagged(0x30, b"".join(items))


def set_of(items: Iterable[bytes]) -> bytes:
    """SET OF: in the order of the encodings, as DER wants it."""
    return tagged(0x31, b"".join(sorted(items)))


def implicit(number: int, encoded: bytes) -> bytes:
    """The constructed value under a context tag in place of its own."""
    return bytes((0xA0 | number,)) + encoded[1:]


def explicit(number: int, encoded: bytes) -> bytes:
    """The value within a context tag."""
    return tagged(0xA0 | number, encoded)


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tagged(0x04, value)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return tagged(0x06, bytes(content))


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime in UTC, with milliseconds where there are any (RFC 3161: no final zeros)."""
    utc = moment.astimezone(UTC)
    fraction = f"{utc.microsecond // 1000:03d}".rstrip("0")
    text = utc.strftime("%Y%m%d%H%M%S") + (f".{fraction}" if fraction else "") + "Z"
    return tagged(0x18, text.encode())
