"""Encryption, blind index and keys for personal data."""
