"""Encryption, blind index and keys for personal data."""

from zhicheng.protection.cipher import blind_index, chain_mac, protect, reveal

__all__ = ["blind_index", "chain_mac", "protect", "reveal"]
