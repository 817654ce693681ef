"""Encryption, blind index and keys for personal data."""

from zhicheng.protection.cipher import (
    blind_index,
    chain_mac,
    protect,
    protect_bytes,
    reveal,
    reveal_bytes,
)

__all__ = ["blind_index", "chain_mac", "protect", "protect_bytes", "reveal", "reveal_bytes"]
