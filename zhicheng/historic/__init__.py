"""Certificates of before this product: old ledgers, and registration by their holders (N7)."""
