"""The auditor's pages: they read the chain that every folder writes, so they stand below all."""
