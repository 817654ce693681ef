"""Where private keys lie: encrypted in the database, or as files in a folder that is named.

``ZHICHENG_SIGNING_KEYS`` names a folder (a mounted secret or the folder of a key management
service's agent) in which ``<key id>.pem`` holds the key as PKCS#8. Without it the database holds
the key, encrypted with the installation's key, which lies outside the database.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from zhicheng.credentials.models import SigningKey
from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.values.refusal import Refusal


def keep(key_id: str, private: Ed25519PrivateKey) -> bytes | None:
    """Keeps a new key; gives what the database holds of it."""
    folder = _folder()
    if folder is None:
        return protect_bytes(private.private_bytes_raw())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{key_id}.pem"
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(pem)
    except OSError as error:
        raise Refusal(
            "signing_key.folder",
            "签名密钥文件不能写入。",
            found=str(error.strerror),
            expected="ZHICHENG_SIGNING_KEYS 指明的文件夹存在且可写",
        ) from None
    return None


def load(key: SigningKey) -> Ed25519PrivateKey:
    """The private key of the active key; raises Refusal when it's gone or another's."""
    folder = _folder()
    try:
        if key.private_cipher is not None:
            private = Ed25519PrivateKey.from_private_bytes(reveal_bytes(bytes(key.private_cipher)))
        else:
            if folder is None:
                raise ValueError("no folder")
            loaded = load_pem_private_key((folder / f"{key.key_id}.pem").read_bytes(), None)
            assert isinstance(loaded, Ed25519PrivateKey)
            private = loaded
    except (OSError, ValueError, AssertionError):
        raise _lost(key) from None
    if private.public_key().public_bytes_raw() != bytes(key.public_key):
        raise _lost(key)
    return private


def destroy(key_id: str) -> None:
    """Removes the file of a key that signs no more, where there is one."""
    folder = _folder()
    if folder is not None:
        (folder / f"{key_id}.pem").unlink(missing_ok=True)


def _folder() -> Path | None:
    named = getattr(settings, "ZHICHENG_SIGNING_KEYS", "")
    return Path(named) if named else None


def _lost(key: SigningKey) -> Refusal:
    return Refusal(
        "signing_key.lost",
        f"签名密钥 {key.key_id} 的私钥不能读取，证书无法签名。",
        found="私钥文件缺失、不能读取或与公钥不符",
        expected="ZHICHENG_SIGNING_KEYS 指明的文件夹中有该密钥的文件",
        mend="请恢复私钥文件；确已丢失的，请更换密钥。",
    )
