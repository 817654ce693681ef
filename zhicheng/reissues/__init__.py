"""附件2: replacement and renewal (N10-N14)."""
