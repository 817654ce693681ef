"""Numbers of official documents (发文字号, GB/T 9704): 渝职改办〔2018〕150号."""

import re

from zhicheng.values.text import BRACKETS, HAN, Codes, narrow, strip_spaces

_FORM = re.compile(
    f"[^〔〕\\s]{{0,40}}[{HAN}][^〔〕\\s]{{0,20}}〔(?:19|20)\\d\\d〕[1-9]\\d{{0,5}}号"
)
_LOOSE = re.compile(
    r"(?P<sign>.*?)[\[(【﹝〔〖{<《〈「『［（｛＜](?P<year>\d{4})年?[\])】﹞〕〗}>》〉」』］）｝＞]"
    r"第?0*(?P<number>\d+)号?"
)
_WITH_END = re.compile(r"号$")


def is_well_formed(number: str) -> bool:
    """Whether the tidied number has sign, year in 〔〕 and number as the standard wants."""
    return _FORM.fullmatch(number) is not None


def tidy_document_number(text: str) -> tuple[str, Codes]:
    """(number, codes): brackets 〔〕, no 第, no leading zero, ASCII digits, no spaces.

    A missing 号 is not added: ``suggestion`` offers it.
    """
    if _FORM.fullmatch(text):
        return text, ()
    new, codes = strip_spaces(text)
    narrowed, width = narrow(new, everything=True)
    match = _LOOSE.fullmatch(narrowed)
    if match is None or not _WITH_END.search(narrowed):
        # Brackets of other numbers are left as they came.
        return (narrowed, (*codes, *width)) if width else (new, codes)
    tidied = f"{match['sign']}〔{match['year']}〕{match['number']}号"
    # Narrowing （ to ( and making 〔 of it is one deed, told once.
    alnum, real_width = narrow(new)
    told = real_width if alnum != new else ()
    return tidied, (*codes, *told, *((BRACKETS,) if tidied != alnum else ()))


def suggestion(text: str) -> str:
    """The well-formed number that a malformed one most likely means, or an empty string."""
    match = _LOOSE.fullmatch(narrow(strip_spaces(text)[0], everything=True)[0])
    if match is None:
        return ""
    offered = f"{match['sign']}〔{match['year']}〕{match['number']}号"
    return offered if is_well_formed(offered) else ""
