"""What pure rules and the audit trail say in Chinese, in the language of whoever reads it.

Rules know no framework, so their sentences are plain Chinese, some with values in them
(``f"还有 {n} 处错误"``). Two catalogues hold the English: ``django.po`` for whole texts, and
``refusals.po`` for refusals, whose msgids have places ``{0}``, ``{1}`` for the values: a text is
matched against them and its values are put into the English, themselves translated where they
are words of ours. Whatever isn't known stays Chinese: it may be somebody's own words.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import polib
from django.utils.translation import get_language, gettext

LOCALE = Path(__file__).resolve().parent.parent / "locale"
_PLACE = re.compile(r"\{\d+\}")
# A text that begins so is the end of another, which is said on its own.
_GOES_ON = "，；。 "
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
        text, translation = entry.msgid, entry.msgstr
        if not translation:
            continue
        if text[0] in _GOES_ON:
            text, translation = f"{{0}}{_shifted(text)}", f"{{0}}{_shifted(translation)}"
        if _PLACE.search(text):
            literal = "(.+?)".join(re.escape(part) for part in _PLACE.split(text))
            patterns.append((re.compile(literal, re.DOTALL), translation))
        else:
            whole[text] = translation
    patterns.sort(key=lambda item: -len(item[0].pattern))
    return whole, tuple(patterns)


def _shifted(text: str) -> str:
    return _PLACE.sub(lambda place: f"{{{int(place[0][1:-1]) + 1}}}", text)


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
    found = _matched(text, patterns)
    if found and not any("。" in value[:-1] for value in found[1]):
        return _filled(found[0], list(_values(found[1], language)))
    # A loose pattern takes two sentences for a value of one; each may be known on its own.
    sentences = re.split(r"(?<=。)(?=.)", text)
    if len(sentences) > 1:
        said = [_said(sentence, language) for sentence in sentences]
        if not found or said[0] != sentences[0]:
            return " ".join(said)
    return _filled(found[0], list(_values(found[1], language))) if found else text


def _matched(
    text: str, patterns: Iterable[tuple[re.Pattern[str], str]]
) -> tuple[str, tuple[str, ...]] | None:
    """The translation of the most literal pattern that the text has, and its values."""
    for pattern, translation in patterns:
        match = pattern.fullmatch(text)
        if match:
            return translation, match.groups()
    return None


def _filled(translation: str, values: list[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[0][1:-1])], translation)


def _values(found: tuple[str, ...], language: str) -> Iterator[str]:
    for value in found:
        yield "".join(_value(part, language) for part in re.split(r"(、|；)", value))


def _value(part: str, language: str) -> str:
    """A value, or what stands before and in its brackets where it isn't known as a whole."""
    if not _HAN.search(part):
        return part
    said = _said(part, language)
    if said != part or "（" not in part:
        return said
    pieces = re.split(r"(（|）)", part)
    return "".join(_said(piece, language) if _HAN.search(piece) else piece for piece in pieces)
