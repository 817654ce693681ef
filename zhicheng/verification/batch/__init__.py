"""Batch verification: many names with their numbers at once, for employers."""
