"""The syllables that characters are read as, from the file of which the database's table is."""

from collections.abc import Set
from functools import cache
from pathlib import Path


@cache
def syllables() -> Set[str]:
    """Every syllable without its tone."""
    lines = (Path(__file__).parent / "data" / "readings.txt").read_text("utf-8").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines if not line.startswith("#"))
