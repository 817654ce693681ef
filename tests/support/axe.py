"""axe-core in a page of a browser test: what keeps people with a disability from using it.

``axe/axe.min.js`` is the file of npm's ``axe-core`` (MPL-2.0, see ``axe/README.md``), which tests
alone load.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
SOURCE = Path(__file__).parent / "axe" / "axe.min.js"
# WCAG 2.2 AA and axe's own best practices.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = frozenset({"serious", "critical"})
RUN = """async ([tags, within]) => {
  const found = await axe.run(within || document,
    {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.map(one => ({id: one.id, impact: one.impact, help: one.help,
    nodes: one.nodes.map(node => ({html: node.html, target: node.target.flat().join(" "),
      why: node.failureSummary}))}));
}"""


@cache
def _script() -> str:
    data = SOURCE.read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256, "not the axe.min.js that was taken in"
    return data.decode("utf-8")


def violations(page: Page, within: str = "") -> list[dict[str, Any]]:
    """Everything that axe finds on the page as it stands, or in one part of it."""
    # Evaluated, not added as an element: the pages' policy allows no script of ours in the page.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_script() + "\n;undefined")
    return list(page.evaluate(RUN, [TAGS, within]))


def findings(page: Page, within: str = "") -> list[str]:
    """The serious and critical ones, each as a line that says what and where: none is right."""
    return [
        f"{one['impact']} {one['id']} at {node['target']}: {node['why']} {node['html']}"
        for one in violations(page, within)
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
