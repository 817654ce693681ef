"""Electronic certificates: made, signed, kept, handed out (N17)."""
