"""The rare part of the font chain for web pages, cut into small pieces (WOFF).

A visitor's machine has the common characters; it lacks extensions A to H on some systems and all
of them on others. A style sheet names a piece for every 128 code points with the range that it is
for, and a browser fetches a piece only when a page shows such a character that no font of its own
has. A piece is cut when it is first asked for, and kept.
"""

import hashlib
import io
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from zhicheng.documents.fonts import Face, FontChain

FAMILY = "Zhicheng Rare"
SIZE = 128  # code points of a piece: some 30 kB
# The TrueType fonts of the chain, in the order in which a character of a plane takes its glyph.
_BASIC = ("HanaMinA", "HanaMinB", "BabelStone Han")
_OTHER = ("HanaMinB", "HanaMinA", "BabelStone Han")
# Extension A, what the standard added behind the common characters, compatibility ideographs, and
# everything on planes 2 and 3.
_RARE = (
    range(0x3400, 0x4DC0),
    range(0x9FA6, 0xA000),
    range(0xFA0C, 0xFADA),
    range(0x20000, 0x32400),
)
_LEFT_OUT = ("GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG", "BASE", "gasp", "DSIG", "meta")


@dataclass(frozen=True)
class Piece:
    """Code points of one face that go into one file."""

    name: str
    face: Face
    codes: tuple[int, ...]
    range: str  # as the style sheet says it: a face that comes later goes before


class FontPieces:
    """The pieces of a font chain, kept under ``folder``; safe to share between threads."""

    def __init__(self, fonts: FontChain, folder: Path) -> None:
        self._faces = {face.family: face for face in fonts.faces if face.family in _BASIC}
        told = ";".join(
            f"{face.family}:{face.path.stat().st_size}" for face in self._faces.values()
        )
        self.version = hashlib.sha256(f"1;{SIZE};{told}".encode()).hexdigest()[:12]
        self._folder = folder / self.version
        self._lock = threading.Lock()

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        """Every piece by its name."""
        covered = {
            family: {code for first, last in face.ranges for code in range(first, last + 1)}
            for family, face in self._faces.items()
        }
        found: dict[str, Piece] = {}
        for rare in _RARE:
            for start in range(rare.start - rare.start % SIZE, rare.stop, SIZE):
                left = set(range(max(start, rare.start), min(start + SIZE, rare.stop)))
                whole = True
                for order, family in enumerate(_BASIC if start < 0x10000 else _OTHER):
                    codes = left & covered.get(family, set())
                    if codes:
                        name = f"{start:x}{'-bc'[order]}".removesuffix("-")
                        told = _ranges(range(min(left), max(left) + 1) if whole else codes)
                        found[name] = Piece(name, self._faces[family], tuple(sorted(codes)), told)
                        left -= codes
                        whole = False
        return found

    @cached_property
    def style(self) -> str:
        """The style sheet that names the pieces, beside which they are to be found."""
        return "\n".join(
            f'@font-face{{font-family:"{FAMILY}";font-display:swap;'
            f"src:url({self.version}/{piece.name}.woff);"
            f"unicode-range:{piece.range}}}"
            for piece in self.pieces.values()
        )

    def woff(self, name: str) -> bytes | None:
        """The file of a piece; None for a name that there isn't."""
        piece = self.pieces.get(name)
        if piece is None:
            return None
        file = self._folder / f"{name}.woff"
        try:
            return file.read_bytes()
        except OSError:
            pass
        with self._lock:
            content = _cut(piece)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            aside = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}")
            aside.write_bytes(content)
            aside.replace(file)
        except OSError:
            pass  # a read-only installation cuts it anew
        return content


def _ranges(codes: Iterable[int]) -> str:
    found: list[list[int]] = []
    for code in sorted(codes):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return ",".join(
        f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in found
    )


def _cut(piece: Piece) -> bytes:
    from fontTools import subset  # slow to import, needed where a piece is cut
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 13, 14]  # whose the font is and under which licence
    options.drop_tables += _LEFT_OUT
    with TTFont(
        piece.face.path, fontNumber=piece.face.number, lazy=True, recalcTimestamp=False
    ) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=piece.codes)
        subsetter.subset(font)
        font.flavor = "woff"
        made = io.BytesIO()
        font.save(made, reorderTables=None)
    return made.getvalue()
