"""Printing on pre-printed blanks: what was sent to which printer, and what came out (N8, N9)."""
