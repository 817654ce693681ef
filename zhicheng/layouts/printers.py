"""Printers: added, renamed, calibrated, retired; each a step of its own (N8)."""
