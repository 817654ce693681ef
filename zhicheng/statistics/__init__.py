"""Who passed, which certificates came of it, how long it took: counted in advance (N19)."""
