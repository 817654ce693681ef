"""Pages asked for in English show no Chinese of the product's own (issue 8, look).

Short: every address once. Long: as every role sees it.
"""

import json

import pytest

from tests.support.own_words import own_chinese
from tests.support.walking import ROLES, Walk, go_beyond, walk

# What is Chinese on purpose: the words of numbering patterns, headings of somebody's own file.
LEFT = (
    "api/v1/",  # the description's own examples and words of the interface
    "historic/ledgers/<int:pk>/",  # the headings of somebody's own file
    "historic/ledgers/<int:pk>/map/",
    "registers/<int:pk>/numbers/",
    "registers/numbering/",
    "registers/numbering/new/",
)


def chinese(walked: Walk) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for page in walked.pages:
        own = set(own_chinese(page.html))
        if own and page.route not in LEFT:
            found.setdefault(page.route, set()).update(own)
    return found


@pytest.mark.long
def test_pages_are_english_in_english(demo: None) -> None:
    seen = go_beyond(walk(("", "office.officer"), each=1, language="en"), "en")
    assert len(seen.once()) > 90
    found = chinese(seen)
    assert not found, json.dumps(found, ensure_ascii=False, default=sorted, indent=1)


@pytest.mark.long
def test_pages_are_english_for_every_role(demo: None) -> None:
    found = chinese(walk(ROLES, each=2, language="en"))
    assert not found, json.dumps(found, ensure_ascii=False, default=sorted, indent=1)
