"""Signed tree heads as checkpoints: text that a person can read and many tools understand. Pure.

The format is C2SP's tlog-checkpoint inside a signed note with an Ed25519 signature (type 0x01):

    zs.example.gov.cn/log            the log's name
    20852                            how many leaves
    bpcTWmwGHJ...=                   the root, base64
    time 2026-11-26T03:00:00Z        when it was signed
    audit 51200 9f3a...              the last event of the audit chain, so that it is anchored too

    — zs.example.gov.cn/log 4Zk...=  the key's hash and the signature, base64
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from zhicheng.credentials.rules import PublicKey

ED25519 = b"\x01"
MAX_TEXT = 4000
_CHINA = timezone(timedelta(hours=8))  # in which the days of the keys are meant, wherever read
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


class CheckpointError(ValueError):
    """The text is no checkpoint, or no known key signed it."""


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: name of the log, number of leaves, root, moment, the audit chain's end."""

    origin: str
    size: int
    root: bytes
    at: datetime
    audit: tuple[int, str] = (0, "")

    def text(self) -> str:
        """What is signed."""
        sequence, digest = self.audit
        lines = [
            self.origin,
            str(self.size),
            base64.b64encode(self.root).decode(),
            f"time {self.at.astimezone(UTC).strftime(_TIME)}",
        ]
        if digest:
            lines.append(f"audit {sequence} {digest}")
        return "\n".join(lines) + "\n"


def key_hash(origin: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return sha256(origin.encode() + b"\n" + ED25519 + public).digest()[:4]


def sign(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """The signed note."""
    text = checkpoint.text()
    public = private.public_key().public_bytes_raw()
    blob = key_hash(checkpoint.origin, public) + private.sign(text.encode())
    return f"{text}\n— {checkpoint.origin} {base64.b64encode(blob).decode()}\n"


def verify(note: str, keys: Iterable[PublicKey]) -> Checkpoint:
    """The checkpoint of a signed note; raises CheckpointError when no key of ``keys`` signed it.

    The key must have been in use on the day that the checkpoint names.
    """
    found, text, signatures = _take_apart(note)
    day = found.at.astimezone(_CHINA).date()
    for key in keys:
        wanted = key_hash(found.origin, key.public)
        for blob in signatures:
            if blob[:4] != wanted:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], text.encode())
            except InvalidSignature:
                raise CheckpointError("签名不符：内容被改动过") from None
            if key.objection(day) is not None:
                raise CheckpointError("签名日期不在该密钥的使用期内")
            return found
    raise CheckpointError("没有已公布密钥的签名")


def read(note: str) -> Checkpoint:
    """What a note says, whoever signed it."""
    return _take_apart(note)[0]


def _take_apart(note: str) -> tuple[Checkpoint, str, list[bytes]]:
    text, blank, below = note.partition("\n\n")
    if len(note) > MAX_TEXT or not blank:
        raise CheckpointError("不是日志检查点")
    lines = text.split("\n")
    extra = dict(line.partition(" ")[::2] for line in lines[3:])
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
        at = datetime.strptime(extra["time"], _TIME).replace(tzinfo=UTC)
        sequence, _, digest = extra.get("audit", "0 ").partition(" ")
        signatures = [
            base64.b64decode(line.removeprefix(f"— {origin} "), validate=True)
            for line in below.split("\n")
            if line.startswith(f"— {origin} ")
        ]
        if not _SIZE.fullmatch(size) or len(root) != 32 or not origin or at.year > 9000:
            raise ValueError("shape")
        found = Checkpoint(origin, int(size), root, at, (int(sequence), digest))
    except (IndexError, KeyError, ValueError, binascii.Error):
        raise CheckpointError("不是日志检查点") from None
    return found, text + "\n", [blob for blob in signatures if len(blob) == 68]
