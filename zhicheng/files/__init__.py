"""Evidence that people hand in: scans and photographs, kept encrypted with their digest."""
