"""The certificate and its path (N6, N8)."""
