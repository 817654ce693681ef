"""``make bench``: every benchmark, one after the other, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = ("documents", "register_check", "main_job", "row_history", "grid")

for name in BENCHMARKS:
    print(f"== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)  # noqa: S603
