"""Whether a QR code's text is a certificate's credential: pure, for every place that asks.

The page in the browser follows the same rules in JavaScript (static/credentials/verify.js); the
tests hold the two against each other.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from zhicheng.credentials import cbor, cose
from zhicheng.credentials.claims import Claims, ClaimsError, NewerVersion, read, write

MAX_TEXT = 4000
BEGINNING = b"\xd2\x84"  # a tagged COSE_Sign1 of four parts
_NARROW_DIGITS = {0xFF10 + digit: 0x30 + digit for digit in range(10)}


def _(text: str) -> str:
    """Marks a text for the translation that pages make; here there is none."""
    return text


class Reason(StrEnum):
    """Why a credential is refused."""

    NOT_A_CREDENTIAL = "not_a_credential"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    NEWER_VERSION = "newer_version"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    KEY_REVOKED = "key_revoked"
    KEY_NOT_IN_USE = "key_not_in_use"


REASONS: Mapping[Reason, str] = {
    Reason.NOT_A_CREDENTIAL: _("这不是职称证书的核验码。"),
    Reason.TRUNCATED: _("核验码不完整：内容在中途断了，请重新扫描。"),
    Reason.DAMAGED: _("核验码的内容已损坏或被改动。"),
    Reason.NEWER_VERSION: _("核验码的版本比本程序新，请更新后再核验。"),
    Reason.UNKNOWN_KEY: _("核验码的签名密钥不在公布的密钥清单中。"),
    Reason.BAD_SIGNATURE: _("签名不符：内容被改动过，或由别的密钥签名。"),
    Reason.KEY_REVOKED: _("签名所用的密钥在签名日期之前已作废。"),
    Reason.KEY_NOT_IN_USE: _("签名日期不在该密钥的使用期内。"),
}
CAUTION = _("签名所用的密钥后来作废，本证书签于作废日期之前。请联网查询证书现在的状态。")
LABELS: Mapping[str, str] = {
    "name": _("姓名"),
    "id_number_masked": _("身份证号码"),
    "qualification": _("资格名称"),
    "specialty": _("专业名称"),
    "number": _("证书编号"),
    "approval_date": _("批准时间"),
    "document_number": _("批准文号"),
    "issuer": _("发放单位"),
    "made_on": _("制证日期"),
    "issued_on": _("发证日期"),
    "blank_serial": _("空白证书编号"),
}


@dataclass(frozen=True)
class PublicKey:
    """A key as everybody may know it; both ends of its use are its last and first days."""

    key_id: bytes
    public: bytes
    valid_from: date
    valid_to: date | None = None
    revoked_from: date | None = None

    def objection(self, day: date) -> Reason | None:
        """Why it can't have signed on this day."""
        if self.revoked_from is not None and day >= self.revoked_from:
            return Reason.KEY_REVOKED
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return Reason.KEY_NOT_IN_USE
        return None


@dataclass(frozen=True)
class Verdict:
    """What was found: valid without a ``reason``; ``claims`` when a key of ours signed them.

    ``caution``: valid, but the key was revoked from a later day on.
    """

    reason: Reason | None
    claims: Claims | None = None
    key_id: bytes = b""
    caution: bool = False

    @property
    def valid(self) -> bool:
        """Whether the credential holds."""
        return self.reason is None


class KeysError(ValueError):
    """A list of keys that can't be used."""


def verify(text: str, keys: Iterable[PublicKey]) -> Verdict:
    """The verdict on a scanned or typed text; never raises, whatever the text is."""
    try:
        message = cose.take_apart(bytes_of(text))
    except _Refused as refused:
        return Verdict(refused.reason)
    except cose.OtherAlgorithm:
        return Verdict(Reason.NEWER_VERSION)
    except cbor.Truncated:
        return Verdict(Reason.TRUNCATED)
    except (cbor.CborError, cose.CoseError):
        return Verdict(Reason.DAMAGED)
    key = next((key for key in keys if key.key_id == message.key_id), None)
    if key is None:
        return Verdict(Reason.UNKNOWN_KEY, key_id=message.key_id)
    if not cose.is_signed_by(message, key.public):
        return Verdict(Reason.BAD_SIGNATURE, key_id=message.key_id)
    try:
        claims = read(message.payload)
    except NewerVersion:
        return Verdict(Reason.NEWER_VERSION, key_id=message.key_id)
    except (ClaimsError, cbor.CborError):
        return Verdict(Reason.DAMAGED, key_id=message.key_id)
    reason = key.objection(claims.signed_on)
    caution = reason is None and key.revoked_from is not None
    return Verdict(reason, claims, message.key_id, caution)


class _Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def bytes_of(text: str) -> bytes:
    """The message in a code's text: an address with it behind ``#``, or its digits alone."""
    if len(text) > MAX_TEXT:
        raise _Refused(Reason.NOT_A_CREDENTIAL)
    digits = "".join(text.rpartition("#")[2].split()).translate(_NARROW_DIGITS)
    try:
        data = cose.from_digits(digits)
    except cose.DigitsError as error:
        if not _begins(digits):
            raise _Refused(Reason.NOT_A_CREDENTIAL) from None
        raise _Refused(Reason.TRUNCATED if error.cut else Reason.DAMAGED) from None
    if not data.startswith(BEGINNING):
        raise _Refused(Reason.NOT_A_CREDENTIAL)
    return data


def _begins(digits: str) -> bool:
    try:
        return cose.from_digits(digits[: cose.GROUP_DIGITS]).startswith(BEGINNING)
    except cose.DigitsError:
        return False


def text_of(message: bytes, address: str) -> str:
    """What a QR code holds: ``address`` (``https://host/v/``), ``#``, the message's digits.

    What stands behind ``#`` stays in the browser: the server that the address names learns nothing.
    """
    return f"{address}#{cose.to_digits(message)}" if address else cose.to_digits(message)


def payload(claims: Claims) -> bytes:
    """What is signed."""
    return write(claims)


def publish(keys: Sequence[PublicKey], issuer: str = "") -> dict[str, Any]:
    """The keys as a JWK Set (RFC 7517, 8037) with the days of their use."""
    return {
        "issuer": issuer,
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "kid": key.key_id.hex(),
                "x": base64.urlsafe_b64encode(key.public).rstrip(b"=").decode(),
                "valid_from": key.valid_from.isoformat(),
                "valid_to": key.valid_to.isoformat() if key.valid_to else None,
                "revoked_from": key.revoked_from.isoformat() if key.revoked_from else None,
            }
            for key in keys
        ],
    }


def publish_cose(keys: Sequence[PublicKey]) -> bytes:
    """The same as a COSE_KeySet (RFC 9052, 7); the days under text labels."""
    return cbor.encode(
        [
            {
                1: 1,
                2: key.key_id,
                3: cose.EDDSA,
                -1: 6,
                -2: key.public,
                "valid_from": key.valid_from.isoformat(),
                "valid_to": key.valid_to.isoformat() if key.valid_to else None,
                "revoked_from": key.revoked_from.isoformat() if key.revoked_from else None,
            }
            for key in keys
        ]
    )


def parse_keys(text: str) -> list[PublicKey]:
    """The keys of a published list; raises KeysError naming what is wrong with it."""
    try:
        listed = json.loads(text)["keys"]
        if not isinstance(listed, list):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise KeysError("不是公布的密钥清单（JSON，含 keys）") from None
    return [_parse_key(position, entry) for position, entry in enumerate(listed, start=1)]


def _parse_key(position: int, entry: Any) -> PublicKey:
    try:
        if entry["kty"] != "OKP" or entry["crv"] != "Ed25519":
            raise KeysError(f"第 {position} 个密钥不是 Ed25519 公钥")
        public = base64.urlsafe_b64decode(str(entry["x"]) + "==")
        if len(public) != 32:
            raise ValueError
        return PublicKey(
            bytes.fromhex(entry["kid"]),
            public,
            date.fromisoformat(entry["valid_from"]),
            _day(entry.get("valid_to")),
            _day(entry.get("revoked_from")),
        )
    except (TypeError, KeyError, AttributeError, binascii.Error, ValueError) as error:
        if isinstance(error, KeysError):
            raise
        raise KeysError(f"第 {position} 个密钥不完整或有误") from None


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)
