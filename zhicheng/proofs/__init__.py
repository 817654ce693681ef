"""What the hourly proofs found, kept: ``audit verify`` and ``reconcile`` by the worker."""
