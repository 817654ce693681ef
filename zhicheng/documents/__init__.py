"""Everything printed: Typst templates to PDF."""
