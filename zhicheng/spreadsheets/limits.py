"""How much of a machine a sent file may use."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds for reading one file; memory and time are those of the reading process."""

    file_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 400 * MEGABYTE
    parts: int = 3000
    rows: int = 50_000
    columns: int = 200
    memory_bytes: int = 300 * MEGABYTE
    address_bytes: int = 1024 * MEGABYTE
    cpu_seconds: int = 5
    wall_seconds: float = 20.0
    answer_bytes: int = 100 * MEGABYTE


REGISTER_LIMITS = Limits()
# Lists of a whole year's approvals: many more people on one sheet.
LIST_LIMITS = Limits(rows=200_000, cpu_seconds=10)
# Writing a file again holds every cell as an object: the memory of a large register, and its time.
MARK_LIMITS = Limits(
    memory_bytes=1200 * MEGABYTE,
    address_bytes=2048 * MEGABYTE,
    cpu_seconds=60,
    wall_seconds=90.0,
)
