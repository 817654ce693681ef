"""Electronic signatures on PDF: PAdES B-LT, by file or by a device, or by a seal service."""
