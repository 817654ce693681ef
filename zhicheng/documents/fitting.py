"""Breaking text into lines and finding the size at which it fits a box, by the fonts' widths.

Done here and not by Typst, so that the number of lines is known before the pages are made, and
so that a value that can't fit is refused instead of cut.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from zhicheng.documents.fonts import FontChain

POINT = 25.4 / 72  # mm
LEADING = 0.25  # em between two lines
_SIZE_STEP = 0.5  # points
_SHRINK_LIMIT = 0.7  # below this share of the size two lines read better than one small line
_NO_START = set("、。，．：；！？）〕】》〉」』］｝％·…—,.:;!?)]}%")
_NO_END = set("（〔【《〈「『［｛([{")
_WORD = "[0-9A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff]+"
_PIECE = re.compile(rf"{_WORD}(?:[-./'’]{_WORD})*|.", re.DOTALL)


@dataclass(frozen=True)
class Fitted:
    """Text broken into ``lines`` to be set at ``size`` points."""

    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """Height of all lines in mm."""
        return stack_height(len(self.lines), self.size)


def stack_height(lines: int, size: float) -> float:
    """Height in mm of so many lines at ``size`` points: one em each and the leading between."""
    return (lines + LEADING * (lines - 1)) * size * POINT if lines else 0.0


@lru_cache(maxsize=50_000)
def _wrap(text: str, width: float, fonts_id: int) -> tuple[str, ...]:
    fonts = _known[fonts_id]
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if fonts.width(paragraph) <= width:
            lines.append(paragraph)
            continue
        pieces = _pieces(paragraph, width, fonts)
        greedy = _fill(pieces, width)
        # The same number of lines, evenly filled, reads better than a full line and one character.
        low, high = width * 0.5, width
        while high - low > 0.25:
            middle = (low + high) / 2
            if max(piece for _, piece in pieces) <= middle and len(_fill(pieces, middle)) == len(
                greedy
            ):
                high = middle
            else:
                low = middle
        lines += _fill(pieces, high) if len(_fill(pieces, high)) == len(greedy) else greedy
    return tuple(lines)


_known: dict[int, FontChain] = {}


def wrap(text: str, width: float, fonts: FontChain) -> tuple[str, ...]:
    """``text`` broken into lines of at most ``width`` em; joined they give the text again.

    Breaks between Han characters, not inside numbers and words (unless one is wider than the
    line), no closing sign at a line's start and no opening sign at its end.
    """
    key = id(fonts)
    if key not in _known:
        _known[key] = fonts  # held, so that the id is never given to another chain
    return _wrap(text, width, key)


def _pieces(text: str, width: float, fonts: FontChain) -> list[tuple[str, float]]:
    """Unbreakable pieces with their widths in em."""
    glued: list[str] = []
    opens = False
    for piece in _PIECE.findall(text):
        joins = piece[0] in _NO_START or piece.isspace() or unicodedata.combining(piece[0])
        if glued and (opens or joins):
            glued[-1] += piece
        else:
            glued.append(piece)
        opens = piece[-1] in _NO_END
    pieces = []
    for piece in glued:
        size = fonts.width(piece)
        if size <= width:
            pieces.append((piece, size))
        else:
            pieces += [(char, fonts.width(char)) for char in piece]
    return pieces


def _fill(pieces: list[tuple[str, float]], width: float) -> list[str]:
    lines: list[str] = []
    line, used = "", 0.0
    for piece, size in pieces:
        if line and used + size > width:
            lines.append(line)
            line, used = "", 0.0
        line += piece
        used += size
    lines.append(line)
    return lines


def fit(
    text: str,
    *,
    width: float,
    height: float,
    size: float,
    min_size: float,
    fonts: FontChain,
    shrink: bool = False,
) -> Fitted | None:
    """The largest size and line breaks at which ``text`` fits a box; None when it never does.

    ``width`` and ``height`` in mm, sizes in points. With ``shrink`` one line is tried first, down
    to seven tenths of the size; without it lines are broken at full size first.
    """
    room = width / POINT
    length = fonts.width(text)
    if "\n" not in text and length * size <= room:
        return Fitted(size, (text,))
    if shrink and "\n" not in text:
        one_line = int(room / length / _SIZE_STEP) * _SIZE_STEP
        if one_line >= max(min_size, size * _SHRINK_LIMIT):
            return Fitted(one_line, (text,))
    trial = size
    while trial >= min_size:
        lines = wrap(text, room / trial, fonts)
        if stack_height(len(lines), trial) <= height + 1e-6:
            return Fitted(trial, lines)
        trial -= _SIZE_STEP
    return None
