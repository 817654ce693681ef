"""Pure value types: no Django, no I/O."""
