"""Tidies free text of cells: invisible characters, spaces, width and brackets.

Every tidying gives the new text and the codes of what was done (``tidied.spaces`` ...), because
tidying is never silent. Nothing here normalises by NFC or NFKC: both rewrite compatibility
ideographs, which are legal in names.
"""

import re
from datetime import date, datetime, time, timedelta

SPACES = "tidied.spaces"
WIDTH = "tidied.width"
BRACKETS = "tidied.brackets"
NAME_DOT = "tidied.name_dot"
DATE = "tidied.date"
CASE = "tidied.case"

Codes = tuple[str, ...]

# What a spreadsheet cell can hold.
Cell = str | float | int | bool | date | datetime | time | timedelta | None

# Han characters of GB 18030 and Unicode as they may stand in names: unified and compatibility
# ideographs of all planes, and 〇. By ranges, because Python's own tables are older than some.
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9\U00020000-\U0003fffd"
PRIVATE_USE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"

# Zero-width and direction marks, soft hyphen, variation selectors, control characters.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
# Everything that looks like a space, also the fillers that \s doesn't know.
_SPACE = r"\s\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u3164\uffa0"

_REMOVE_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
ANY_SPACE = re.compile(f"[{_SPACE}]+")
_SPACE_BY_WIDE = re.compile(
    f"(?<=[{HAN}\u3001-\u303f\uff00-\uffef]) | (?=[{HAN}\u3001-\u303f\uff00-\uffef])"
)
_HAS_HAN = re.compile(f"[{HAN}]")
# Text that needs no tidying at all: Han characters, ASCII letters and digits, wide brackets.
_CLEAN = re.compile(f"[{HAN}A-Za-z0-9（）、，·〔〕-]*")
_WIDE_ALNUM = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))}
_WIDE_ALNUM |= {code: code - 0xFEE0 for code in range(0xFF41, 0xFF5B)}
_WIDE_ALL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ROUND = str.maketrans("()﹙﹚", "（）（）")
# Whatever could be an ID number, also a mistyped one or one of the older 15 digits.
_ID_LIKE = re.compile(r"(?<!\d)\d{14,}[\dXx]")
# One written in groups, 500103 19850214 1012: only with a birth date in it, for telephone numbers
# and dates stand in rows, too.
_GAP = "[ \\-.·_/\u00a0\u2000-\u200a\u2010-\u2015\u3000－]"
_GROUPED = re.compile(rf"(?<!\d)\d(?:{_GAP}?\d){{16}}{_GAP}?[\dXx](?!\d)")
_BIRTH = re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_GAPS = re.compile(_GAP)


def cell_text(cell: Cell) -> str:
    """A cell as the text that a person sees; whole numbers without decimals, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e22 else repr(cell)
    if isinstance(cell, datetime):
        whole_day = cell.time() == time(0)
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ")
    return str(cell)


def has_han(text: str) -> bool:
    """Whether a Han character stands in the text."""
    return _HAS_HAN.search(text) is not None


def strip_spaces(text: str) -> tuple[str, Codes]:
    """Without any space or invisible character: for codes and numbers."""
    new = ANY_SPACE.sub("", _REMOVE_INVISIBLE.sub("", text))
    return new, (SPACES,) if new != text else ()


def settle_spaces(text: str) -> tuple[str, Codes]:
    """Single spaces between Latin words only; none at the ends or beside Han characters."""
    new = ANY_SPACE.sub(" ", _REMOVE_INVISIBLE.sub("", text)).strip()
    if " " in new:
        new = _SPACE_BY_WIDE.sub("", new)
    return new, (SPACES,) if new != text else ()


def narrow(text: str, *, everything: bool = False) -> tuple[str, Codes]:
    """Full-width letters and digits (or ``everything`` full-width) in their ASCII form."""
    new = text.translate(_WIDE_ALL if everything else _WIDE_ALNUM)
    return new, (WIDTH,) if new != text else ()


def tidy_text(text: str) -> tuple[str, Codes]:
    """(tidied text, codes) for units, departments, specialties and qualifications.

    Brackets become full-width where Han characters stand beside them, so that 导演(编导) and
    导演（编导） are the same name everywhere.
    """
    if _CLEAN.fullmatch(text):
        return text, ()
    new, codes = settle_spaces(text)
    new, width = narrow(new)
    wide = new.translate(_ROUND) if has_han(new) else new
    if wide != new:
        # A bracket that became wide may have a space beside it, as if it had been typed so.
        wide, more = settle_spaces(wide)
        return wide, (*(codes or more), *width, BRACKETS)
    return new, (*codes, *width)


def is_clean_code(cell: object) -> bool:
    """Whether it is a number of ASCII letters and digits that needs no tidying."""
    return isinstance(cell, str) and cell.isascii() and cell.isalnum() and len(cell) <= 60


def tidy_code(text: str) -> tuple[str, Codes]:
    """(tidied text, codes) for certificate numbers: no spaces, ASCII width, case untouched."""
    if text.isascii() and text.isalnum():
        return text, ()
    new, codes = strip_spaces(text)
    new, width = narrow(new, everything=True)
    return new, (*codes, *width)


def hide_id_numbers(text: str) -> str:
    """The text with everything that could be an ID number masked (invariant 10)."""
    if len(text) < 15:
        return text
    return _GROUPED.sub(_hide_grouped, _ID_LIKE.sub(lambda match: _hidden(match[0]), text))


def _hidden(number: str) -> str:
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def _hide_grouped(match: re.Match[str]) -> str:
    number = _GAPS.sub("", match[0])
    return _hidden(number) if _BIRTH.fullmatch(number) else match[0]


def shown(text: str) -> str:
    """Marks a text of a pure rule that pages translate; ``scripts/messages.py`` collects it."""
    return text
