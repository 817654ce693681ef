"""ID numbers at rest: encrypted, with a keyed blind index for look-up (design: data protection).

A stored value is ``version byte | key id length | key id | nonce (12) | ciphertext and tag``, so
that every value names its algorithm and key, and keys and algorithms can be exchanged.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

AES_256_GCM = 1
SM4_GCM = 2
NONCE_BYTES = 12


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class _Sm4Gcm:
    """SM4-GCM with the same face as AESGCM; the first 16 bytes of the key are used."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:16]

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        encryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        if associated_data:
            encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        mode = modes.GCM(nonce, data[-16:])
        decryptor = Cipher(algorithms.SM4(self._key), mode).decryptor()
        if associated_data:
            decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-16]) + decryptor.finalize()


def _keys() -> Mapping[str, Any]:
    keys: Mapping[str, Any] = getattr(settings, "ZHICHENG_KEYS", {})
    if not keys:
        raise ImproperlyConfigured("ZHICHENG_KEYS is not set: personal data can't be protected")
    return keys


@lru_cache(maxsize=16)
def _aead(algorithm: int, key_text: str) -> _Aead:
    key = base64.b64decode(key_text)
    if len(key) != 32:
        raise ImproperlyConfigured("an encryption key must be 32 bytes in base64")
    return AESGCM(key) if algorithm == AES_256_GCM else _Sm4Gcm(key)


def protect(plain: str) -> bytes:
    """The text encrypted with the current key (AES-256-GCM, or SM4-GCM by ``ZHICHENG_GM``)."""
    return protect_bytes(plain.encode("utf-8"))


def protect_bytes(plain: bytes) -> bytes:
    """A file's bytes encrypted in the same way."""
    encryption = _keys()["encryption"]
    key_id: str = encryption["current"]
    algorithm = SM4_GCM if getattr(settings, "ZHICHENG_GM", False) else AES_256_GCM
    head = bytes([algorithm, len(key_id)]) + key_id.encode("ascii")
    nonce = os.urandom(NONCE_BYTES)
    sealed = _aead(algorithm, encryption["keys"][key_id]).encrypt(nonce, plain, head)
    return head + nonce + sealed


def reveal(cipher: bytes) -> str:
    """The text of a stored value; raises ``cryptography``'s InvalidTag when it was changed."""
    return reveal_bytes(cipher).decode("utf-8")


def reveal_bytes(cipher: bytes) -> bytes:
    """The bytes of a stored file; raises as ``reveal`` does."""
    value = bytes(cipher)
    algorithm, length = value[0], value[1]
    head, rest = value[: 2 + length], value[2 + length :]
    key_text = _keys()["encryption"]["keys"][head[2:].decode("ascii")]
    nonce, sealed = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    return _aead(algorithm, key_text).decrypt(nonce, sealed, head)


def blind_index(plain: str) -> bytes:
    """32 bytes that are the same for the same text and tell nothing without the key."""
    return hmac.digest(_index_key(_keys()["index"]), plain.encode("utf-8"), hashlib.sha256)


@lru_cache(maxsize=4)
def _index_key(text: str) -> bytes:
    return base64.b64decode(text)


def chain_mac(data: bytes, key_id: str | None = None) -> tuple[str, bytes]:
    """The keyed digest that links audit events: (key id, 32 bytes of HMAC-SHA256)."""
    audit = _keys()["audit"]
    key_id = key_id or audit["current"]
    return key_id, hmac.digest(_index_key(audit["keys"][key_id]), data, hashlib.sha256)
