"""The chain of events that shows tampering (N18)."""
