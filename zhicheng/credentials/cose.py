"""COSE_Sign1 (RFC 9052) with Ed25519, and the digits in which it stands in a QR code.

Digits alone: they take the least room there (ten bits for three), every scanner hands them on
unharmed, keyboard wedges and Chinese input methods type them, and they need no escaping in an
address. Seven bytes are seventeen digits.
"""

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from zhicheng.credentials import cbor

TAG = 18
ALGORITHM, KEY_ID = 1, 4  # labels of the header
EDDSA = -8  # what COSE libraries know; RFC 9864's -19 names the same signature
SIGNATURE_BYTES = 64
MAX_BYTES = 1000
GROUP_BYTES, GROUP_DIGITS = 7, 17
# Digits for the bytes of the last group, by their number.
DIGITS = {size: len(str((1 << 8 * size) - 1)) for size in range(1, GROUP_BYTES + 1)}
BYTES = {digits: size for size, digits in DIGITS.items()}


class CoseError(ValueError):
    """The bytes are no COSE_Sign1 of this form."""


class OtherAlgorithm(CoseError):
    """It is one, signed by an algorithm that this version doesn't know."""


class DigitsError(ValueError):
    """The text isn't such digits; ``cut`` when only its end is missing."""

    def __init__(self, cut: bool) -> None:
        super().__init__("not the digits of a credential")
        self.cut = cut


@dataclass(frozen=True)
class Sign1:
    """A COSE_Sign1 taken apart; ``payload`` not yet looked into."""

    protected: bytes
    key_id: bytes
    payload: bytes
    signature: bytes


def sign(payload: bytes, key_id: bytes, key: Ed25519PrivateKey) -> bytes:
    """The tagged COSE_Sign1 over the payload."""
    protected = cbor.encode({ALGORITHM: EDDSA, KEY_ID: key_id})
    signature = key.sign(_signed(protected, payload))
    return cbor.head(6, TAG) + cbor.encode([protected, {}, payload, signature])


def take_apart(data: bytes) -> Sign1:
    """The parts of a tagged COSE_Sign1; raises CoseError, CborError or Truncated."""
    if len(data) > MAX_BYTES:
        raise CoseError("too long")
    reader = cbor.Reader(data)
    if reader.head() != (6, TAG):
        raise CoseError("no COSE_Sign1")
    value = reader.value()
    reader.end()
    if not isinstance(value, list) or len(value) != 4:
        raise CoseError("no COSE_Sign1")
    protected, unprotected, payload, signature = value
    if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, payload)):
        raise CoseError("no COSE_Sign1")
    header: Any = cbor.decode(protected)
    if not isinstance(header, dict) or not isinstance(header.get(KEY_ID), bytes):
        raise CoseError("the key is not named")
    if header.get(ALGORITHM) != EDDSA or len(header) != 2:
        raise OtherAlgorithm("signed by another algorithm")
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise CoseError("no signature of Ed25519")
    return Sign1(protected, header[KEY_ID], payload, signature)


def is_signed_by(message: Sign1, public_key: bytes) -> bool:
    """Whether the key made the signature."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(message.signature, _signed(message.protected, message.payload))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(protected: bytes, payload: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, b"", payload])


def to_digits(data: bytes) -> str:
    """The digits of the bytes."""
    groups = []
    for at in range(0, len(data), GROUP_BYTES):
        group = data[at : at + GROUP_BYTES]
        groups.append(str(int.from_bytes(group, "big")).zfill(DIGITS[len(group)]))
    return "".join(groups)


def from_digits(text: str) -> bytes:
    """The bytes of such digits; raises DigitsError."""
    if not text.isascii() or not text.isdigit():
        raise DigitsError(cut=False)
    groups = []
    for at in range(0, len(text), GROUP_DIGITS):
        group = text[at : at + GROUP_DIGITS]
        size = BYTES.get(len(group))
        if size is None:
            raise DigitsError(cut=True)
        value = int(group)
        if value >= 1 << 8 * size:
            # The last group may be a cut one that looks like fewer bytes.
            raise DigitsError(cut=size < GROUP_BYTES)
        groups.append(value.to_bytes(size, "big"))
    return b"".join(groups)
