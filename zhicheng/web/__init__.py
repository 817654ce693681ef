"""Base templates, lists, components, static files."""
