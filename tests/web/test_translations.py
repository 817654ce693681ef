"""The English is complete: every text of the interface has one, with the same placeholders."""

import re
import runpy
from pathlib import Path

import polib
import pytest
from django.test import Client

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "messages.py"))
CATALOGUE = polib.pofile(str(SCRIPT["CATALOGUE"]))


def test_every_text_is_translated() -> None:
    known = {(entry.msgid, entry.msgid_plural or None) for entry in CATALOGUE}
    missing = {text for text, plural in SCRIPT["collect"]() - known}
    assert not missing, "run scripts/messages.py and translate"
    assert not [entry.msgid for entry in CATALOGUE if not entry.translated()]


def test_texts_are_collected_whatever_a_module_calls_gettext() -> None:
    source = "from django.utils.translation import gettext_lazy as _l\nx = _l('有错误')"
    assert list(SCRIPT["_of_python"](source)) == [("有错误", None)]


def test_translations_keep_their_placeholders() -> None:
    for entry in CATALOGUE:
        texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
        for text in texts:
            for pattern in (r"%\(\w+\)[sd]", r"\{\w+\}", r"<b data-[a-z-]+>"):
                assert sorted(re.findall(pattern, entry.msgid)) == sorted(re.findall(pattern, text))
            half = len(text) // 2
            assert half < 4 or text[:half] != text[half:], f"said twice: {text}"


@pytest.mark.django_db
def test_a_visitor_can_read_the_query_in_english(client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/").content.decode()
    assert "Look up a title certificate" in page
    assert 'lang="en"' in page
