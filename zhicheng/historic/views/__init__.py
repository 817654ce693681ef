"""Pages of old ledgers, registrations and conflicts."""
