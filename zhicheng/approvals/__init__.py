"""Approval documents, the people they list, self-managed review records (N2, N15-N17)."""
