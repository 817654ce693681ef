"""The stock ledger of blank certificates (N1, N5, N9)."""
