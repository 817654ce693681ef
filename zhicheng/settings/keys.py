"""The keys that protect personal data and the audit chain: reading, checking, making them.

The shape, as JSON: ``{"encryption": {"current": "k1", "keys": {"k1": K}}, "index": K,
"audit": {"current": "a1", "keys": {"a1": K}}}``, each K 32 random bytes in base64.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

KEY_BYTES = 32


class KeysError(ValueError):
    """The keys are missing or malformed; the message never holds a key."""


def parse(text: str) -> dict[str, Any]:
    """The keys of a JSON text, checked for completeness; raises :class:`KeysError`."""
    try:
        keys = json.loads(text)
    except ValueError as error:
        raise KeysError("the keys are not JSON") from error
    if not isinstance(keys, dict):
        raise KeysError("the keys are not a JSON object")
    for purpose in ("encryption", "audit"):
        ring = keys.get(purpose)
        if not isinstance(ring, dict) or not isinstance(ring.get("keys"), dict):
            raise KeysError(f'"{purpose}" needs "current" and "keys"')
        if ring.get("current") not in ring["keys"]:
            raise KeysError(f'"current" of "{purpose}" names no key')
        for name, value in ring["keys"].items():
            if not name.isascii() or not 1 <= len(name) <= 32:
                raise KeysError(f'a key name of "{purpose}" is not 1 to 32 ASCII characters')
            _check(value, f"{purpose} key {name}")
    _check(keys.get("index"), "index key")
    return keys


def make() -> dict[str, Any]:
    """New random keys."""

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    return {
        "encryption": {"current": "k1", "keys": {"k1": key()}},
        "index": key(),
        "audit": {"current": "a1", "keys": {"a1": key()}},
    }


def read_or_make(path: Path) -> dict[str, Any]:
    """The keys in a file, which is written once (mode 0600) where there is none.

    Also carries ``"secret"``, Django's secret. Two processes at once agree on one set.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({**make(), "secret": secrets.token_urlsafe(64)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return parse(path.read_text(encoding="ascii"))


def _check(value: object, what: str) -> None:
    try:
        length = len(base64.b64decode(value, validate=True)) if isinstance(value, str) else 0
    except binascii.Error:
        length = 0
    if length != KEY_BYTES:
        raise KeysError(f"the {what} is not {KEY_BYTES} bytes in base64")
