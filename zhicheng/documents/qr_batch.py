"""Many QR codes at once (ISO/IEC 18004, versions 1 to 14, levels L and M, ASCII texts).

A certificate's code has 65 modules a side, and a batch has thousands. The library makes 700 to
1,100 of that size in a second; this makes ten times as many: error correction and placement for
all codes of one version together in numpy, masks weighed with integers of one bit a module.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

# Of each version from 1 on: correction codewords in a block, and blocks.
_PER_BLOCK = {
    "L": (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30),
    "M": (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24),
}
_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9),
}
_LEVEL_BITS = {"L": 1, "M": 0}
LARGEST = 14
_TEXT = re.compile(r"([\x00-\x7f]*?)([0-9]*)")


class DoesNotFit(ValueError):
    """The text isn't ASCII, is empty, or needs a larger version than these."""


def encode(texts: Sequence[str], level: str) -> list[tuple[int, bytes]]:
    """(modules a side, bits row by row, 1 is dark) of each text, in the smallest version.

    Raises DoesNotFit where one of the texts can't be had here.
    """
    contents = [_content(text, level) for text in texts]
    codes: list[tuple[int, bytes]] = [(0, b"")] * len(texts)
    for version in {version for version, _ in contents}:
        chosen = [index for index, (its, _) in enumerate(contents) if its == version]
        plan = _plan(version, level)
        data = np.frombuffer(b"".join(contents[index][1] for index in chosen), np.uint8)
        for index, bits in zip(
            chosen, plan.draw(data.reshape(len(chosen), plan.capacity)), strict=True
        ):
            codes[index] = (plan.side, bits)
    return codes


def _content(text: str, level: str) -> tuple[int, bytes]:
    """The smallest version and its data codewords: bytes, then the digits at the end."""
    found = _TEXT.fullmatch(text)
    if not text or not found:
        raise DoesNotFit("not ASCII, or empty")
    head, digits = found[1], found[2]
    if len(digits) < 8:  # another segment's head costs more than it saves
        head, digits = text, ""
    for version in range(1, LARGEST + 1):
        wide = version > 9
        head_bits = 4 + (16 if wide else 8) + 8 * len(head) if head else 0
        whole, rest = divmod(len(digits), 3)
        tail_bits = 4 + (12 if wide else 10) + 10 * whole + (0, 4, 7)[rest] if digits else 0
        capacity = _capacity(version, level)
        if head_bits + tail_bits > capacity * 8 or (len(head) > 255 and not wide):
            continue
        parts = []
        if head:
            parts.append(f"0100{len(head):0{16 if wide else 8}b}")
            parts.append(f"{int.from_bytes(head.encode()):0{8 * len(head)}b}")
        if digits:
            parts.append(f"0001{len(digits):0{12 if wide else 10}b}")
            parts += [_THREE[digits[at : at + 3]] for at in range(0, len(digits), 3)]
        bits = "".join(parts)
        bits += "0" * min(4, capacity * 8 - len(bits))
        bits += "0" * (-len(bits) % 8)
        made = int(bits, 2).to_bytes(len(bits) // 8)
        padding = capacity - len(made)
        return version, made + (b"\xec\x11" * (padding // 2 + 1))[:padding]
    raise DoesNotFit(f"{len(text)} characters")


_THREE = {
    f"{number:0{width}d}": f"{number:0{bits}b}"
    for width, bits in ((1, 4), (2, 7), (3, 10))
    for number in range(10**width)
}


def _modules(version: int) -> int:
    """How many modules hold codewords."""
    count = (16 * version + 128) * version + 64
    if version >= 2:
        patterns = version // 7 + 2
        count -= (25 * patterns - 10) * patterns - 55
        if version >= 7:
            count -= 36
    return count


def _capacity(version: int, level: str) -> int:
    """How many codewords are data."""
    correction = _PER_BLOCK[level][version - 1] * _BLOCKS[level][version - 1]
    return _modules(version) // 8 - correction


@cache
def _powers() -> tuple[list[int], list[int]]:
    """Exponents and logarithms of the field of 256 elements."""
    exponents, logarithms = [0] * 512, [0] * 256
    value = 1
    for power in range(255):
        exponents[power] = exponents[power + 255] = value
        logarithms[value] = power
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return exponents, logarithms


@cache
def _correction_table(data: int, correction: int) -> Bytes:
    """For each place and value of a block of ``data`` bytes what it adds to the correction."""
    exponents, logarithms = _powers()

    def times(a: int, b: int) -> int:
        return exponents[logarithms[a] + logarithms[b]] if a and b else 0

    generator = [1]
    for power in range(correction):
        longer = [*generator, 0]
        for place, factor in enumerate(generator):
            longer[place + 1] ^= times(factor, exponents[power])
        generator = longer
    remainder = generator[1:]
    table = np.zeros((data, 256, correction), np.uint8)
    for place in reversed(range(data)):
        for value in range(256):
            table[place, value] = [times(value, factor) for factor in remainder]
        first, rest = remainder[0], [*remainder[1:], 0]
        remainder = [
            old ^ times(first, factor) for old, factor in zip(rest, generator[1:], strict=True)
        ]
    return table


@dataclass(frozen=True)
class _Plan:
    """Everything of a version and level that doesn't hang on the text."""

    side: int
    capacity: int
    blocks: tuple[tuple[int, int], ...]  # each one's first data codeword and how many
    correction: int
    order: NDArray[np.intp]  # of data and correction codewords in the symbol
    places: NDArray[np.intp]  # of their bits in the square
    fixed: Bytes
    masks: tuple[int, ...]  # with the format's modules, as integers of one bit a module

    def draw(self, data: Bytes) -> list[bytes]:
        """The finished codes of rows of data codewords."""
        words = [data]
        for first, count in self.blocks:
            table = _correction_table(count, self.correction)
            sums = np.zeros((len(data), self.correction), np.uint8)
            for place in range(count):
                sums ^= table[place][data[:, first + place]]
            words.append(sums)
        stream = np.concatenate(words, axis=1)[:, self.order]
        bits = np.unpackbits(stream, axis=1)
        squares = np.repeat(self.fixed[None, :], len(data), axis=0)
        squares[:, self.places[: bits.shape[1]]] = bits
        packed = np.packbits(squares, axis=1)
        spare = -(self.side * self.side) % 8
        made = []
        for row in packed:
            plain = int.from_bytes(row.tobytes()) >> spare
            best = min((plain ^ mask for mask in self.masks), key=_weigher(self.side).penalty)
            made.append((best << spare).to_bytes(packed.shape[1]))
        return made


@cache
def _weigher(side: int) -> "_Weigher":
    return _Weigher(side)


class _Weigher:
    """How badly a finished square reads (the standard's four penalties), lines of bits at once."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.all = (1 << side * side) - 1
        self.across = self._columns(1, side)  # all but the first column
        self.down = (1 << side * (side - 1)) - 1  # all but the first row
        self.eleven_across = self._columns(10, side)
        self.eleven_down = (1 << side * (side - 10)) - 1

    def _columns(self, first: int, last: int) -> int:
        row = sum(1 << (self.side - 1 - column) for column in range(first, last))
        return sum(row << self.side * number for number in range(self.side))

    def penalty(self, square: int) -> int:
        """The sum of the four."""
        side, light = self.side, square ^ self.all
        same_across = ~(square ^ square >> 1) & self.across
        same_down = ~(square ^ square >> side) & self.down
        total = self._runs(same_across, 1) + self._runs(same_down, side)
        total += 3 * (same_across & same_across >> side & same_down & same_down >> 1).bit_count()
        total += 40 * self._finders(square, light, 1, self.eleven_across)
        total += 40 * self._finders(square, light, side, self.eleven_down)
        share = square.bit_count() * 20 / (side * side)
        return total + 10 * int(abs(share - 10))

    @staticmethod
    def _runs(same: int, step: int) -> int:
        two = same & same >> step
        four = two & two >> 2 * step
        return four.bit_count() + 2 * (four & ~(four >> step)).bit_count()

    @staticmethod
    def _finders(square: int, light: int, step: int, places: int) -> int:
        """Where 1011101 has four light modules before or behind it."""
        ends = square & square >> 2 * step
        middle = square >> 3 * step & light >> step & light >> 5 * step
        finder = ends & ends >> 4 * step & middle
        two = light & light >> step
        quiet = two & two >> 2 * step
        return (finder & quiet >> 7 * step & places).bit_count() + (
            quiet & finder >> 4 * step & places
        ).bit_count()


@cache
def _plan(version: int, level: str) -> _Plan:
    side = 17 + 4 * version
    square, taken = _function_modules(version, side)
    number, correction = _BLOCKS[level][version - 1], _PER_BLOCK[level][version - 1]
    capacity = _capacity(version, level)
    short = capacity // number
    blocks, first = [], 0
    for block in range(number):
        count = short + (block >= number - capacity % number)
        blocks.append((first, count))
        first += count
    order = [
        begin + place for place in range(short + 1) for begin, count in blocks if place < count
    ]
    order += [
        capacity + block * correction + place
        for place in range(correction)
        for block in range(number)
    ]
    places = _zigzag(side, taken)
    masks = tuple(
        _as_number(_mask(side, taken, mask) ^ _format(side, level, mask)) for mask in range(8)
    )
    return _Plan(
        side,
        capacity,
        tuple(blocks),
        correction,
        np.array(order, np.intp),
        np.array(places, np.intp),
        square.reshape(-1),
        masks,
    )


def _as_number(square: Bytes) -> int:
    return int("".join(map(str, square.reshape(-1).tolist())), 2)


def _function_modules(version: int, side: int) -> tuple[Bytes, NDArray[np.bool_]]:
    """The square with its patterns (format still light), and which modules aren't for data."""
    square = np.zeros((side, side), np.uint8)
    taken = np.zeros((side, side), np.bool_)
    square[6, :] = square[:, 6] = np.arange(side) % 2 == 0
    taken[6, :] = taken[:, 6] = True
    finder = np.ones((7, 7), np.uint8)
    finder[1:6, 1:6] = 0
    finder[2:5, 2:5] = 1
    for row, column in ((0, 0), (0, side - 7), (side - 7, 0)):
        top, left = max(row - 1, 0), max(column - 1, 0)
        square[top : row + 8, left : column + 8] = 0
        square[row : row + 7, column : column + 7] = finder
        taken[top : row + 8, left : column + 8] = True
    centres = _alignment(version, side)
    last = len(centres) - 1
    ring = np.ones((5, 5), np.uint8)
    ring[1:4, 1:4] = 0
    ring[2, 2] = 1
    for i, row in enumerate(centres):
        for j, column in enumerate(centres):
            if (i, j) not in ((0, 0), (0, last), (last, 0)):
                square[row - 2 : row + 3, column - 2 : column + 3] = ring
                taken[row - 2 : row + 3, column - 2 : column + 3] = True
    taken[8, :9] = taken[:9, 8] = taken[8, side - 8 :] = taken[side - 8 :, 8] = True
    square[side - 8, 8] = 1
    if version >= 7:
        rest = version
        for _ in range(12):
            rest = rest << 1 ^ (rest >> 11) * 0x1F25
        value = version << 12 | rest
        for bit in range(18):
            a, b = side - 11 + bit % 3, bit // 3
            square[b, a] = square[a, b] = value >> bit & 1
            taken[b, a] = taken[a, b] = True
    return square, taken


def _alignment(version: int, side: int) -> list[int]:
    if version == 1:
        return []
    number = version // 7 + 2
    step = (version * 8 + number * 3 + 5) // (number * 4 - 4) * 2
    return [6, *sorted(side - 7 - step * index for index in range(number - 1))]


def _zigzag(side: int, taken: NDArray[np.bool_]) -> list[int]:
    """The modules for data in the order in which they are filled."""
    places = []
    right = side - 1
    upwards = True
    while right > 0:
        right -= right == 6
        rows = range(side - 1, -1, -1) if upwards else range(side)
        places += [
            row * side + column
            for row in rows
            for column in (right, right - 1)
            if not taken[row, column]
        ]
        upwards = not upwards
        right -= 2
    return places


def _mask(side: int, taken: NDArray[np.bool_], mask: int) -> Bytes:
    y, x = np.mgrid[0:side, 0:side]
    flipped = (
        (x + y) % 2,
        y % 2,
        x % 3,
        (x + y) % 3,
        (x // 3 + y // 2) % 2,
        x * y % 2 + x * y % 3,
        (x * y % 2 + x * y % 3) % 2,
        ((x + y) % 2 + x * y % 3) % 2,
    )[mask] == 0
    return np.asarray(flipped & ~taken, np.uint8)


def _format(side: int, level: str, mask: int) -> Bytes:
    data = _LEVEL_BITS[level] << 3 | mask
    rest = data
    for _ in range(10):
        rest = rest << 1 ^ (rest >> 9) * 0x537
    value = (data << 10 | rest) ^ 0x5412
    square = np.zeros((side, side), np.uint8)
    bits = [value >> bit & 1 for bit in range(15)]
    for bit in range(6):
        square[bit, 8] = bits[bit]
    square[7, 8], square[8, 8], square[8, 7] = bits[6], bits[7], bits[8]
    for bit in range(9, 15):
        square[8, 14 - bit] = bits[bit]
    for bit in range(8):
        square[8, side - 1 - bit] = bits[bit]
    for bit in range(8, 15):
        square[side - 15 + bit, 8] = bits[bit]
    return square
