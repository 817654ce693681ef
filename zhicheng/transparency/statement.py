"""What a leaf of the log says, and how it says it without telling: pure.

The public leaf is a commitment: the SHA-256 of sixteen random bytes and the statement. Who has the
statement and its salt (the holder, whoever asked with name and number) can show that it stands in
the log; who has only the log learns nothing of anybody.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256

SALT_BYTES = 16
VERSION = 1


def _(text: str) -> str:
    """Marks a text for the translation that pages make; here there is none."""
    return text


class Kind(StrEnum):
    """What became of the certificate."""

    ISSUED = "issued"
    LOST = "lost"
    FOUND = "found"
    VOIDED = "voided"


KINDS: Mapping[Kind, str] = {
    Kind.ISSUED: _("发放"),
    Kind.LOST: _("报失"),
    Kind.FOUND: _("找回"),
    Kind.VOIDED: _("作废"),
}


@dataclass(frozen=True)
class Statement:
    """One thing that happened to one certificate; ``at`` is a moment with its zone."""

    kind: Kind
    at: datetime
    number: str
    name: str
    id_number_masked: str
    qualification: str
    specialty: str
    approval_date: date
    document_number: str
    issuer: str

    def text(self) -> str:
        """The statement as canonical JSON: keys sorted, no spaces, the moment in UTC."""
        told = asdict(self)
        told["v"] = VERSION
        told["kind"] = self.kind.value
        told["at"] = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told["approval_date"] = self.approval_date.isoformat()
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def commitment(salt: bytes, text: str) -> bytes:
    """The leaf: 32 bytes that hold the statement fast and don't tell it."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return sha256(salt + text.encode()).digest()
