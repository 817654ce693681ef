"""Every page says what it is for and which clause it serves (issue 8, guidance)."""

import re

import pytest

from tests.support.answers import ANSWERS
from tests.support.doors import BEYOND, DOORS
from tests.support.privacy import id_numbers_in
from tests.support.unseen import KINDS, kind_of
from tests.support.walking import ROLES, Walk, patterns, unreached
from zhicheng.web.clauses import CLAUSES

# The notice names all clauses, each at its own words.
NO_CLAUSE = frozenset({"notice/"})
# What is refused names the clause of its refusal, if that has one.
REFUSED = frozenset({"missing", "missing-inside", "not-permitted", "refused", "locked-out"})
# Nobody is locked out in tests; there is a picture of it.
NOT_ALWAYS = frozenset({"locked-out"})
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
        if page.route in NO_CLAUSE or page.answer in REFUSED:
            continue
        if not named & set(CLAUSES):
            silent.append(page.route)
    assert not silent, "name it in the page's page_purpose, or in web/purposes.py"


@pytest.mark.long
def test_titles_tell_pages_apart(walked: Walk) -> None:
    for page in walked.once():
        title = re.search(r"<title>(.*?)</title>", page.html, re.DOTALL)
        assert title and words(title[1]).split("·")[0].strip(), page.route
        assert page.html.count("<h1") == 1, page.route


@pytest.mark.long
def test_every_address_that_nobody_saw_is_no_page(walked: Walk) -> None:
    missed = unreached(walked)
    assert len(walked.once()) > 200
    assert not [route for route in missed if not kind_of(route)]
    # What was accounted for is there, so that nobody believes in an address of yesterday.
    assert set(KINDS) <= {route for route, _ in patterns()}


@pytest.mark.long
def test_whoever_went_through_a_door_or_sent_a_form_saw_a_page(walked: Walk) -> None:
    visitors = {page.account for page in walked.pages}
    through = {name for name in DOORS if name not in ("beginner", "confirmer")}
    assert through | set(BEYOND) | set(ROLES) <= visitors
    answered = {page.answer for page in walked.pages if page.answer}
    assert set(ANSWERS) - NOT_ALWAYS <= answered


@pytest.mark.long
def test_no_page_shows_an_id_number_that_nobody_asked_to_see(walked: Walk) -> None:
    shown = {page.route for page in walked.pages if id_numbers_in(words(page.html))}
    assert shown <= {"api/v1/"}  # the description's own example
