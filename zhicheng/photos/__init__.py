"""Photos of holders, cut to one inch (N8)."""
