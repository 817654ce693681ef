"""附件1: reading, checking, correcting, endorsing, accepting (N2-N6)."""
