"""The transparency log: every issue, loss and end of a certificate as a leaf of a Merkle tree."""
