"""Where data stand on each blank, and how each printer feeds (N1, N8)."""
