"""Names of people: any Han character is legal, the dot of minority names is U+00B7.

Names are never normalised by NFC or NFKC, which rewrite compatibility ideographs.
"""

import re
import unicodedata

from zhicheng.values.text import (
    HAN,
    NAME_DOT,
    PRIVATE_USE,
    SPACES,
    WIDTH,
    Codes,
    narrow,
    settle_spaces,
)

DOT = "·"
LONGEST = 100  # at least 50 must be possible (民委发〔2016〕33号)

_CLEAN = re.compile(f"[{HAN}]{{2,50}}")
# Every dot that real sheets carry for U+00B7; NFKC doesn't unite them.
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･﹒⸱·ᐧ․●⦁", DOT))
# These are dots of a name only beside a Han character; else they belong to Latin initials.
_HAN_STOP = re.compile(f"(?<=[{HAN}])[.．](?=[{HAN}])")
_SPACE_AT_DOT = re.compile(f" *{DOT} *")
_HAN_NAME = re.compile(f"[{HAN}]+(?:{DOT}[{HAN}]+)*")
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_LATIN_NAME = re.compile(f"[{_LATIN}]+\\.?(?:(?:[ '’-]|, |{DOT})?[{_LATIN}]+\\.?)*")
_PRIVATE = re.compile(f"[{PRIVATE_USE}]")
_RADICALS = re.compile("[\u2e80-\u2fdf]")


def is_clean_name(cell: object) -> bool:
    """Whether it is a usual Han name that needs no tidying."""
    return isinstance(cell, str) and _CLEAN.fullmatch(cell) is not None


def tidy_name(text: str) -> tuple[str, Codes]:
    """(name, codes): no inner spaces in Han names, one kind of dot, ASCII width for Latin."""
    if _CLEAN.fullmatch(text):
        return text, ()
    new, codes = settle_spaces(text)
    dotted = _HAN_STOP.sub(DOT, new).translate(_DOTS)
    closed = _SPACE_AT_DOT.sub(DOT, dotted)
    if closed != dotted and SPACES not in codes:
        codes = (*codes, SPACES)
    if dotted != new:
        codes = (*codes, NAME_DOT)
    narrowed, width = narrow(closed)
    return narrowed, (*codes, *width)


def problem(name: str) -> str:
    """Why a tidied name can't be one (Chinese, for the message), or an empty string."""
    if _CLEAN.fullmatch(name):
        return ""
    if _PRIVATE.search(name):
        return "含有自造字（专用区字符），换一台电脑就无法显示，请改用国家标准字符"
    if _RADICALS.search(name):
        return "含有部首字符而非汉字"
    if len(name) < 2:
        return "不足两个字"
    if len(name) > LONGEST:
        return f"超过{LONGEST}个字"
    if not _HAN_NAME.fullmatch(name) and not _LATIN_NAME.fullmatch(name):
        return "含有姓名中不应有的字符"
    return ""


def without_radicals(name: str) -> str:
    """The name with Kangxi radicals (from copied PDF text) as the characters they look like."""
    return _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), name)


__all__ = ["DOT", "LONGEST", "WIDTH", "is_clean_name", "problem", "tidy_name", "without_radicals"]
