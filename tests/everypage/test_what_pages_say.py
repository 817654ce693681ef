"""Every page says what it is for and which clause it serves (issue 8, guidance)."""

import re

import pytest

from tests.support.walking import Walk, unreached
from zhicheng.web.clauses import CLAUSES

# The notice names all clauses, each at its own words.
NO_CLAUSE = frozenset({"notice/"})
PURPOSE = re.compile(r'<p class="(?:zc|pub)-purpose">(.*?)</p>', re.DOTALL)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


@pytest.mark.long
def test_every_page_says_in_a_sentence_what_it_is_for(walked: Walk) -> None:
    silent = []
    for page in walked.once():
        said = " ".join(words(found) for found in PURPOSE.findall(page.html))
        if not re.search(r"[\u4e00-\u9fff]{4,}.*。", said):
            silent.append((page.route, said))
    assert not silent, "say it in the page's page_purpose, or in web/purposes.py"


@pytest.mark.long
def test_every_page_names_the_clause_that_it_serves(walked: Walk) -> None:
    silent = []
    for page in walked.once():
        head = " ".join(PURPOSE.findall(page.html))
        named = set(re.findall(r'href="/notice/#([NA]\d+)"', head))
        if not named & set(CLAUSES) and page.route not in NO_CLAUSE:
            silent.append(page.route)
    assert not silent, "name it in the page's page_purpose, or in web/purposes.py"


@pytest.mark.long
def test_titles_tell_pages_apart(walked: Walk) -> None:
    for page in walked.once():
        title = re.search(r"<title>(.*?)</title>", page.html, re.DOTALL)
        assert title and words(title[1]).split("·")[0].strip(), page.route
        assert page.html.count("<h1") == 1, page.route


@pytest.mark.long
def test_every_plain_address_was_looked_at(walked: Walk) -> None:
    # What needs an object is named in docs/screenshots/README.md when no link leads there.
    missed = {route for route in unreached(walked) if "<" not in route}
    assert missed <= {"language/", "logout/"}
    assert len(walked.once()) > 100
