"""Certificates that aren't to be relied on: a list to take along, signed by the credentials' key.

It says numbers, standing and days, nothing of any person.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.utils import timezone

from zhicheng.api import feed
from zhicheng.api.records import FIELDS, TABLES, seen_by
from zhicheng.credentials import cbor, cose, keeping
from zhicheng.credentials.queries import active_key, publisher
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Refusal

VERSION = 1
STATUS = dict(FIELDS)["status"]
CODES = {"lost": 1, "void": 2, "replaced": 3}


@dataclass(frozen=True)
class Revoked:
    """One line of the list."""

    number: str
    status: str
    since: datetime
    replaced_by: str | None


class NoSignature(Refusal):
    """There is no key to sign with."""

    status = 503


def revoked(account: Account) -> tuple[int, list[Revoked]]:
    """The feed's position and every lost or void certificate that the account may see."""
    feed.number_changes()
    position = feed.head()
    condition, parameters = seen_by(account)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.number, {STATUS}, coalesce(c.voided_at, c.lost_at), s.number FROM {TABLES}"
            f" WHERE (c.voided_at IS NOT NULL OR c.lost_at IS NOT NULL) AND {condition}"
            " ORDER BY c.number",
            parameters,
        )
        return position, [Revoked(*row) for row in cursor.fetchall()]


def as_json(account: Account) -> dict[str, Any]:
    """The list as JSON values."""
    position, lines = revoked(account)
    return {
        "issuer": publisher(),
        "made_at": timezone.now().isoformat(),
        "position": position,
        "revocations": [
            {
                "number": line.number,
                "status": line.status,
                "since": line.since.isoformat(),
                "replaced_by": line.replaced_by,
            }
            for line in lines
        ],
    }


def as_jws(account: Account) -> dict[str, str]:
    """The list as a flattened JWS."""
    key_id, private = _signer()
    header = {"alg": "EdDSA", "kid": key_id, "typ": "zhicheng-revocations+json"}
    payload = _base64(json.dumps(as_json(account), ensure_ascii=False).encode())
    protected = _base64(json.dumps(header).encode())
    signature = private.sign(f"{protected}.{payload}".encode())
    return {"payload": payload, "protected": protected, "signature": _base64(signature)}


def as_cose(account: Account) -> bytes:
    """The list as a COSE_Sign1 over CBOR: [version, made at, position, [[number, code, since]]]."""
    key_id, private = _signer()
    position, lines = revoked(account)
    payload = cbor.encode(
        [
            VERSION,
            int(timezone.now().timestamp()),
            position,
            [[line.number, CODES[line.status], int(line.since.timestamp())] for line in lines],
        ]
    )
    return cose.sign(payload, bytes.fromhex(key_id), private)


def _signer() -> tuple[str, Ed25519PrivateKey]:
    key = active_key()
    if key is None:
        raise NoSignature(
            "credential.no_key",
            "没有使用中的签名密钥，清单无法签名。",
            clause="N18",
            mend="请市职改办负责人在“签名密钥”页面生成密钥。",
        )
    return key.key_id, keeping.load(key)


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
