"""The public query (N7)."""
