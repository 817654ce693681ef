"""Serial numbers of blank certificates and ranges of them.

A serial is an int inside the product and seven or more digits, zero padded, on paper. A range
is inclusive at both ends, as people write it: ``0012001-0012042``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from zhicheng.values.refusal import Refusal

SERIAL_WIDTH = 7
LARGEST_SERIAL = 10**12
_PART = re.compile(r"^(\d{1,12})(?:[-－–—~～至](\d{1,12}))?$")


@dataclass(frozen=True, order=True)
class SerialRange:
    """Serials ``first`` to ``last``, both included; ``len()`` counts them."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 < self.first <= self.last <= LARGEST_SERIAL:
            raise Refusal(
                "serials.malformed",
                "空白证书编号区间的起号应不大于止号，且为正整数。",
                clause="N1",
                found=f"{self.first}-{self.last}",
                expected="例如 0012001-0012042",
            )

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        if self.first == self.last:
            return format_serial(self.first)
        return f"{format_serial(self.first)}-{format_serial(self.last)}"

    def __contains__(self, serial: object) -> bool:
        return isinstance(serial, int) and self.first <= serial <= self.last


def format_serial(serial: int) -> str:
    """A serial as it stands on the blank: at least seven digits."""
    return f"{serial:0{SERIAL_WIDTH}d}"


def parse_ranges(text: str) -> list[SerialRange]:
    """Serials and ranges typed or scanned, parted by commas, spaces or line breaks.

    Gives them sorted and merged. Raises Refusal naming the part that can't be read or a serial
    that is named twice.
    """
    ranges = []
    for part in re.split(r"[\s,，、;；]+", text.strip()):
        if not part:
            continue
        match = _PART.match(part)
        if match is None:
            raise Refusal(
                "serials.malformed",
                "无法识别的空白证书编号。",
                found=part[:40],
                expected="例如 0012001 或 0012001-0012042",
            )
        first = int(match.group(1))
        ranges.append(SerialRange(first, int(match.group(2) or first)))
    ranges.sort()
    for before, after in pairwise(ranges):
        if after.first <= before.last:
            raise Refusal(
                "serials.twice",
                "同一个空白证书编号出现了两次。",
                found=format_serial(after.first),
                expected="每个编号只出现一次",
            )
    return merge(ranges)


def merge(ranges: Iterable[SerialRange]) -> list[SerialRange]:
    """The same serials in as few ranges as possible, in order."""
    merged: list[SerialRange] = []
    for item in sorted(ranges):
        if merged and item.first <= merged[-1].last + 1:
            merged[-1] = SerialRange(merged[-1].first, max(merged[-1].last, item.last))
        else:
            merged.append(item)
    return merged


def ranges_of(serials: Iterable[int]) -> list[SerialRange]:
    """Single serials gathered into ranges, in order."""
    return merge(SerialRange(serial, serial) for serial in serials)


def count(ranges: Iterable[SerialRange]) -> int:
    """How many serials the ranges hold together."""
    return sum(len(item) for item in ranges)


def take(ranges: Iterable[SerialRange], wanted: int) -> list[SerialRange]:
    """The lowest ``wanted`` serials of the ranges; fewer when there aren't so many."""
    taken: list[SerialRange] = []
    for item in merge(ranges):
        if wanted <= 0:
            break
        part = SerialRange(item.first, min(item.last, item.first + wanted - 1))
        taken.append(part)
        wanted -= len(part)
    return taken
