"""Settings: base, demo, production, test."""
