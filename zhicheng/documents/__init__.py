"""Everything printed: Typst templates to PDF."""

import os

# Typst writes the pages of a PDF on worker threads, which pile waiting pages up on their stacks,
# about 1.5 kB each: with Rust's usual 2 MB a batch of some thousand certificates ends the process.
# Read by Rust when the first thread starts, so set before any of this package runs; only address
# space is reserved, memory is taken as it is used.
_STACK = 256 * 1024 * 1024
_given = os.environ.get("RUST_MIN_STACK", "")
if not _given.isdigit() or int(_given) < _STACK:
    os.environ["RUST_MIN_STACK"] = str(_STACK)
