"""What pure rules and the audit trail say in Chinese, in the language of whoever reads it.

Rules know no framework, so their sentences are plain Chinese, some with values in them
(``f"还有 {n} 处错误"``). Two catalogues hold the English: ``django.po`` for whole texts, and
``refusals.po`` for refusals, whose msgids have places ``{0}``, ``{1}`` for the values: a text is
matched against them and its values are put into the English, themselves translated where they
are words of ours. Whatever isn't known stays Chinese: it may be somebody's own words.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
from django.utils.translation import get_language, gettext

LOCALE = Path(__file__).resolve().parent.parent / "locale"
_PLACE = re.compile(r"\{\d+\}")
_HAN = re.compile("[\u3400-\u9fff]")


@cache
def _catalogue(language: str) -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Whole texts, and patterns with the most literal characters first."""
    path = LOCALE / language / "LC_MESSAGES" / "refusals.po"
    if not path.exists():
        return {}, ()
    whole: dict[str, str] = {}
    patterns = []
    for entry in polib.pofile(str(path), encoding="utf-8"):
        if not entry.msgstr:
            continue
        if _PLACE.search(entry.msgid):
            literal = "(.+?)".join(re.escape(part) for part in _PLACE.split(entry.msgid))
            patterns.append((re.compile(literal, re.DOTALL), entry.msgstr))
        else:
            whole[entry.msgid] = entry.msgstr
    patterns.sort(key=lambda item: -len(item[0].pattern))
    return whole, tuple(patterns)


def say(text: object) -> str:
    """The text for the reader; itself when the reader's language is Chinese or it isn't known."""
    said = str(text)
    language = get_language() or ""
    if language.startswith("zh") or not _HAN.search(said):
        return said
    return _said(said, language)


def _said(text: str, language: str) -> str:
    plain = gettext(text)
    if plain != text:
        return plain
    whole, patterns = _catalogue(language)
    if text in whole:
        return whole[text]
    for pattern, translation in patterns:
        match = pattern.fullmatch(text)
        if match:
            return _filled(translation, list(_values(match.groups(), language)))
    return text


def _filled(translation: str, values: list[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[0][1:-1])], translation)


def _values(found: tuple[str, ...], language: str) -> Iterator[str]:
    for value in found:
        parts = re.split(r"(、|；)", value)
        yield "".join(_said(part, language) if _HAN.search(part) else part for part in parts)
