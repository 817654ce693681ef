"""``make bench``: every benchmark, one after the other, each in a process of its own.

``python -m benchmarks --full`` (``make bench BENCH=--full``) takes the ledger at its full size: ten
million blanks and a million movements, a quarter of an hour.
"""

import subprocess
import sys

BENCHMARKS = (
    "certificates",
    "electronic",
    "documents",
    "register_check",
    "main_job",
    "row_history",
    "grid",
    "ledger",
    "api",
    "query",
    "lists",
    "statistics",
)
FULL_SIZE = ("ledger", "electronic", "api", "query", "lists", "statistics")

for name in BENCHMARKS:
    print(f"== {name}", flush=True)
    options = ["--full"] if "--full" in sys.argv[1:] and name in FULL_SIZE else []
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=True)  # noqa: S603
