"""Units, authority, accounts, roles and the permission table (N3)."""
