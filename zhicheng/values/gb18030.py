"""Which Han characters the standard GB 18030 asks for: every one of them is a legal name.

Level 3 (GB 18030-2022, binding for government) counts 87,887 Han characters; with the nine
compatibility ideographs and the zero of its older part they are 87,897. The amendment of 2025
adds 9,793: whatever Unicode 15.1 has beyond them.
"""

from collections.abc import Iterator

Block = tuple[str, int, int]

LEVEL_3: tuple[Block, ...] = (
    ("中日韩统一表意文字", 0x4E00, 0x9FEF),
    ("扩展 A", 0x3400, 0x4DB5),
    ("扩展 B", 0x20000, 0x2A6D6),
    ("扩展 C", 0x2A700, 0x2B734),
    ("扩展 D", 0x2B740, 0x2B81D),
    ("扩展 E", 0x2B820, 0x2CEA1),
    ("扩展 F", 0x2CEB0, 0x2EBE0),
)
# In the compatibility block, but characters of their own (Unicode: unified ideographs).
UNIFIED_IN_COMPATIBILITY = tuple(
    map(ord, "\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27\ufa28\ufa29")
)
OTHER_LEVEL_3 = tuple(map(ord, "\uf92c\uf979\uf995\uf9e7\uf9f1\ufa0c\ufa0d\ufa18\ufa20〇"))
# Signs of names and their repetition, and the 228 components (radicals) that the standard lists.
SIGNS = tuple(map(ord, "·々〇"))
RADICALS = (
    *range(0x2F00, 0x2FD6),
    *map(ord, "⺁⺄⺈⺋⺌⺗⺧⺪⺮⺳⺶⺷⺻⻊"),
)

AMENDMENT_2025: tuple[Block, ...] = (
    ("中日韩统一表意文字（2025 年增补）", 0x9FF0, 0x9FFF),
    ("扩展 A（2025 年增补）", 0x4DB6, 0x4DBF),
    ("扩展 B（2025 年增补）", 0x2A6D7, 0x2A6DF),
    ("扩展 C（2025 年增补）", 0x2B735, 0x2B739),
    ("扩展 I", 0x2EBF0, 0x2EE5D),
    ("扩展 G", 0x30000, 0x3134A),
    ("扩展 H", 0x31350, 0x323AF),
)


def level_3() -> Iterator[int]:
    """The code points of all 87,897 characters."""
    for _, first, last in LEVEL_3:
        yield from range(first, last + 1)
    yield from UNIFIED_IN_COMPATIBILITY
    yield from OTHER_LEVEL_3


def amendment_2025() -> Iterator[int]:
    """The code points of the 9,793 characters of the amendment."""
    for _, first, last in AMENDMENT_2025:
        yield from range(first, last + 1)


def block_of(char: str) -> str:
    """The Chinese name of the block of a Han character; empty for any other."""
    code = ord(char)
    for name, first, last in (*LEVEL_3, *AMENDMENT_2025):
        if first <= code <= last:
            return name
    return ""
